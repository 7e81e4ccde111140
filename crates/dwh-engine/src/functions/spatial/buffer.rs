//! ST_Buffer: all points within a distance, in the plane (the guide's page of that name): a circle around each point and a
//! rectangle along each segment, together. The crate `geo` puts them together on a grid; what comes out of it gets the
//! coordinates back that went in.

use std::f64::consts::{FRAC_PI_2, TAU};

use dwh_common::RedshiftType;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{
    BooleanOps, Coord, Distance, Euclidean, Line, LineString, MultiPolygon, Point, Polygon, unary_union,
};

use super::arguments::{Geometries, geometries};
use super::geometry::{Geometry, Kind, Position, Shape, must_be};
use super::overlay::{areas, polygons, together};
use crate::functions::function::{Function, Parameter, Returns};

/// The segments of a quarter of a circle, if the call does not say.
const QUARTER: i64 = 8;

pub(super) const ALL: &[Function] = &[Function {
    optional: 1,
    ..Function::new(
        "st_buffer",
        &[Parameter::Geometry, Parameter::Number, Parameter::Integer],
        Returns::Type(RedshiftType::Geometry),
        |call| {
            let (shapes, distances) = (Geometries::new(call, 0)?, call.double(1)?);
            let segments = call.integer_or(2, QUARTER)?;
            geometries(call, |row| {
                let geometry = shapes.at(row)?;
                if geometry.shape.kind() == Kind::GeometryCollection {
                    return Err(must_be(call.name(), "no geometry collection"));
                }
                Ok(Some(geometry.flat(buffered(&geometry, distances.at(row), segments.at(row)))))
            })
        },
    )
}];

fn buffered(geometry: &Geometry, distance: f64, segments: i64) -> Shape {
    let own = areas(geometry);
    let mut pieces = Vec::new();
    if distance > 0.0 || (distance < 0.0 && !own.0.is_empty()) {
        let quantum = FRAC_PI_2 / segments.max(1) as f64;
        geometry.shape.simple().into_iter().flat_map(lines).for_each(|line| {
            around(&line, distance.abs(), quantum, &mut pieces);
        });
    }
    let rings = own.0.iter().chain(&pieces);
    let covered = match distance {
        distance if distance > 0.0 => unary_union(rings.clone()),
        distance if distance < 0.0 && !own.0.is_empty() => own.difference(&unary_union(&pieces)),
        _ if distance == 0.0 => own.clone(),
        _ => MultiPolygon(Vec::new()),
    };
    let original = Original::of(rings.flat_map(rings_of));
    together(polygons(original.restored(covered)), Kind::Polygon)
}

fn lines(shape: &Shape) -> Vec<Vec<Coord<f64>>> {
    let line = |positions: &[Position]| {
        let mut line: Vec<Coord<f64>> = positions.iter().map(|at| Coord { x: at[0], y: at[1] }).collect();
        line.dedup();
        line
    };
    match shape {
        Shape::Polygon(rings) => rings.iter().map(|ring| line(ring)).collect(),
        shape => vec![line(&shape.positions())],
    }
}

fn rings_of(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

/// A circle at each point of a line, and a rectangle along each of its segments.
fn around(line: &[Coord<f64>], distance: f64, quantum: f64, pieces: &mut Vec<Polygon<f64>>) {
    let polygon = |ring: Vec<Coord<f64>>| Polygon::new(LineString(ring), Vec::new());
    let sides: Vec<Coord<f64>> = line.windows(2).map(|pair| aside(pair[0], pair[1], distance)).collect();
    for (index, at) in line.iter().enumerate() {
        let beside = &sides[index.saturating_sub(1)..(index + 1).min(sides.len())];
        pieces.push(polygon(circle(*at, distance, quantum, beside)));
    }
    for (pair, side) in line.windows(2).zip(&sides) {
        let (from, to, side) = (pair[0], pair[1], *side);
        pieces.push(polygon(vec![from + side, to + side, to - side, from - side]));
    }
}

/// From a segment to the line that runs at the distance to its left.
fn aside(from: Coord<f64>, to: Coord<f64>, distance: f64) -> Coord<f64> {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let length = x.hypot(y);
    Coord { x: -(distance * y / length), y: distance * x / length }
}

/// A circle, clockwise from the east. The sides of the rectangles that end at its centre touch it.
fn circle(centre: Coord<f64>, radius: f64, quantum: f64, sides: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let count = (TAU / quantum + 0.5).floor();
    // As Redshift counts: the sum of the steps, not their multiples.
    let mut angles: Vec<f64> = std::iter::successors(Some(0.0), |angle| Some(angle - TAU / count))
        .take_while(|angle| *angle > -TAU)
        .collect();
    for side in sides.iter().flat_map(|side| [*side, Coord { x: -side.x, y: -side.y }]) {
        let angle = side.y.atan2(side.x);
        let angle = if angle > 0.0 { angle - TAU } else { angle };
        if angles.iter().all(|known| (known - angle).abs() > 1e-9) {
            angles.push(angle);
        }
    }
    angles.sort_by(|one, other| other.total_cmp(one));
    let at = |angle: &f64| Coord { x: centre.x + radius * angle.cos(), y: centre.y + radius * angle.sin() };
    angles.iter().map(at).collect()
}

/// What went into a union: its points in the order of x, and its edges.
struct Original {
    points: Vec<Coord<f64>>,
    edges: Vec<Line<f64>>,
    /// What the grid may move a point by.
    tolerance: f64,
}

impl Original {
    fn of<'a>(rings: impl Iterator<Item = &'a LineString<f64>>) -> Self {
        let edges: Vec<Line<f64>> = rings.flat_map(LineString::lines).collect();
        let mut points: Vec<Coord<f64>> = edges.iter().map(|edge| edge.start).collect();
        points.sort_by(|one, other| one.x.total_cmp(&other.x));
        let extent = |of: fn(&Coord<f64>) -> f64| {
            let least = points.iter().map(of).fold(f64::INFINITY, f64::min);
            points.iter().map(of).fold(f64::NEG_INFINITY, f64::max) - least
        };
        let tolerance = extent(|at| at.x).max(extent(|at| at.y)) * 1e-8;
        Self { points, edges, tolerance }
    }

    fn restored(&self, polygons: MultiPolygon<f64>) -> MultiPolygon<f64> {
        let ring = |ring: &LineString<f64>| {
            let mut points: Vec<Coord<f64>> = ring.0.iter().map(|at| self.point(*at)).collect();
            points.dedup();
            LineString(points)
        };
        let polygon = |polygon: Polygon<f64>| {
            Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect())
        };
        MultiPolygon(polygons.0.into_iter().map(polygon).collect())
    }

    /// The point that went in, or where edges that went in cross.
    fn point(&self, at: Coord<f64>) -> Coord<f64> {
        let from = self.points.partition_point(|point| point.x < at.x - self.tolerance);
        let near = self.points[from..].iter().take_while(|point| point.x <= at.x + self.tolerance);
        self.nearest(at, near.copied()).or_else(|| self.nearest(at, self.crossings(at))).unwrap_or(at)
    }

    fn nearest(&self, at: Coord<f64>, points: impl Iterator<Item = Coord<f64>>) -> Option<Coord<f64>> {
        let distance = |point: &Coord<f64>| (point.x - at.x).hypot(point.y - at.y);
        points
            .filter(|point| distance(point) <= self.tolerance)
            .min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }

    fn crossings(&self, at: Coord<f64>) -> impl Iterator<Item = Coord<f64>> {
        let passes = |edge: &&Line<f64>| Euclidean.distance(&Point(at), *edge) <= self.tolerance;
        let edges: Vec<Line<f64>> = self.edges.iter().filter(passes).copied().collect();
        let mut crossings = Vec::new();
        for (index, one) in edges.iter().enumerate() {
            for other in &edges[..index] {
                if let Some(LineIntersection::SinglePoint { intersection, .. }) =
                    line_intersection(*one, *other)
                {
                    crossings.push(intersection);
                }
            }
        }
        crossings.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    /// The page's examples are in `slt/spatial`.
    #[test]
    fn areas_grow_and_shrink_and_lines_have_round_ends() {
        let area = |shape: &str, distance: &str| {
            format!("round(st_area(st_buffer(st_geomfromtext('{shape}'), {distance})), 3)")
        };
        let text = |shape: &str, distance: &str| {
            format!("st_astext(st_buffer(st_geomfromtext('{shape}'), {distance}))")
        };
        let square = "POLYGON((0 0,0 10,10 10,10 0,0 0))";
        let cases = [
            (text(square, "-1"), "POLYGON((1 1,1 9,9 9,9 1,1 1))"),
            (text(square, "0"), square),
            (text(square, "-5"), "POLYGON EMPTY"),
            (text("POINT(1 2)", "0"), "POLYGON EMPTY"),
            (text("LINESTRING(0 0,1 1)", "-1"), "POLYGON EMPTY"),
            (text("LINESTRING EMPTY", "1"), "POLYGON EMPTY"),
            (text("POINT(3 4)", "1, -3"), "POLYGON((2 4,3 5,4 4,3 3,2 4))"),
            // A quarter at each corner: 3.121 in all, as has the circle. Where sides touch it, it has more points.
            (area(square, "1"), "143.121"),
            (area("LINESTRING(0 0,3 4)", "1"), "13.122"),
            (area("MULTIPOINT((0 0),(10 0))", "1"), "6.243"),
            (area("POLYGON((0 0,0 10,10 10,10 0,0 0),(4 4,6 4,6 6,4 6,4 4))", "0.5"), "119.78"),
        ];
        let cases: Vec<(&str, &str)> = cases.iter().map(|(sql, value)| (sql.as_str(), *value)).collect();
        assert_values(&cases);
    }
}
