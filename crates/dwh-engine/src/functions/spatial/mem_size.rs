//! ST_MemSize: the bytes of a geometry in memory (the guide's page of that name, which shows one size). They are counted as
//! PostGIS lays geometries out, which with a length in front of it gives that size; Redshift's may differ for others.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::arguments::number;
use super::geometry::{Geometry, Position, Shape};
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const ALL: &[Function] =
    &[Function::new("st_memsize", &[Parameter::Geometry], Returns::Type(RedshiftType::Integer), |call| {
        number::<Int32Type>(call, |geometry| Ok(i32::try_from(bytes(geometry)).ok()))
    })];

/// A length, and the size and the spatial reference system behind it.
const HEAD: usize = 4 + 8;
/// The kind of a shape, and how many parts it has.
const KIND_AND_COUNT: usize = 8;

fn bytes(geometry: &Geometry) -> usize {
    let coordinates = geometry.dimensions.count();
    let has_box = match &geometry.shape {
        Shape::Point(_) => false,
        Shape::LineString(line) => line.len() > 2,
        shape => !shape.is_empty(),
    };
    // Two single-precision numbers for each coordinate.
    let bounds = if has_box { 8 * coordinates } else { 0 };
    HEAD + bounds + of_shape(&geometry.shape, 8 * coordinates)
}

fn of_shape(shape: &Shape, position: usize) -> usize {
    let line = |line: &Vec<Position>| position * line.len();
    KIND_AND_COUNT
        + match shape {
            Shape::Point(at) => at.map_or(0, |_| position),
            Shape::LineString(positions) => line(positions),
            // The counts of the rings fill whole words.
            Shape::Polygon(rings) => {
                4 * rings.len().next_multiple_of(2) + rings.iter().map(line).sum::<usize>()
            }
            Shape::Many(_, members) => members.iter().map(|member| of_shape(member, position)).sum(),
        }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn the_size_is_that_of_the_guide() {
        assert_values(&[(
            "st_memsize(st_geomfromtext('GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),LINESTRING(20 10,20 0,10 0))'))",
            "172",
        )]);
    }

    /// Not Redshift's words: a length of 4 bytes, 8 in front, 8 of kind and count, and 16 of two coordinates.
    #[test]
    fn other_sizes_follow_the_layout_taken_for_granted() {
        assert_values(&[
            ("st_memsize(st_geomfromtext('POINT(1 2)'))", "36"),
            ("st_memsize(st_geomfromtext('POINT EMPTY'))", "20"),
        ]);
    }
}
