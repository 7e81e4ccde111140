//! The type GEOMETRY and its functions (guide, "Spatial functions"): EWKB in hexadecimal, as it is printed. Shapes, texts
//! and measures are our own, relations and hulls those of the crate `geo`.

mod arguments;
mod bounding_box;
mod buffer;
mod collect;
mod edits;
mod geohash;
mod geojson;
mod geometry;
mod h3;
mod input;
mod measures;
mod mem_size;
mod output;
mod overlay;
mod parts;
mod planar;
mod reference_systems;
mod relations;
mod simplicity;
mod transform;
mod validity;
mod wkb;
mod wkt;

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryViewBuilder, StringViewArray, cast::AsArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::cast::{cannot_cast, to_text};
use super::datetime::style::TextStyle;
use super::function::Function;

pub(crate) use collect::collected;

/// The functions.
pub(super) fn functions() -> Vec<Function> {
    [
        input::ALL,
        output::ALL,
        parts::ALL,
        edits::ALL,
        collect::ALL,
        measures::ALL,
        relations::ALL,
        overlay::ALL,
        buffer::ALL,
        transform::ALL,
        mem_size::ALL,
        geohash::ALL,
        h3::ALL,
        bounding_box::ALL,
    ]
    .concat()
}

/// Geometries as they are printed and stored.
pub(crate) fn geometry_texts(array: &ArrayRef) -> StringViewArray {
    let digits = array.as_binary_view();
    digits.iter().map(|digits| digits.map(|digits| std::str::from_utf8(digits).unwrap_or_default())).collect()
}

/// Texts that geometries were printed as, checked.
pub(crate) fn to_geometry(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::BinaryView => Ok(Arc::clone(array)),
        DataType::Null | DataType::Utf8 | DataType::Utf8View => {
            let mut builder = BinaryViewBuilder::new();
            for text in &to_text(array, &TextStyle::default())? {
                match text {
                    Some(text) => builder.append_value(wkb::to_hex(&arguments::parse(text.as_bytes())?)),
                    None => builder.append_null(),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        from => Err(cannot_cast(from, RedshiftType::Geometry)),
    }
}
