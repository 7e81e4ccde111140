//! `SUM` and `AVG` with Redshift's result types (RS 4.1): of integers BIGINT, of NUMERIC(p,s)
//! NUMERIC(38,s), of text NUMERIC(38,0), of intervals the interval. Floats are DataFusion's.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::{average::avg_udaf, sum::sum_udaf};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::exact::{DistinctAccumulator, ExactAccumulator, Plan};
use super::exact_groups::ExactGroupsAccumulator;
use crate::functions::function::undefined_function;

/// SUM.
pub(super) fn sum() -> AggregateUDF {
    AggregateUDF::from(SumOrAverage::new("sum", false, sum_udaf()))
}

/// AVG.
pub(super) fn avg() -> AggregateUDF {
    AggregateUDF::from(SumOrAverage::new("avg", true, avg_udaf()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SumOrAverage {
    name: &'static str,
    average: bool,
    /// DataFusion's function, for floats.
    of_floats: Arc<AggregateUDF>,
    signature: Signature,
}

impl SumOrAverage {
    fn new(name: &'static str, average: bool, of_floats: Arc<AggregateUDF>) -> Self {
        Self { name, average, of_floats, signature: Signature::user_defined(Volatility::Immutable) }
    }

    fn plan(&self, fields: &[FieldRef]) -> Option<Plan> {
        Plan::of(fields.first()?.data_type(), self.average)
    }
}

impl AggregateUDFImpl for SumOrAverage {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [argument] if Plan::of(argument, self.average).is_some() => Ok(types.to_vec()),
            [argument] if argument.is_floating() => Ok(vec![DataType::Float64]),
            // A typing rule converts SUPER; its type decides the result's before.
            [DataType::LargeUtf8] => Ok(types.to_vec()),
            [DataType::Null] => Ok(vec![DataType::Int64]),
            _ => Err(undefined_function(self.name, types)),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types
            .first()
            .and_then(|argument| Plan::of(argument, self.average))
            .map_or(DataType::Float64, Plan::result_type))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match self.plan(args.expr_fields) {
            Some(plan) if args.is_distinct => Box::new(DistinctAccumulator::new(plan)),
            Some(plan) => Box::new(ExactAccumulator::new(plan)),
            None => self.of_floats.accumulator(args)?,
        })
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match self.plan(args.expr_fields) {
            Some(_) => self.accumulator(args),
            None => self.of_floats.create_sliding_accumulator(args),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let Some(plan) = self.plan(args.input_fields) else { return self.of_floats.state_fields(args) };
        if args.is_distinct {
            return Ok(vec![DistinctAccumulator::state_field(format_state_name(args.name, "values"), plan)]);
        }
        Ok(vec![
            Arc::new(Field::new(format_state_name(args.name, "sum"), plan.sum_type(), true)),
            Arc::new(Field::new(format_state_name(args.name, "count"), DataType::Int64, true)),
        ])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        match self.plan(args.expr_fields) {
            Some(_) => !args.is_distinct,
            None => self.of_floats.groups_accumulator_supported(args),
        }
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        match self.plan(args.expr_fields) {
            Some(plan) => Ok(Box::new(ExactGroupsAccumulator::new(plan))),
            None => self.of_floats.create_groups_accumulator(args),
        }
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    fn sales() -> TestSession {
        let numeric = RedshiftType::Decimal { precision: 5, scale: 2 };
        TestSession::new().with_table(
            "sales",
            &[
                ("seller", RedshiftType::Integer, &[Some("1"), Some("1"), Some("2"), Some("3")]),
                ("qty", RedshiftType::Integer, &[Some("1"), Some("2"), Some("2"), None]),
                ("price", numeric, &[Some("1.25"), Some("1.26"), Some("3.00"), None]),
                ("ratio", RedshiftType::Double, &[Some("0.5"), Some("1.5"), Some("2"), None]),
                ("note", RedshiftType::Varchar(10), &[Some("1.9"), Some("2"), Some("3"), None]),
            ],
        )
    }

    #[test]
    fn integers_stay_whole_and_numeric_keeps_its_scale() {
        let rows = sales().rows("SELECT sum(qty), avg(qty), sum(price), avg(price), avg(ratio) FROM sales");
        assert_eq!(rows.expect("sums"), ["5|1|5.51|1.83|1.33333333333333"]);
        let types = sales().rows(
            "SELECT arrow_typeof(sum(qty)), arrow_typeof(avg(qty)), arrow_typeof(sum(price)), \
             arrow_typeof(avg(price)), arrow_typeof(sum(note)) FROM sales",
        );
        assert_eq!(
            types.expect("types"),
            ["Int64|Int64|Decimal128(38, 2)|Decimal128(38, 2)|Decimal128(38, 0)"]
        );
    }

    #[test]
    fn text_is_truncated_row_by_row() {
        assert_eq!(sales().rows("SELECT sum(note) FROM sales").expect("sum"), ["6"]);
    }

    #[test]
    fn groups_windows_and_distinct_agree() {
        let session = sales();
        let rows = |sql| session.rows(sql).expect(sql);
        assert_eq!(
            rows("SELECT seller, sum(price), avg(qty) FROM sales GROUP BY seller ORDER BY seller"),
            ["1|2.51|1", "2|3.00|2", "3|NULL|NULL"]
        );
        assert_eq!(rows("SELECT sum(DISTINCT qty), avg(DISTINCT price), sum(qty) FROM sales"), ["3|1.83|5"]);
        assert_eq!(
            rows(
                "SELECT sum(qty) OVER (ORDER BY price ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales ORDER BY price"
            ),
            ["1", "3", "4", "2"]
        );
    }

    #[test]
    fn a_sum_past_bigint_is_an_error() {
        let most = Some("9223372036854775807");
        let session = TestSession::new().with_table("t", &[("n", RedshiftType::BigInt, &[most, most])]);
        let error = session.rows("SELECT sum(n) FROM t").expect_err("an overflow");
        assert_eq!(
            (error.state.code(), error.message.as_str()),
            ("22003", "Numeric data overflow (addition)")
        );
        assert_eq!(session.rows("SELECT avg(n) FROM t").expect("avg"), ["9223372036854775807"]);
    }
}
