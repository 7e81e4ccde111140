//! Geometries as text: `ST_AsText` and its siblings.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::SqlState;

use super::arguments::{Geometries, text};
use super::geometry::Geometry;
use super::{geojson, wkb, wkt};
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const GEOMETRY: &[Parameter] = &[Parameter::Geometry];
const WITH_PRECISION: &[Parameter] = &[Parameter::Geometry, Parameter::Integer];

pub(super) const ALL: &[Function] = &[
    Function {
        optional: 1,
        ..Function::new("st_astext", WITH_PRECISION, Returns::Text, |call| precise(call, wkt::write))
    },
    Function {
        optional: 1,
        ..Function::new("st_asewkt", WITH_PRECISION, Returns::Text, |call| precise(call, wkt::write_extended))
    },
    Function {
        optional: 1,
        ..Function::new("st_asgeojson", WITH_PRECISION, Returns::Text, |call| precise(call, geojson::write))
    },
    Function::new("st_asbinary", GEOMETRY, Returns::Text, |call| text(call, wkb::to_plain_hex)),
    Function::new("st_ashexwkb", GEOMETRY, Returns::Text, |call| text(call, wkb::to_plain_hex)),
    Function::new("st_asewkb", GEOMETRY, Returns::Text, |call| text(call, wkb::to_hex)),
    Function::new("st_ashexewkb", GEOMETRY, Returns::Text, |call| text(call, wkb::to_hex)),
    Function::new("geometrytype", GEOMETRY, Returns::Text, |call| {
        text(call, |geometry| {
            let measured = if geometry.dimensions.m && !geometry.dimensions.z { "M" } else { "" };
            format!("{}{measured}", geometry.shape.kind().name().to_ascii_uppercase())
        })
    }),
    Function::new("st_geometrytype", GEOMETRY, Returns::Text, |call| {
        text(call, |geometry| format!("ST_{}", geometry.shape.kind().name()))
    }),
];

fn precise(call: &Call<'_>, write: fn(&Geometry, usize) -> String) -> Result<ArrayRef> {
    let geometries = Geometries::new(call, 0)?;
    let precision = call.integer_or(1, wkt::DEFAULT_PRECISION as i64)?;
    call.build_text(|row| {
        let digits = match precision.at(row) {
            digits @ 1..=20 => digits as usize,
            digits => {
                let message = format!("precision must be between 1 and 20, not {digits}");
                return Err(sql_err(SqlState::InvalidParameterValue, message));
            }
        };
        Ok(Some(write(&geometries.at(row)?, digits)))
    })
}
