//! `HLL_CARDINALITY(sketch)` and `HLL_COMBINE_SKETCHES(sketch, sketch)`.

use std::sync::Arc;

use arrow::array::{LargeBinaryBuilder, cast::AsArray};
use arrow::datatypes::Int64Type;
use dwh_common::RedshiftType;

use super::sketch_at;
use crate::functions::function::{Function, Parameter, Returns};

/// The estimated number of distinct values.
pub(super) const HLL_CARDINALITY: Function =
    Function::new("hll_cardinality", &[Parameter::Sketch], Returns::Type(RedshiftType::BigInt), |call| {
        let sketches = call.converted(0, RedshiftType::HllSketch)?;
        let sketches = sketches.as_binary::<i64>();
        call.build::<Int64Type>(|row| Ok(Some(sketch_at(sketches, row)?.cardinality())))
    });

/// The sketch of both sets together.
pub(super) const HLL_COMBINE_SKETCHES: Function = Function::new(
    "hll_combine_sketches",
    &[Parameter::Sketch, Parameter::Sketch],
    Returns::Type(RedshiftType::HllSketch),
    |call| {
        let arrays =
            [call.converted(0, RedshiftType::HllSketch)?, call.converted(1, RedshiftType::HllSketch)?];
        let [left, right] = [arrays[0].as_binary::<i64>(), arrays[1].as_binary::<i64>()];
        let mut builder = LargeBinaryBuilder::new();
        for row in 0..call.rows() {
            if call.is_null_row(row) {
                builder.append_null();
                continue;
            }
            let mut sketch = sketch_at(left, row)?;
            sketch.merge(&sketch_at(right, row)?);
            builder.append_value(sketch.to_text());
        }
        Ok(Arc::new(builder.finish()))
    },
);
