//! `ST_Intersection` and `ST_Union`: what two geometries share, and what either covers, in the plane. Areas are cut by the
//! crate `geo`; polygons run clockwise from their lexicographically smallest point, as on the guide's pages.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::RedshiftType;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{
    BooleanOps, Coord, Geometry as Planar, Intersects, Line, LineString, MultiLineString, MultiPolygon,
};

use super::arguments::{Geometries, geometries};
use super::geometry::{Geometry, Kind, Position, Shape, must_be};
use super::parts::signed_area;
use super::planar::{planar, positions};
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

const TWO: &[Parameter] = &[Parameter::Geometry; 2];
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);

pub(super) const ALL: &[Function] = &[
    Function::new("st_intersection", TWO, GEOMETRY, |call| overlay(call, intersection)),
    Function::new("st_union", TWO, GEOMETRY, |call| {
        overlay(call, |first, second| {
            for geometry in [first, second] {
                if matches!(geometry.shape.kind(), Kind::LineString | Kind::MultiLineString) {
                    return Err(must_be("st_union", "of points or polygons"));
                }
            }
            Ok(union(first, second))
        })
    }),
];

fn overlay(call: &Call<'_>, shape: impl Fn(&Geometry, &Geometry) -> Result<Shape>) -> Result<ArrayRef> {
    let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
    geometries(call, |row| {
        let (first, second) = (first.at(row)?, second.at(row)?);
        first.check_same_srid(&second)?;
        for geometry in [&first, &second] {
            if geometry.shape.kind() == Kind::GeometryCollection {
                return Err(must_be(call.name(), "no geometry collection"));
            }
            if geometry.dimensions.count() != 2 {
                return Err(must_be(call.name(), "in two dimensions"));
            }
        }
        shape(&first, &second).map(|shape| Some(first.with_shape(shape)))
    })
}

/// What a geometry consists of: its number is its dimension.
fn part(geometry: &Geometry) -> Kind {
    let kind = geometry.shape.kind();
    kind.member().unwrap_or(kind)
}

fn intersection(first: &Geometry, second: &Geometry) -> Result<Shape> {
    let (lesser, greater) =
        if part(first).number() <= part(second).number() { (first, second) } else { (second, first) };
    if first.is_empty() || second.is_empty() {
        return Ok(Shape::empty(part(lesser)));
    }
    let parts = match (part(lesser), part(greater)) {
        (Kind::Point, _) => points_in(lesser, greater),
        (Kind::LineString, Kind::LineString) => lines_on_lines(&segments(lesser), &segments(greater)),
        (Kind::LineString, _) => {
            let inside = lines(areas(greater).clip(&MultiLineString(strings(lesser)), false));
            or_touching(inside, lesser, greater)
        }
        _ => or_touching(polygons(areas(lesser).intersection(&areas(greater))), lesser, greater),
    };
    Ok(together(parts, part(lesser)))
}

/// Parts, or what the boundaries share if there is none.
fn or_touching(parts: Vec<Shape>, first: &Geometry, second: &Geometry) -> Vec<Shape> {
    if parts.is_empty() { lines_on_lines(&segments(first), &segments(second)) } else { parts }
}

fn union(first: &Geometry, second: &Geometry) -> Shape {
    if first.is_empty() || second.is_empty() {
        let greater = if part(first).number() < part(second).number() { second } else { first };
        return Shape::empty(part(greater));
    }
    let are = |kind: Kind| [first, second].into_iter().filter(move |geometry| part(geometry) == kind);
    let mut covered = MultiPolygon(Vec::new());
    for geometry in are(Kind::Polygon) {
        covered = covered.union(&areas(geometry));
    }
    let mut points: Vec<Position> = Vec::new();
    for position in are(Kind::Point).flat_map(|geometry| geometry.shape.positions()) {
        if !points.contains(&position) && !covered.intersects(&Coord { x: position[0], y: position[1] }) {
            points.push(position);
        }
    }
    let points = points.into_iter().map(|position| Shape::Point(Some(position)));
    together(points.chain(polygons(covered)).collect(), part(first))
}

/// Several parts as one shape; of none it is empty.
pub(super) fn together(mut parts: Vec<Shape>, none: Kind) -> Shape {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let Some(first) = parts.first() else { return Shape::empty(none) };
    let kind = first.kind();
    let alike = parts.iter().all(|part| part.kind() == kind);
    Shape::Many(if alike { kind.collection() } else { Kind::GeometryCollection }, parts)
}

fn points_in(points: &Geometry, other: &Geometry) -> Vec<Shape> {
    let other = planar(other);
    let mut shared: Vec<Position> = Vec::new();
    for position in points.shape.positions() {
        let at = Coord { x: position[0], y: position[1] };
        if !shared.contains(&position) && other.intersects(&Planar::Point(at.into())) {
            shared.push(position);
        }
    }
    shared.into_iter().map(|position| Shape::Point(Some(position))).collect()
}

/// What lines share: pieces of lines, and points that are on none of them.
fn lines_on_lines(first: &[Line<f64>], second: &[Line<f64>]) -> Vec<Shape> {
    let mut pieces: Vec<Line<f64>> = Vec::new();
    let mut points: Vec<Coord<f64>> = Vec::new();
    for one in first {
        for other in second {
            match line_intersection(*one, *other) {
                Some(LineIntersection::Collinear { intersection }) if !pieces.contains(&intersection) => {
                    pieces.push(intersection);
                }
                Some(LineIntersection::SinglePoint { intersection, .. })
                    if !points.contains(&intersection) =>
                {
                    points.push(intersection);
                }
                _ => {}
            }
        }
    }
    let mut strung: Vec<Vec<Coord<f64>>> = Vec::new();
    for piece in &pieces {
        match strung.last_mut() {
            Some(line) if line.last() == Some(&piece.start) => line.push(piece.end),
            _ => strung.push(vec![piece.start, piece.end]),
        }
    }
    points.retain(|point| !pieces.iter().any(|piece| piece.intersects(point)));
    let points = points.into_iter().map(|point| Shape::Point(Some([point.x, point.y, 0.0, 0.0])));
    let strung = strung.into_iter().map(|line| Shape::LineString(positions(&LineString(line))));
    points.chain(strung).collect()
}

/// The lines of a geometry; of areas those around them.
fn strings(geometry: &Geometry) -> Vec<LineString<f64>> {
    let line = |line: &[Position]| LineString(line.iter().map(|at| Coord { x: at[0], y: at[1] }).collect());
    let of = |shape: &Shape| match shape {
        Shape::LineString(positions) => vec![line(positions)],
        Shape::Polygon(rings) => rings.iter().map(|ring| line(ring)).collect(),
        _ => Vec::new(),
    };
    geometry.shape.simple().into_iter().flat_map(of).collect()
}

fn segments(geometry: &Geometry) -> Vec<Line<f64>> {
    strings(geometry).iter().flat_map(LineString::lines).collect()
}

pub(super) fn areas(geometry: &Geometry) -> MultiPolygon<f64> {
    match planar(geometry) {
        Planar::Polygon(polygon) => MultiPolygon(vec![polygon]),
        Planar::MultiPolygon(polygons) => polygons,
        _ => MultiPolygon(Vec::new()),
    }
}

fn lines(lines: MultiLineString<f64>) -> Vec<Shape> {
    lines.0.iter().map(|line| Shape::LineString(positions(line))).collect()
}

pub(super) fn polygons(polygons: MultiPolygon<f64>) -> Vec<Shape> {
    let mut shapes: Vec<Vec<Vec<Position>>> = polygons
        .0
        .iter()
        .map(|polygon| {
            let interiors = polygon.interiors().iter().map(|ring| turned(positions(ring), false));
            std::iter::once(turned(positions(polygon.exterior()), true)).chain(interiors).collect()
        })
        .collect();
    shapes.sort_by(|one, other| order(&one[0][0], &other[0][0]));
    shapes.into_iter().map(Shape::Polygon).collect()
}

fn order(one: &Position, other: &Position) -> std::cmp::Ordering {
    one[0].total_cmp(&other[0]).then(one[1].total_cmp(&other[1]))
}

/// A closed ring from its smallest point on, clockwise or against it.
fn turned(mut ring: Vec<Position>, clockwise: bool) -> Vec<Position> {
    if (signed_area(&ring) < 0.0) != clockwise {
        ring.reverse();
    }
    ring.pop();
    if let Some((smallest, _)) = ring.iter().enumerate().min_by(|(_, one), (_, other)| order(one, other)) {
        ring.rotate_left(smallest);
    }
    ring.extend(ring.first().copied());
    ring
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    fn assert_overlays(cases: &[(&str, &str, &str, &str)]) {
        let expressions: Vec<(String, &str)> = cases
            .iter()
            .map(|(function, first, second, expected)| {
                let text = |geometry: &str| format!("st_geomfromtext('{geometry}')");
                (format!("st_astext({function}({}, {}))", text(first), text(second)), *expected)
            })
            .collect();
        let expressions: Vec<(&str, &str)> =
            expressions.iter().map(|(expression, expected)| (expression.as_str(), *expected)).collect();
        assert_values(&expressions);
    }

    /// The guide's pages.
    #[test]
    fn areas_are_those_of_the_guide() {
        let large = "POLYGON((0 0,100 100,0 200,0 0))";
        let small = "POLYGON((0 0,10 0,0 10,0 0))";
        assert_overlays(&[
            ("st_intersection", large, small, "POLYGON((0 0,0 10,5 5,0 0))"),
            ("st_union", large, small, "POLYGON((0 0,0 200,100 100,5 5,10 0,0 0))"),
            ("st_intersection", "LINESTRING(0 100,0 0)", "POLYGON((1 0,10 0,1 10,1 0))", "LINESTRING EMPTY"),
        ]);
    }

    #[test]
    fn what_is_shared_may_be_of_fewer_dimensions() {
        let square = "POLYGON((0 0,0 2,2 2,2 0,0 0))";
        assert_overlays(&[
            ("st_intersection", "MULTIPOINT((1 1),(5 5),(1 1),(0 1))", square, "MULTIPOINT((1 1),(0 1))"),
            ("st_intersection", "LINESTRING(-1 1,3 1)", square, "LINESTRING(0 1,2 1)"),
            ("st_intersection", "LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)", "POINT(1 1)"),
            ("st_intersection", "LINESTRING(0 0,2 0)", "LINESTRING(1 0,3 0)", "LINESTRING(1 0,2 0)"),
            ("st_intersection", square, "POLYGON((2 0,2 2,4 2,4 0,2 0))", "LINESTRING(2 0,2 2)"),
            ("st_intersection", square, "POLYGON((2 2,2 4,4 4,4 2,2 2))", "POINT(2 2)"),
            ("st_intersection", square, "POLYGON((7 7,7 8,8 8,7 7))", "POLYGON EMPTY"),
            ("st_union", "POINT(1 1)", "MULTIPOINT((1 1),(2 2))", "MULTIPOINT((1 1),(2 2))"),
            ("st_union", "POINT(1 1)", square, "POLYGON((0 0,0 2,2 2,2 0,0 0))"),
            ("st_union", square, "POINT EMPTY", "POLYGON EMPTY"),
        ]);
        assert_values(&[(
            "st_union(st_geomfromtext('LINESTRING(0 0,1 1)'), st_geomfromtext('POINT(1 1)'))",
            "error: st_union: the geometry must be of points or polygons",
        )]);
    }
}
