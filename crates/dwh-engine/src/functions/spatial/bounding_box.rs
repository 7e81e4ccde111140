//! `AddBBox`, `DropBBox` and `SupportsBBox`: every geometry may be kept with its bounding box, which dwh works out when
//! it needs it, but for those that `DropBBox` has marked. The mark is a bit of EWKB that no standard uses.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryViewBuilder};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::arguments::{Geometries, changed};
use super::wkb;
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

const ONE: &[Parameter] = &[Parameter::Geometry];
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);

pub(super) const ALL: &[Function] = &[
    Function::new("addbbox", ONE, GEOMETRY, |call| changed(call, |geometry| Ok(Some(geometry)))),
    Function::new("dropbbox", ONE, GEOMETRY, without_box),
    Function::new("supportsbbox", ONE, Returns::Type(RedshiftType::Boolean), |call| {
        let geometries = Geometries::new(call, 0)?;
        call.build_boolean(|row| {
            geometries.at(row)?;
            Ok(Some(!wkb::is_without_box(geometries.digits(row))))
        })
    }),
];

fn without_box(call: &Call<'_>) -> Result<ArrayRef> {
    let geometries = Geometries::new(call, 0)?;
    let mut builder = BinaryViewBuilder::new();
    for row in 0..call.rows() {
        if call.is_null_row(row) {
            builder.append_null();
        } else {
            builder.append_value(wkb::to_hex_without_box(&geometries.at(row)?));
        }
    }
    Ok(Arc::new(builder.finish()))
}
