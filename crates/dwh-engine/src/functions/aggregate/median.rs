//! `MEDIAN(x)`: of integers a NUMERIC with one digit behind the point, as the guide prints it.

use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::median::median_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use crate::functions::function::undefined_function;

/// MEDIAN.
pub(super) fn median() -> AggregateUDF {
    AggregateUDF::from(Median { signature: Signature::user_defined(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Median {
    signature: Signature,
}

impl AggregateUDFImpl for Median {
    fn name(&self) -> &str {
        "median"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [value] if value.is_integer() => Ok(vec![DataType::Decimal128(20, 1)]),
            [DataType::Float32] => Ok(vec![DataType::Float64]),
            [value] if value.is_numeric() => Ok(types.to_vec()),
            _ => Err(undefined_function("median", types)),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        median_udaf().return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        median_udaf().state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        median_udaf().accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        median_udaf().groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        median_udaf().create_groups_accumulator(args)
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn the_median_of_integers_has_a_fraction() {
        let session = TestSession::new().with_table(
            "sales",
            &[
                ("seller", RedshiftType::Integer, &[Some("1"), Some("1"), Some("2"), Some("2")]),
                ("qty", RedshiftType::SmallInt, &[Some("1"), Some("2"), Some("3"), None]),
            ],
        );
        assert_eq!(session.rows("SELECT median(qty) FROM sales").expect("median"), ["2.0"]);
        assert_eq!(
            session.rows("SELECT seller, median(qty) FROM sales GROUP BY 1 ORDER BY 1").expect("medians"),
            ["1|1.5", "2|3.0"]
        );
    }
}
