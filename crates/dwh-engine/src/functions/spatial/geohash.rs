//! `ST_GeoHash` and `ST_GeomFromGeoHash`: longitude and latitude by turns, each bit halving the box that the ones
//! before it have left.

use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{Geometries, geometries};
use super::geometry::{Dimensions, Geometry, Shape};
use super::input::rectangle;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
const DEFAULT_PRECISION: i64 = 20;
/// Digits that a hash may have; those behind the first 25 or so cannot tell doubles apart.
const MAX_PRECISION: i64 = 1_000;

pub(super) const ALL: &[Function] = &[
    Function {
        optional: 1,
        ..Function::new("st_geohash", &[Parameter::Geometry, Parameter::Integer], Returns::Text, |call| {
            let (points, precisions) = (Geometries::new(call, 0)?, call.integer_or(1, DEFAULT_PRECISION)?);
            call.build_text(|row| {
                let Some([longitude, latitude, ..]) = points.at(row)?.point(call.name())? else {
                    return Ok(None);
                };
                let digits = precisions.at(row).clamp(0, MAX_PRECISION) as usize;
                Ok(Some(hash(longitude, latitude, digits)))
            })
        })
    },
    Function {
        optional: 1,
        ..Function::new(
            "st_geomfromgeohash",
            &[Parameter::Text, Parameter::Integer],
            Returns::Type(RedshiftType::Geometry),
            |call| {
                let (hashes, precisions) = (call.text(0)?, call.integer_or(1, -1)?);
                geometries(call, |row| {
                    let hash = hashes.at(row);
                    let digits = usize::try_from(precisions.at(row)).unwrap_or(usize::MAX).min(hash.len());
                    cell(hash.as_bytes().get(..digits).unwrap_or_default()).map(Some)
                })
            },
        )
    },
];

/// A range of degrees that bits narrow.
#[derive(Clone, Copy)]
struct Range(f64, f64);

impl Range {
    const LONGITUDE: Self = Self(-180.0, 180.0);
    const LATITUDE: Self = Self(-90.0, 90.0);

    fn middle(self) -> f64 {
        f64::midpoint(self.0, self.1)
    }

    fn narrow(&mut self, upper: bool) {
        if upper {
            self.0 = self.middle();
        } else {
            self.1 = self.middle();
        }
    }
}

fn hash(longitude: f64, latitude: f64, digits: usize) -> String {
    let mut ranges = [(Range::LONGITUDE, longitude), (Range::LATITUDE, latitude)];
    let mut bits = (0..).map(|turn| {
        let (range, degrees) = &mut ranges[turn % 2];
        let upper = *degrees >= range.middle();
        range.narrow(upper);
        usize::from(upper)
    });
    let digit = |_| char::from(DIGITS[bits.by_ref().take(5).fold(0, |digit, bit| digit * 2 + bit)]);
    (0..digits).map(digit).collect()
}

/// The box of a hash: a polygon, or the point that it has shrunk to.
fn cell(hash: &[u8]) -> Result<Geometry> {
    let mut ranges = [Range::LONGITUDE, Range::LATITUDE];
    let mut turn = 0;
    for written in hash {
        let digit = DIGITS.iter().position(|digit| digit.eq_ignore_ascii_case(written));
        let digit = digit.ok_or_else(|| invalid(hash))?;
        for bit in (0..5).rev() {
            ranges[turn % 2].narrow(digit >> bit & 1 == 1);
            turn += 1;
        }
    }
    let [Range(west, east), Range(south, north)] = ranges;
    let shape = if west == east && south == north {
        Shape::Point(Some([west, south, 0.0, 0.0]))
    } else {
        rectangle([west, south], [east, north])
    };
    Ok(Geometry { srid: 0, dimensions: Dimensions::default(), shape })
}

fn invalid(hash: &[u8]) -> DataFusionError {
    let hash = String::from_utf8_lossy(hash);
    sql_err(SqlState::InvalidParameterValue, format!("invalid geohash: \"{hash}\""))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    /// The guide's pages.
    #[test]
    fn points_and_boxes_are_those_of_the_guide() {
        assert_values(&[
            ("st_geohash(st_geomfromtext('POINT(45 -45)'), 25)", "m000000000000000000000gzz"),
            ("st_geohash(st_geomfromtext('POINT EMPTY'), 10)", "NULL"),
            (
                "st_astext(st_geomfromgeohash('9qq'))",
                "POLYGON((-115.3125 35.15625,-115.3125 36.5625,-113.90625 36.5625,-113.90625 35.15625,\
                 -115.3125 35.15625))",
            ),
            (
                "st_astext(st_geomfromgeohash('9qqj7nmxncgyy4d0dbxqz0', 3)) = st_astext(st_geomfromgeohash('9qq'))",
                "t",
            ),
            (
                "st_astext(st_geomfromgeohash('9qqj7nmxncgyy4d0dbxqz0'))",
                "POLYGON((-115.172816 36.114646,-115.172816 36.114646,-115.172816 36.114646,\
                 -115.172816 36.114646,-115.172816 36.114646))",
            ),
            ("st_astext(st_geomfromgeohash('9qqj7nmxncgyy4d0dbxqz00'))", "POINT(-115.172816 36.114646)"),
            ("st_geomfromgeohash('a')", "error: invalid geohash: \"a\""),
        ]);
    }
}
