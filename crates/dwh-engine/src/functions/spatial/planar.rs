//! Geometries as the crate `geo` has them, in two dimensions: relations, hulls and distances are its.

use geo::{
    Coord, Geometry as Planar, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};

use super::geometry::{Geometry, Kind, Position, Shape};

/// The projection to x and y.
pub(super) fn planar(geometry: &Geometry) -> Planar<f64> {
    of_shape(&geometry.shape)
}

fn of_shape(shape: &Shape) -> Planar<f64> {
    match shape {
        Shape::Point(Some(position)) => Planar::Point(Point(coordinate(position))),
        // `geo` has no empty point.
        Shape::Point(None) => Planar::MultiPoint(MultiPoint(Vec::new())),
        Shape::LineString(positions) => Planar::LineString(line(positions)),
        Shape::Polygon(rings) => Planar::Polygon(polygon(rings)),
        Shape::Many(kind, members) => {
            let simple = || members.iter();
            match kind {
                Kind::MultiPoint => Planar::MultiPoint(MultiPoint(
                    simple()
                        .flat_map(Shape::positions)
                        .map(|position| Point(coordinate(&position)))
                        .collect(),
                )),
                Kind::MultiLineString => Planar::MultiLineString(MultiLineString(
                    simple().map(|member| line(&member.positions())).collect(),
                )),
                Kind::MultiPolygon => Planar::MultiPolygon(MultiPolygon(
                    simple()
                        .filter_map(|member| match member {
                            Shape::Polygon(rings) => Some(polygon(rings)),
                            _ => None,
                        })
                        .collect(),
                )),
                _ => Planar::GeometryCollection(GeometryCollection(members.iter().map(of_shape).collect())),
            }
        }
    }
}

fn coordinate(position: &Position) -> Coord<f64> {
    Coord { x: position[0], y: position[1] }
}

fn line(positions: &[Position]) -> LineString<f64> {
    LineString(positions.iter().map(coordinate).collect())
}

fn polygon(rings: &[Vec<Position>]) -> Polygon<f64> {
    let mut rings = rings.iter().map(|ring| line(ring));
    Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect())
}

/// Positions of a line in the plane.
pub(super) fn positions(line: &LineString<f64>) -> Vec<Position> {
    line.0.iter().map(|point| [point.x, point.y, 0.0, 0.0]).collect()
}
