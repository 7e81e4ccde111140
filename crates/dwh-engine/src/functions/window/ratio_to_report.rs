//! `RATIO_TO_REPORT(x) OVER (PARTITION BY …)`: a value's share of its partition's sum (RS 4.4).

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, cast::AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    PartitionEvaluator, Signature, TypeSignature, Volatility, WindowUDF, WindowUDFImpl,
};
use dwh_common::RedshiftType;

use crate::functions::cast::{Rule, convert};
use crate::functions::error::divide_by_zero;

/// RATIO_TO_REPORT.
pub(super) fn ratio_to_report() -> WindowUDF {
    let signature = Signature::new(TypeSignature::Any(1), Volatility::Immutable);
    WindowUDF::from(RatioToReport { signature })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RatioToReport {
    signature: Signature,
}

impl WindowUDFImpl for RatioToReport {
    fn name(&self) -> &str {
        "ratio_to_report"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(RatioEvaluator))
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Float64, true)))
    }
}

#[derive(Debug)]
struct RatioEvaluator;

impl PartitionEvaluator for RatioEvaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], _num_rows: usize) -> Result<ArrayRef> {
        let values = convert(&values[0], RedshiftType::Double, Rule::Cast)?;
        let values = values.as_primitive::<Float64Type>();
        let total: f64 = values.iter().flatten().sum();
        let share = |value: f64| if total == 0.0 { Err(divide_by_zero()) } else { Ok(value / total) };
        let shares: Float64Array =
            values.iter().map(|value| value.map(share).transpose()).collect::<Result<_>>()?;
        Ok(Arc::new(shares))
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn shares_add_up_in_each_partition() {
        let session = TestSession::new().with_table(
            "sales",
            &[
                ("seller", RedshiftType::Integer, &[Some("1"), Some("1"), Some("2"), Some("2")]),
                ("qty", RedshiftType::Integer, &[Some("1"), Some("3"), Some("5"), None]),
            ],
        );
        let rows = session.rows(
            "SELECT seller, qty, ratio_to_report(qty) OVER (PARTITION BY seller) FROM sales ORDER BY 1, 2",
        );
        assert_eq!(rows.expect("shares"), ["1|1|0.25", "1|3|0.75", "2|5|1", "2|NULL|NULL"]);
    }
}
