//! `STDDEV`, `STDDEV_SAMP` and `STDDEV_POP`: DataFusion's, and of DISTINCT values the root of its variance of them.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::stddev::{stddev_pop_udaf, stddev_udaf};
use datafusion::functions_aggregate::variance::{var_pop_udaf, var_samp_udaf};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature};
use datafusion::scalar::ScalarValue;

/// The deviations of a sample and of a population.
pub(super) fn functions() -> [AggregateUDF; 2] {
    [(stddev_udaf(), var_samp_udaf()), (stddev_pop_udaf(), var_pop_udaf())]
        .map(|(inner, variance)| AggregateUDF::from(Deviation { inner, variance }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Deviation {
    inner: Arc<AggregateUDF>,
    variance: Arc<AggregateUDF>,
}

impl Deviation {
    fn of(&self, is_distinct: bool) -> &AggregateUDF {
        if is_distinct { &self.variance } else { &self.inner }
    }
}

impl AggregateUDFImpl for Deviation {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.of(args.is_distinct).state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return Ok(Box::new(Root(self.variance.accumulator(args)?)));
        }
        self.inner.accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        self.inner.create_groups_accumulator(args)
    }
}

/// The square root of another accumulator's result.
#[derive(Debug)]
struct Root(Box<dyn Accumulator>);

impl Accumulator for Root {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(match self.0.evaluate()? {
            ScalarValue::Float64(square) => ScalarValue::Float64(square.map(f64::sqrt)),
            other => other,
        })
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn values_that_come_twice_count_once_if_distinct() {
        let values = &[Some("1"), Some("1"), Some("3"), None];
        let session = TestSession::new().with_table("t", &[("n", RedshiftType::Integer, values)]);
        let rows = session.rows(
            "SELECT stddev(DISTINCT n), stddev_samp(DISTINCT n), stddev_pop(DISTINCT n), variance(DISTINCT n), \
             var_pop(DISTINCT n), stddev_pop(n) FROM t",
        );
        let root_of_2 = "1.4142135623731";
        let expected = format!("{root_of_2}|{root_of_2}|1|2|1|0.942809041582063");
        assert_eq!(rows.expect("deviations"), [expected]);
    }
}
