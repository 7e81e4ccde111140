//! ROW_NUMBER, RANK, DENSE_RANK and NTILE as BIGINT; DataFusion counts them unsigned.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::functions_window::{ntile, rank, row_number};
use datafusion::logical_expr::function::{ExpressionArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::window_state::WindowAggState;
use datafusion::logical_expr::{
    LimitEffect, PartitionEvaluator, ReversedUDWF, Signature, WindowUDF, WindowUDFImpl,
};
use datafusion::physical_plan::PhysicalExpr;
use datafusion::scalar::ScalarValue;

/// The four functions.
pub(super) fn functions() -> Vec<WindowUDF> {
    [row_number::row_number_udwf(), rank::rank_udwf(), rank::dense_rank_udwf(), ntile::ntile_udwf()]
        .into_iter()
        .map(|inner| WindowUDF::from(BigintRank { inner }))
        .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct BigintRank {
    inner: Arc<WindowUDF>,
}

impl WindowUDFImpl for BigintRank {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn expressions(&self, args: ExpressionArgs<'_>) -> Vec<Arc<dyn PhysicalExpr>> {
        self.inner.expressions(args)
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let inner = self.inner.partition_evaluator_factory(args)?;
        Ok(Box::new(BigintEvaluator { inner }))
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Int64, false)))
    }

    fn sort_options(&self) -> Option<SortOptions> {
        self.inner.sort_options()
    }

    fn reverse_expr(&self) -> ReversedUDWF {
        // The inner function reversed would count unsigned again.
        ReversedUDWF::NotSupported
    }

    fn limit_effect(&self, args: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        self.inner.inner().limit_effect(args)
    }
}

#[derive(Debug)]
struct BigintEvaluator {
    inner: Box<dyn PartitionEvaluator>,
}

impl PartitionEvaluator for BigintEvaluator {
    fn memoize(&mut self, state: &mut WindowAggState) -> Result<()> {
        self.inner.memoize(state)
    }

    fn get_range(&self, idx: usize, n_rows: usize) -> Result<Range<usize>> {
        self.inner.get_range(idx, n_rows)
    }

    fn is_causal(&self) -> bool {
        self.inner.is_causal()
    }

    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        Ok(cast(&self.inner.evaluate_all(values, num_rows)?, &DataType::Int64)?)
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        self.inner.evaluate(values, range)?.cast_to(&DataType::Int64)
    }

    fn evaluate_all_with_rank(&self, num_rows: usize, ranks: &[Range<usize>]) -> Result<ArrayRef> {
        Ok(cast(&self.inner.evaluate_all_with_rank(num_rows, ranks)?, &DataType::Int64)?)
    }

    fn supports_bounded_execution(&self) -> bool {
        self.inner.supports_bounded_execution()
    }

    fn uses_window_frame(&self) -> bool {
        self.inner.uses_window_frame()
    }

    fn include_rank(&self) -> bool {
        self.inner.include_rank()
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn ranks_are_bigint() {
        let values: &[Option<&str>] = &[Some("10"), Some("20"), Some("20"), Some("30")];
        let session = TestSession::new().with_table("t", &[("n", RedshiftType::Integer, values)]);
        let rows = session.rows(
            "SELECT n, row_number() OVER (ORDER BY n), rank() OVER (ORDER BY n), dense_rank() OVER (ORDER BY n), \
             ntile(2) OVER (ORDER BY n), lag(n) OVER (ORDER BY n) FROM t ORDER BY 2",
        );
        assert_eq!(
            rows.expect("ranks"),
            ["10|1|1|1|1|NULL", "20|2|2|2|1|10", "20|3|2|2|2|20", "30|4|4|3|2|20"]
        );
        let types = session.rows(
            "SELECT DISTINCT arrow_typeof(r), arrow_typeof(k), arrow_typeof(c), arrow_typeof(f) FROM (SELECT row_number() OVER (ORDER BY n) AS r, \
             rank() OVER (ORDER BY n) AS k, count(*) OVER () AS c, first_value(n) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS f FROM t)",
        );
        assert_eq!(types.expect("types"), ["Int64|Int64|Int64|Int32"]);
        let first = session
            .rows("SELECT n FROM (SELECT n, row_number() OVER (ORDER BY n DESC) AS r FROM t) WHERE r = 1");
        assert_eq!(first.expect("first"), ["30"]);
    }
}
