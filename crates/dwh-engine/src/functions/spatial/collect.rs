//! `ST_Collect` of two geometries, and of those of a column (`aggregate`): one kind makes a MULTI…, several a
//! GEOMETRYCOLLECTION.

use arrow::array::{ArrayRef, cast::AsArray};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::arguments::{Geometries, geometries, parse};
use super::geometry::{Geometry, Kind, Shape, must_be};
use super::wkb;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const ALL: &[Function] = &[Function {
    takes_null: true,
    ..Function::new("st_collect", &[Parameter::Geometry; 2], Returns::Type(RedshiftType::Geometry), |call| {
        let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
        geometries(call, |row| match (first.any_at(row)?, second.any_at(row)?) {
            (Some(first), Some(second)) => collect(&[first, second]),
            (one, other) => Ok(one.or(other)),
        })
    })
}];

/// The digits of the geometry of those that a column has, in their order; `None` if all are NULL.
pub(crate) fn collected(column: &ArrayRef) -> Result<Option<String>> {
    let digits = column.as_binary_view().iter().flatten();
    let members = digits.map(parse).collect::<Result<Vec<_>>>()?;
    Ok(collect(&members)?.map(|geometry| wkb::to_hex(&geometry)))
}

fn collect(members: &[Geometry]) -> Result<Option<Geometry>> {
    let Some(first) = members.first() else { return Ok(None) };
    for other in members {
        first.check_same_srid(other)?;
        if first.dimensions != other.dimensions {
            return Err(must_be("st_collect", "of the same dimensions as the other"));
        }
    }
    let kind = first.shape.kind();
    let same = members.iter().all(|member| member.shape.kind() == kind);
    let kind = if same { kind.collection() } else { Kind::GeometryCollection };
    let shapes = members.iter().map(|member| member.shape.clone()).collect();
    Ok(Some(first.with_shape(Shape::Many(kind, shapes))))
}
