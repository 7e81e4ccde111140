//! Arguments and results of spatial functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryViewArray, BinaryViewBuilder, cast::AsArray};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::geometry::Geometry;
use super::wkb;
use crate::functions::args::Call;
use crate::functions::error::sql_err;

/// An argument that is a geometry, one a row.
pub(super) struct Geometries(BinaryViewArray);

impl Geometries {
    pub(super) fn new(call: &Call<'_>, index: usize) -> Result<Self> {
        Ok(Self(call.converted(index, RedshiftType::Geometry)?.as_binary_view().clone()))
    }

    /// The geometry at a row, which is not NULL.
    pub(super) fn at(&self, row: usize) -> Result<Geometry> {
        parse(self.0.value(row))
    }

    /// The digits of EWKB at a row.
    pub(super) fn digits(&self, row: usize) -> &[u8] {
        self.0.value(row)
    }

    /// The geometry at a row, if there is one.
    pub(super) fn any_at(&self, row: usize) -> Result<Option<Geometry>> {
        if self.0.is_null(row) { Ok(None) } else { self.at(row).map(Some) }
    }
}

/// The geometry that digits of EWKB stand for.
///
/// # Errors
/// 22P02.
pub(super) fn parse(digits: &[u8]) -> Result<Geometry> {
    let text = String::from_utf8_lossy(digits);
    wkb::of_hex(&text).ok_or_else(|| {
        sql_err(
            SqlState::InvalidTextRepresentation,
            format!("invalid input syntax for type geometry: \"{text}\""),
        )
    })
}

/// A result of geometries; `None` is NULL.
pub(super) fn geometries(
    call: &Call<'_>,
    mut value: impl FnMut(usize) -> Result<Option<Geometry>>,
) -> Result<ArrayRef> {
    let mut builder = BinaryViewBuilder::new();
    for row in 0..call.rows() {
        match if call.is_null_row(row) { None } else { value(row)? } {
            Some(geometry) => builder.append_value(wkb::to_hex(&geometry)),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A geometry of the first argument, which is a geometry.
pub(super) fn changed(
    call: &Call<'_>,
    value: impl Fn(Geometry) -> Result<Option<Geometry>>,
) -> Result<ArrayRef> {
    let first = Geometries::new(call, 0)?;
    geometries(call, |row| value(first.at(row)?))
}

/// A number of the first argument.
pub(super) fn number<T: arrow::datatypes::ArrowPrimitiveType>(
    call: &Call<'_>,
    value: impl Fn(&Geometry) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let first = Geometries::new(call, 0)?;
    call.build::<T>(|row| value(&first.at(row)?))
}

/// A text of the first argument.
pub(super) fn text(call: &Call<'_>, value: impl Fn(&Geometry) -> String) -> Result<ArrayRef> {
    let first = Geometries::new(call, 0)?;
    call.build_text(|row| Ok(Some(value(&first.at(row)?))))
}

/// Whether something is so of the first argument.
pub(super) fn truth(call: &Call<'_>, value: impl Fn(&Geometry) -> Result<bool>) -> Result<ArrayRef> {
    let first = Geometries::new(call, 0)?;
    call.build_boolean(|row| Ok(Some(value(&first.at(row)?)?)))
}
