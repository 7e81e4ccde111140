//! `ST_Collect(geometry) [WITHIN GROUP (ORDER BY …)]`: the geometries of a column in one.
//!
//! The AST rewrite makes it `__st_collect(geometry, options, key…)`, with the options of LISTAGG.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_plan::expressions::Literal;
use datafusion::scalar::ScalarValue;
use dwh_common::RedshiftType;

use super::collect::{Rows, SortedRows};
use crate::functions::function::undefined_function;
use crate::functions::spatial::collected;

/// Arguments before the keys: the geometry, the options.
const FIRST_KEY: usize = 2;

/// The aggregate ST_Collect.
pub(super) fn st_collect() -> AggregateUDF {
    AggregateUDF::from(StCollect { signature: Signature::user_defined(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct StCollect {
    signature: Signature,
}

impl AggregateUDFImpl for StCollect {
    fn name(&self) -> &str {
        "__st_collect"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [geometry, _, ..] if *geometry == RedshiftType::Geometry.planned_type() => Ok(types.to_vec()),
            _ => Err(undefined_function("st_collect", types.get(..1).unwrap_or(types))),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(RedshiftType::Geometry.planned_type())
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(Rows::state_fields(&args, kept(args.input_fields.len())))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let options = args.exprs.get(1).and_then(|expr| expr.downcast_ref::<Literal>()).map(Literal::value);
        let options = options.and_then(|options| options.try_as_str()).flatten().unwrap_or_default();
        let fields = args.expr_fields;
        let kept = kept(fields.len()).map(|index| (index, fields[index].data_type().clone()));
        Ok(Box::new(StCollectAccumulator(SortedRows::new(kept.collect(), options))))
    }
}

/// The geometry and the keys.
fn kept(arguments: usize) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(FIRST_KEY..arguments)
}

#[derive(Debug)]
struct StCollectAccumulator(SortedRows);

impl Accumulator for StCollectAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.rows.update(values);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::BinaryView(collected(&self.0.sorted()?)?.map(String::into_bytes)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.rows.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.rows.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.rows.merge(states);
        Ok(())
    }
}
