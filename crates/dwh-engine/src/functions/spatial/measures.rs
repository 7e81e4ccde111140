//! Lengths, areas, distances and angles, and the shapes that follow from them.

use std::f64::consts::TAU;

use arrow::array::ArrayRef;
use arrow::datatypes::Float64Type;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};
use geo::{Centroid, ConvexHull, Distance, Euclidean};

use super::arguments::{Geometries, changed, geometries, number};
use super::geometry::{Geometry, Kind, Position, Shape, must_be};
use super::input::rectangle;
use super::parts::signed_area;
use super::planar::{planar, positions};
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const ONE: &[Parameter] = &[Parameter::Geometry];
const TWO: &[Parameter] = &[Parameter::Geometry; 2];
const DOUBLE: Returns = Returns::Type(RedshiftType::Double);
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);
/// Mean radius of the ellipsoid of WGS 84, in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.771_415;

pub(super) const ALL: &[Function] = &[
    Function::new("st_area", ONE, DOUBLE, |call| sum(call, area)),
    Function {
        aliases: &["st_length2d"],
        ..Function::new("st_length", ONE, DOUBLE, |call| sum(call, length))
    },
    Function {
        aliases: &["st_perimeter2d"],
        ..Function::new("st_perimeter", ONE, DOUBLE, |call| sum(call, perimeter))
    },
    Function {
        optional: 1,
        ..Function::new("st_lengthsphere", &[Parameter::Geometry, Parameter::Number], DOUBLE, |call| {
            let (lines, radii) = (Geometries::new(call, 0)?, radius(call, 1)?);
            call.build::<Float64Type>(|row| {
                let lines = lines.at(row)?;
                let radius = radii(row)?;
                let of_line = |shape: &Shape| match shape {
                    Shape::LineString(line) => {
                        line.windows(2).map(|pair| great_circle(&pair[0], &pair[1])).sum()
                    }
                    _ => 0.0,
                };
                Ok(Some(radius * lines.shape.simple().into_iter().map(of_line).sum::<f64>()))
            })
        })
    },
    Function::new("st_distance", TWO, DOUBLE, |call| {
        both(call, |first, second| {
            let collection = |geometry: &Geometry| geometry.shape.kind() == Kind::GeometryCollection;
            if collection(first) || collection(second) {
                return Err(must_be("st_distance", "no geometry collection"));
            }
            let distance = || Euclidean.distance(&planar(first), &planar(second));
            Ok((!first.is_empty() && !second.is_empty()).then(distance))
        })
    }),
    Function {
        optional: 1,
        ..Function::new(
            "st_distancesphere",
            &[Parameter::Geometry, Parameter::Geometry, Parameter::Number],
            DOUBLE,
            |call| {
                let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
                let radii = radius(call, 2)?;
                call.build::<Float64Type>(|row| {
                    let (first, second) = (first.at(row)?, second.at(row)?);
                    first.check_same_srid(&second)?;
                    let points = first.point(call.name())?.zip(second.point(call.name())?);
                    let radius = radii(row)?;
                    Ok(points.map(|(first, second)| radius * great_circle(&first, &second)))
                })
            },
        )
    },
    Function::new(
        "st_dwithin",
        &[Parameter::Geometry, Parameter::Geometry, Parameter::Number],
        Returns::Type(RedshiftType::Boolean),
        |call| {
            let (first, second, most) =
                (Geometries::new(call, 0)?, Geometries::new(call, 1)?, call.double(2)?);
            call.build_boolean(|row| {
                let (first, second) = (first.at(row)?, second.at(row)?);
                first.check_same_srid(&second)?;
                if most.at(row) < 0.0 {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        "st_dwithin: the distance must not be negative",
                    ));
                }
                let is_near = || Euclidean.distance(&planar(&first), &planar(&second)) <= most.at(row);
                Ok(Some(!first.is_empty() && !second.is_empty() && is_near()))
            })
        },
    ),
    Function::new("st_azimuth", TWO, DOUBLE, |call| {
        both(call, |first, second| {
            let points = first.point("st_azimuth")?.zip(second.point("st_azimuth")?);
            let differ = points.filter(|(first, second)| first[..2] != second[..2]);
            Ok(differ.map(|(first, second)| bearing(&first, &second)))
        })
    }),
    Function {
        optional: 1,
        ..Function::new("st_angle", &[Parameter::Geometry; 4], DOUBLE, |call| {
            let points =
                (0..call.len()).map(|index| Geometries::new(call, index)).collect::<Result<Vec<_>>>()?;
            call.build::<Float64Type>(|row| {
                let points = points.iter().map(|points| points.at(row)).collect::<Result<Vec<_>>>()?;
                points.windows(2).try_for_each(|pair| pair[0].check_same_srid(&pair[1]))?;
                let position = |geometry: &Geometry| {
                    geometry
                        .point(call.name())?
                        .ok_or_else(|| must_be(call.name(), "a point that is not empty"))
                };
                let places = points.iter().map(position).collect::<Result<Vec<_>>>()?;
                let lines = match places[..] {
                    [first, second, third] => [(second, first), (second, third)],
                    [first, second, third, fourth] => [(first, second), (third, fourth)],
                    _ => return Ok(None),
                };
                if lines.iter().any(|(from, to)| from[..2] == to[..2]) {
                    return Ok(None);
                }
                let [from, to] = lines.map(|(from, to)| bearing(&from, &to));
                Ok(Some((to - from).rem_euclid(TAU)))
            })
        })
    },
    Function::new("st_envelope", ONE, GEOMETRY, |call| {
        changed(call, |geometry| {
            let all = geometry.shape.positions();
            let bound = |place: usize, choose: fn(f64, f64) -> f64| {
                all.iter().map(|position| position[place]).reduce(choose).unwrap_or_default()
            };
            let (low, high) =
                ([bound(0, f64::min), bound(1, f64::min)], [bound(0, f64::max), bound(1, f64::max)]);
            let corner = |[x, y]: [f64; 2]| [x, y, 0.0, 0.0];
            Ok(Some(match (all.is_empty(), low == high, low[0] == high[0] || low[1] == high[1]) {
                (true, ..) => geometry,
                (_, true, _) => geometry.flat(Shape::Point(Some(corner(low)))),
                (_, _, true) => geometry.flat(Shape::LineString(vec![corner(low), corner(high)])),
                _ => geometry.flat(rectangle(low, high)),
            }))
        })
    }),
    Function::new("st_centroid", ONE, GEOMETRY, |call| {
        changed(call, |geometry| {
            let center = planar(&geometry).centroid();
            Ok(center.map(|center| geometry.flat(Shape::Point(Some([center.x(), center.y(), 0.0, 0.0])))))
        })
    }),
    Function::new("st_convexhull", ONE, GEOMETRY, |call| {
        changed(call, |geometry| Ok(Some(convex_hull(geometry))))
    }),
    Function::new("st_boundary", ONE, GEOMETRY, |call| {
        changed(call, |geometry| {
            if geometry.shape.kind() == Kind::GeometryCollection {
                return Err(must_be("st_boundary", "no geometry collection"));
            }
            if geometry.is_empty() {
                return Ok(Some(geometry));
            }
            let boundary = boundary(&geometry.shape);
            Ok(Some(geometry.with_shape(boundary)))
        })
    }),
    Function::new("st_simplify", &[Parameter::Geometry, Parameter::Number], GEOMETRY, |call| {
        let (first, tolerances) = (Geometries::new(call, 0)?, call.double(1)?);
        geometries(call, |row| {
            let mut geometry = first.at(row)?;
            simplify(&mut geometry.shape, tolerances.at(row).max(0.0));
            Ok(Some(geometry))
        })
    }),
    Function::new("st_lineinterpolatepoint", &[Parameter::Geometry, Parameter::Number], GEOMETRY, |call| {
        let (lines, fractions) = (Geometries::new(call, 0)?, call.double(1)?);
        geometries(call, |row| {
            let line = lines.at(row)?;
            let fraction = fractions.at(row);
            if !(0.0..=1.0).contains(&fraction) {
                let message = format!("{}: the fraction must be between 0 and 1", call.name());
                return Err(sql_err(SqlState::InvalidParameterValue, message));
            }
            let point = interpolate(line.line(call.name())?, fraction);
            Ok(Some(line.with_shape(Shape::Point(point))))
        })
    }),
];

fn both(call: &Call<'_>, value: impl Fn(&Geometry, &Geometry) -> Result<Option<f64>>) -> Result<ArrayRef> {
    let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
    call.build::<Float64Type>(|row| {
        let (first, second) = (first.at(row)?, second.at(row)?);
        first.check_same_srid(&second)?;
        value(&first, &second)
    })
}

/// The sum over the parts of a geometry.
fn sum(call: &Call<'_>, of: fn(&Shape) -> f64) -> Result<ArrayRef> {
    number::<Float64Type>(call, |geometry| Ok(Some(geometry.shape.simple().into_iter().map(of).sum())))
}

fn area(shape: &Shape) -> f64 {
    let Shape::Polygon(rings) = shape else { return 0.0 };
    let mut areas = rings.iter().map(|ring| signed_area(ring).abs() / 2.0);
    areas.next().unwrap_or(0.0) - areas.sum::<f64>()
}

fn length(shape: &Shape) -> f64 {
    if let Shape::LineString(line) = shape { length_of(line) } else { 0.0 }
}

fn perimeter(shape: &Shape) -> f64 {
    if let Shape::Polygon(rings) = shape { rings.iter().map(|ring| length_of(ring)).sum() } else { 0.0 }
}

fn length_of(line: &[Position]) -> f64 {
    line.windows(2).map(|pair| between(&pair[0], &pair[1])).sum()
}

fn between(from: &Position, to: &Position) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}

/// The angle from north, clockwise.
fn bearing(from: &Position, to: &Position) -> f64 {
    (to[0] - from[0]).atan2(to[1] - from[1]).rem_euclid(TAU)
}

/// The radius that a call gives, else the earth's.
fn radius<'a>(call: &'a Call<'_>, index: usize) -> Result<impl Fn(usize) -> Result<f64> + 'a> {
    let given = if call.len() > index { Some(call.double(index)?) } else { None };
    Ok(move |row| match given.as_ref().map(|given| given.at(row)) {
        Some(radius) if radius < 0.0 => {
            Err(sql_err(SqlState::InvalidParameterValue, "the radius must not be negative"))
        }
        radius => Ok(radius.unwrap_or(EARTH_RADIUS_M)),
    })
}

/// The angle between two places on a sphere, by the haversine formula.
fn great_circle(from: &Position, to: &Position) -> f64 {
    let [from_x, from_y, to_x, to_y] = [from[0], from[1], to[0], to[1]].map(f64::to_radians);
    let half = |difference: f64| (difference / 2.0).sin().powi(2);
    let chord = half(to_y - from_y) + from_y.cos() * to_y.cos() * half(to_x - from_x);
    2.0 * chord.sqrt().min(1.0).asin()
}

/// A polygon runs clockwise from its lexicographically least point.
fn convex_hull(geometry: Geometry) -> Geometry {
    let mut points = geometry.shape.positions();
    points.sort_by(|one, other| one[0].total_cmp(&other[0]).then(one[1].total_cmp(&other[1])));
    points.dedup_by(|one, other| one[..2] == other[..2]);
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return geometry;
    };
    let flat = |position: Position| [position[0], position[1], 0.0, 0.0];
    let is_straight = points.iter().all(|point| {
        ((last[0] - first[0]) * (point[1] - first[1]) - (last[1] - first[1]) * (point[0] - first[0])).abs()
            <= f64::EPSILON * between(&first, &last)
    });
    match points.len() {
        1 => geometry.flat(Shape::Point(Some(flat(first)))),
        _ if is_straight => geometry.flat(Shape::LineString(vec![flat(first), flat(last)])),
        _ => {
            let mut ring = positions(planar(&geometry).convex_hull().exterior());
            ring.reverse();
            ring.pop();
            let least = ring.iter().position(|point| point[..2] == first[..2]).unwrap_or(0);
            ring.rotate_left(least);
            ring.extend(ring.first().copied());
            geometry.flat(Shape::Polygon(vec![ring]))
        }
    }
}

fn boundary(shape: &Shape) -> Shape {
    match shape {
        Shape::Polygon(rings) if rings.len() == 1 => Shape::LineString(rings[0].clone()),
        _ => {
            let simple = shape.simple();
            let rings = simple.iter().flat_map(|shape| match shape {
                Shape::Polygon(rings) => rings.as_slice(),
                _ => &[],
            });
            match shape.kind() {
                Kind::Polygon | Kind::MultiPolygon => {
                    let rings = rings.map(|ring| Shape::LineString(ring.clone()));
                    Shape::Many(Kind::MultiLineString, rings.collect())
                }
                Kind::LineString | Kind::MultiLineString => Shape::Many(
                    Kind::MultiPoint,
                    odd_ends(&simple).into_iter().map(|end| Shape::Point(Some(end))).collect(),
                ),
                _ => Shape::Many(Kind::GeometryCollection, Vec::new()),
            }
        }
    }
}

/// The ends that an odd number of lines share.
fn odd_ends(lines: &[&Shape]) -> Vec<Position> {
    let mut ends: Vec<(Position, usize)> = Vec::new();
    for line in lines {
        let positions = line.positions();
        for end in [positions.first(), positions.last()].into_iter().flatten() {
            match ends.iter_mut().find(|(known, _)| known[..2] == end[..2]) {
                Some((_, times)) => *times += 1,
                None => ends.push((*end, 1)),
            }
        }
    }
    ends.into_iter().filter(|(_, times)| times % 2 == 1).map(|(end, _)| end).collect()
}

/// The algorithm of Ramer, Douglas and Peucker, in the plane; other coordinates go with their points.
fn simplify(shape: &mut Shape, tolerance: f64) {
    match shape {
        Shape::Point(_) => {}
        Shape::LineString(line) => *line = simplified(line, tolerance),
        Shape::Polygon(rings) => {
            for ring in rings.iter_mut() {
                *ring = simplified(ring, tolerance);
            }
            if rings.first().is_some_and(|ring| ring.len() < 4) {
                rings.clear();
            }
            rings.retain(|ring| ring.len() > 3);
        }
        Shape::Many(_, members) => members.iter_mut().for_each(|member| simplify(member, tolerance)),
    }
}

fn simplified(line: &[Position], tolerance: f64) -> Vec<Position> {
    let mut kept = vec![false; line.len()];
    kept.first_mut().into_iter().for_each(|first| *first = true);
    kept.last_mut().into_iter().for_each(|last| *last = true);
    let mut parts = vec![(0, line.len().saturating_sub(1))];
    while let Some((from, to)) = parts.pop() {
        let inner = (from + 1..to).map(|at| (at, from_segment(&line[at], &line[from], &line[to])));
        let farthest = inner.max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((at, distance)) = farthest
            && distance > tolerance
        {
            kept[at] = true;
            parts.extend([(from, at), (at, to)]);
        }
    }
    line.iter().zip(kept).filter(|(_, kept)| *kept).map(|(position, _)| *position).collect()
}

fn from_segment(point: &Position, from: &Position, to: &Position) -> f64 {
    let squared = between(from, to).powi(2);
    if squared == 0.0 {
        return between(point, from);
    }
    let along = (point[0] - from[0]) * (to[0] - from[0]) + (point[1] - from[1]) * (to[1] - from[1]);
    between(point, &mixed(from, to, (along / squared).clamp(0.0, 1.0)))
}

/// The place at a fraction of the way.
fn mixed(from: &Position, to: &Position, fraction: f64) -> Position {
    std::array::from_fn(|place| from[place] + (to[place] - from[place]) * fraction)
}

fn interpolate(line: &[Position], fraction: f64) -> Option<Position> {
    let mut left = length_of(line) * fraction;
    for pair in line.windows(2) {
        let length = between(&pair[0], &pair[1]);
        if left <= length && length > 0.0 {
            return Some(mixed(&pair[0], &pair[1], left / length));
        }
        left -= length;
    }
    line.last().copied()
}
