//! `HLL(x)`, `HLL_CREATE_SKETCH(x)` and `HLL_COMBINE(sketch)`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, cast::AsArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use dwh_common::RedshiftType;

use super::sketch::Sketch;
use super::sketch_at;
use crate::functions::cast::to_text;
use crate::functions::datetime::style::TextStyle;
use crate::functions::function::undefined_function;

/// HLL.
pub(super) fn hll() -> AggregateUDF {
    AggregateUDF::from(OfSketch::new("hll", Takes::Values, Gives::Cardinality))
}

/// HLL_CREATE_SKETCH.
pub(super) fn hll_create_sketch() -> AggregateUDF {
    AggregateUDF::from(OfSketch::new("hll_create_sketch", Takes::Values, Gives::Sketch))
}

/// HLL_COMBINE.
pub(super) fn hll_combine() -> AggregateUDF {
    AggregateUDF::from(OfSketch::new("hll_combine", Takes::Sketches, Gives::Sketch))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Takes {
    Values,
    Sketches,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Gives {
    Cardinality,
    Sketch,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfSketch {
    name: &'static str,
    takes: Takes,
    gives: Gives,
    signature: Signature,
}

impl OfSketch {
    fn new(name: &'static str, takes: Takes, gives: Gives) -> Self {
        Self { name, takes, gives, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for OfSketch {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match (self.takes, types) {
            (Takes::Values, [value]) if *value != DataType::LargeBinary => Ok(types.to_vec()),
            (Takes::Sketches, [DataType::LargeBinary | DataType::Null]) => Ok(types.to_vec()),
            _ => Err(undefined_function(self.name, types)),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.gives {
            Gives::Cardinality => DataType::Int64,
            Gives::Sketch => RedshiftType::HllSketch.planned_type(),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format_state_name(args.name, "sketch");
        Ok(vec![Arc::new(Field::new(name, RedshiftType::HllSketch.planned_type(), true))])
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(SketchAccumulator { takes: self.takes, gives: self.gives, sketch: Sketch::default() }))
    }
}

#[derive(Debug)]
struct SketchAccumulator {
    takes: Takes,
    gives: Gives,
    sketch: Sketch,
}

impl SketchAccumulator {
    fn merge(&mut self, sketches: &ArrayRef) -> Result<()> {
        if *sketches.data_type() == DataType::Null {
            return Ok(());
        }
        let sketches = sketches.as_binary::<i64>();
        for row in (0..sketches.len()).filter(|row| sketches.is_valid(*row)) {
            self.sketch.merge(&sketch_at(sketches, row)?);
        }
        Ok(())
    }

    fn text(&self) -> ScalarValue {
        ScalarValue::LargeBinary(Some(self.sketch.to_text().into_bytes()))
    }
}

impl Accumulator for SketchAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(values) = values.first() else { return Ok(()) };
        if self.takes == Takes::Sketches {
            return self.merge(values);
        }
        if let DataType::Boolean = values.data_type() {
            let truths: &BooleanArray = values.as_boolean();
            for value in truths.iter().flatten() {
                self.sketch.insert(farmhash::fingerprint64(&[u8::from(value)]));
            }
            return Ok(());
        }
        // Equal values have equal texts, blanks at their end aside.
        for text in to_text(values, &TextStyle::default())?.iter().flatten() {
            self.sketch.insert(farmhash::fingerprint64(text.trim_end_matches(' ').as_bytes()));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(match self.gives {
            Gives::Cardinality => ScalarValue::Int64(Some(self.sketch.cardinality())),
            Gives::Sketch => self.text(),
        })
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.text()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        states.first().map_or(Ok(()), |sketches| self.merge(sketches))
    }
}
