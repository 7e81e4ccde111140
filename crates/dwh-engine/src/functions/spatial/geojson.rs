//! GeoJSON (RFC 7946).

use serde_json::{Value, json};

use super::geometry::{Dimensions, Geometry, Kind, Position, Shape};
use super::wkt::significant;

/// How deep collections may be in one another.
const MAX_DEPTH: usize = 15;

/// Coordinates with so many significant digits; a measure is left out.
pub(super) fn write(geometry: &Geometry, precision: usize) -> String {
    shape_text(&geometry.shape, geometry.dimensions.z, precision)
}

fn shape_text(shape: &Shape, z: bool, precision: usize) -> String {
    let name = shape.kind().name();
    if let Shape::Many(Kind::GeometryCollection, members) = shape {
        let members: Vec<String> = members.iter().map(|member| shape_text(member, z, precision)).collect();
        return format!("{{\"type\":\"{name}\",\"geometries\":[{}]}}", members.join(","));
    }
    format!("{{\"type\":\"{name}\",\"coordinates\":{}}}", coordinates(shape, z, precision))
}

fn coordinates(shape: &Shape, z: bool, precision: usize) -> String {
    let position = |position: &Position| {
        let numbers: Vec<String> =
            position[..if z { 3 } else { 2 }].iter().map(|number| significant(*number, precision)).collect();
        format!("[{}]", numbers.join(","))
    };
    let line = |line: &[Position]| format!("[{}]", line.iter().map(position).collect::<Vec<_>>().join(","));
    match shape {
        Shape::Point(point) => point.as_ref().map_or_else(|| "[]".to_owned(), position),
        Shape::LineString(positions) => line(positions),
        Shape::Polygon(rings) => {
            format!("[{}]", rings.iter().map(|ring| line(ring)).collect::<Vec<_>>().join(","))
        }
        Shape::Many(_, members) => {
            let members: Vec<String> =
                members.iter().map(|member| coordinates(member, z, precision)).collect();
            format!("[{}]", members.join(","))
        }
    }
}

/// A geometry from GeoJSON. A position of more than two numbers makes all of it have a height, 0 where there
/// is none. Its SRID is 4326.
pub(super) fn read(text: &str) -> Option<Geometry> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mut dimensions = Dimensions::default();
    let shape = shape(&value, &mut dimensions, 0)?;
    Some(Geometry { srid: 4326, dimensions, shape })
}

fn shape(value: &Value, dimensions: &mut Dimensions, depth: usize) -> Option<Shape> {
    let name = value.get("type")?.as_str()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
    if kind == Kind::GeometryCollection {
        let members = value.get("geometries")?.as_array()?;
        if depth == MAX_DEPTH {
            return None;
        }
        let members = members.iter().map(|member| shape(member, dimensions, depth + 1));
        return Some(Shape::Many(kind, members.collect::<Option<_>>()?));
    }
    of_coordinates(kind, value.get("coordinates").unwrap_or(&json!([])), dimensions)
}

fn of_coordinates(kind: Kind, value: &Value, dimensions: &mut Dimensions) -> Option<Shape> {
    let items = value.as_array()?;
    Some(match kind {
        Kind::Point if items.is_empty() => Shape::Point(None),
        Kind::Point => Shape::Point(Some(position(value, dimensions)?)),
        Kind::LineString => Shape::LineString(line(value, dimensions)?),
        Kind::Polygon => {
            Shape::Polygon(items.iter().map(|ring| line(ring, dimensions)).collect::<Option<_>>()?)
        }
        many => {
            let member = many.member()?;
            let members = items.iter().map(|item| of_coordinates(member, item, dimensions));
            Shape::Many(many, members.collect::<Option<_>>()?)
        }
    })
}

fn line(value: &Value, dimensions: &mut Dimensions) -> Option<Vec<Position>> {
    value.as_array()?.iter().map(|item| position(item, dimensions)).collect()
}

/// The first three numbers of a position.
fn position(value: &Value, dimensions: &mut Dimensions) -> Option<Position> {
    let numbers = value.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>()?;
    if numbers.len() < 2 {
        return None;
    }
    dimensions.z |= numbers.len() > 2;
    let mut position = [0.0; 4];
    position.iter_mut().zip(numbers).take(3).for_each(|(place, number)| *place = number);
    Some(position)
}
