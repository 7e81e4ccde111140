//! Relations of two geometries, by the dimensionally extended nine-intersection model, in the plane.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::RedshiftType;
use geo::relate::{IntersectionMatrix, Relate};

use super::arguments::{Geometries, truth};
use super::geometry::{Geometry, Kind, must_be};
use super::planar::planar;
use super::validity::is_valid;
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

const TWO: &[Parameter] = &[Parameter::Geometry; 2];
const BOOLEAN: Returns = Returns::Type(RedshiftType::Boolean);

pub(super) const ALL: &[Function] = &[
    Function::new("st_equals", TWO, BOOLEAN, |call| {
        related(call, |first, second| {
            let empty = first.is_empty() && second.is_empty();
            Ok(empty || matrix(first, second).is_equal_topo())
        })
    }),
    Function::new("st_disjoint", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_disjoint())),
    Function::new("st_intersects", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_intersects())),
    Function::new("st_touches", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_touches())),
    Function::new("st_crosses", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_crosses())),
    Function::new("st_within", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_within())),
    Function::new("st_contains", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_contains())),
    Function::new("st_covers", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_covers())),
    Function::new("st_coveredby", TWO, BOOLEAN, |call| relation(call, |matrix| matrix.is_coveredby())),
    Function::new("st_containsproperly", TWO, BOOLEAN, |call| {
        relation(call, |matrix| matrix.matches("T**FF*FF*").unwrap_or(false))
    }),
    Function::new("st_isvalid", &[Parameter::Geometry], BOOLEAN, |call| {
        truth(call, |geometry| Ok(is_valid(geometry)))
    }),
];

fn matrix(first: &Geometry, second: &Geometry) -> IntersectionMatrix {
    planar(first).relate(&planar(second))
}

/// What the matrix of two geometries says; nothing is so of an empty one but that it is disjoint.
fn relation(call: &Call<'_>, holds: fn(&IntersectionMatrix) -> bool) -> Result<ArrayRef> {
    let of_empty = call.name() == "st_disjoint";
    related(call, |first, second| {
        if first.is_empty() || second.is_empty() {
            return Ok(of_empty);
        }
        Ok(holds(&matrix(first, second)))
    })
}

fn related(call: &Call<'_>, value: impl Fn(&Geometry, &Geometry) -> Result<bool>) -> Result<ArrayRef> {
    let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
    call.build_boolean(|row| {
        let (first, second) = (first.at(row)?, second.at(row)?);
        first.check_same_srid(&second)?;
        if [&first, &second].iter().any(|geometry| geometry.shape.kind() == Kind::GeometryCollection) {
            return Err(must_be(call.name(), "no geometry collection"));
        }
        Ok(Some(value(&first, &second)?))
    })
}
