//! `PERCENTILE_CONT`, `MEDIAN` and `PERCENTILE_DISC` (`APPROXIMATE` too, exactly), as aggregates and over windows.
//!
//! The AST rewrite makes them `__percentile_cont(x, p, direction)` and `__percentile_disc(x, p, direction)`, the
//! direction being `a` or `d`; MEDIAN is the percentile 0.5. A continuous percentile of integers is a NUMERIC with
//! as many digits behind the point as the percentile is written with, as the guide prints it (17.5 at 0.5, 1.75 at
//! 0.75); of NUMERIC, dates and timestamps it keeps the type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::{SortOptions, cast, sort};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, FieldRef, Float64Type, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_plan::expressions::Literal;
use datafusion::scalar::ScalarValue;
use dwh_common::{SqlError, SqlState};

use super::collect::Rows;
use crate::functions::error::{external, sql_err};
use crate::functions::function::undefined_function;

/// PERCENTILE_CONT and MEDIAN.
pub(super) fn continuous() -> AggregateUDF {
    AggregateUDF::from(Percentile::new("__percentile_cont", true))
}

/// PERCENTILE_DISC.
pub(super) fn discrete() -> AggregateUDF {
    AggregateUDF::from(Percentile::new("__percentile_disc", false))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Percentile {
    name: &'static str,
    continuous: bool,
    signature: Signature,
}

impl Percentile {
    fn new(name: &'static str, continuous: bool) -> Self {
        Self { name, continuous, signature: Signature::user_defined(Volatility::Immutable) }
    }

    /// The type that values are kept in, which is that of the result.
    fn kept_type(&self, value: &DataType, percentile: &DataType) -> Option<DataType> {
        Some(match value {
            DataType::Null => DataType::Float64,
            DataType::Float32 if self.continuous => DataType::Float64,
            value if value.is_integer() && self.continuous => {
                let places = match percentile {
                    DataType::Decimal128(_, places) => (*places).clamp(1, 18),
                    _ => 1,
                };
                DataType::Decimal128(19 + places.unsigned_abs(), places)
            }
            DataType::Date32 | DataType::Timestamp(_, _) | DataType::Decimal128(_, _) => value.clone(),
            value if value.is_integer() || value.is_floating() => value.clone(),
            _ => return None,
        })
    }
}

impl AggregateUDFImpl for Percentile {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let name = self.name.trim_start_matches('_');
        match types {
            [value, percentile, direction] if percentile.is_numeric() => {
                let kept = self.kept_type(value, percentile);
                let kept = kept.ok_or_else(|| undefined_function(name, std::slice::from_ref(value)))?;
                Ok(vec![kept, DataType::Float64, direction.clone()])
            }
            _ => Err(undefined_function(name, types.get(..2).unwrap_or(types))),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let kept = match types {
            [value, percentile, ..] => self.kept_type(value, percentile),
            _ => None,
        };
        Ok(kept.unwrap_or(DataType::Float64))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(Rows::state_fields(&args, std::iter::once(0)))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let constant = |index: usize| {
            args.exprs.get(index).and_then(|expr| expr.downcast_ref::<Literal>()).map(Literal::value)
        };
        let percentile = match constant(1).map(|value| value.cast_to(&DataType::Float64)).transpose()? {
            Some(ScalarValue::Float64(Some(percentile))) if (0.0..=1.0).contains(&percentile) => percentile,
            Some(_) => {
                return Err(sql_err(
                    SqlState::InvalidParameterValue,
                    "percentile value must be between 0 and 1",
                ));
            }
            None => {
                return Err(external(SqlError::unsupported("a percentile that is not constant")));
            }
        };
        let descending = constant(2).and_then(|word| word.try_as_str()).flatten() == Some("d");
        Ok(Box::new(PercentileAccumulator {
            rows: Rows::new(vec![(0, args.expr_fields[0].data_type().clone())]),
            percentile,
            descending,
            continuous: self.continuous,
        }))
    }
}

#[derive(Debug)]
struct PercentileAccumulator {
    rows: Rows,
    percentile: f64,
    descending: bool,
    continuous: bool,
}

impl PercentileAccumulator {
    fn of_sorted(&self, values: &ArrayRef) -> Result<ScalarValue> {
        let rows = values.len();
        if rows == 0 {
            return ScalarValue::try_from(values.data_type());
        }
        if !self.continuous {
            // The first value whose cumulative distribution reaches the percentile.
            let index = (self.percentile * rows as f64).ceil() as usize;
            return ScalarValue::try_from_array(values, index.clamp(1, rows) - 1);
        }
        let position = self.percentile * (rows - 1) as f64;
        let (low, high) = (position.floor() as usize, (position.ceil() as usize).min(rows - 1));
        between(values, low, high, position - position.floor())
    }
}

/// The value that lies `fraction` of the way from one row to another.
fn between(values: &ArrayRef, low: usize, high: usize, fraction: f64) -> Result<ScalarValue> {
    let part = |distance: f64| (distance * fraction).round();
    match values.data_type() {
        DataType::Float64 => {
            let values = values.as_primitive::<Float64Type>();
            let (low, high) = (values.value(low), values.value(high));
            Ok(ScalarValue::Float64(Some(low + (high - low) * fraction)))
        }
        DataType::Decimal128(precision, scale) => {
            let values = values.as_primitive::<Decimal128Type>();
            let (low, high) = (values.value(low), values.value(high));
            Ok(ScalarValue::Decimal128(Some(low + part((high - low) as f64) as i128), *precision, *scale))
        }
        DataType::Date32 => {
            let values = values.as_primitive::<Date32Type>();
            let (low, high) = (values.value(low), values.value(high));
            Ok(ScalarValue::Date32(Some(low + (f64::from(high - low) * fraction).trunc() as i32)))
        }
        stamps => {
            let micros = cast(values, &DataType::Int64)?;
            let micros = micros.as_primitive::<Int64Type>();
            let (low, high) = (micros.value(low), micros.value(high));
            let value: ArrayRef = Arc::new(Int64Array::from(vec![low + part((high - low) as f64) as i64]));
            ScalarValue::try_from_array(&cast(&value, stamps)?, 0)
        }
    }
}

impl Accumulator for PercentileAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.rows.update(values);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Some(values) = self.rows.arrays()?.pop() else {
            return Err(external(SqlError::internal("a percentile keeps its values")));
        };
        let options = SortOptions { descending: self.descending, nulls_first: false };
        let sorted = sort(&values, Some(options))?;
        self.of_sorted(&sorted.slice(0, sorted.len() - sorted.null_count()))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.rows.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.rows.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.rows.merge(states);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    fn sales() -> TestSession {
        TestSession::new().with_table(
            "sales",
            &[
                ("seller", RedshiftType::Integer, &[Some("1"), Some("1"), Some("2"), Some("2")]),
                ("qty", RedshiftType::SmallInt, &[Some("1"), Some("2"), Some("3"), None]),
                ("day", RedshiftType::Date, &[Some("2008-01-01"), Some("2008-01-03"), None, None]),
            ],
        )
    }

    #[test]
    fn continuous_percentiles_lie_between_the_values() {
        let rows = |sql| sales().rows(sql).expect(sql);
        assert_eq!(
            rows("SELECT median(qty), percentile_cont(0.25) WITHIN GROUP (ORDER BY qty DESC) FROM sales"),
            ["2.0|2.50"]
        );
        assert_eq!(rows("SELECT median(day) FROM sales"), ["2008-01-02"]);
        assert_eq!(
            rows("SELECT seller, median(qty), arrow_typeof(median(qty)) FROM sales GROUP BY 1 ORDER BY 1"),
            ["1|1.5|Decimal128(20, 1)", "2|3.0|Decimal128(20, 1)"]
        );
        assert_eq!(
            rows("SELECT DISTINCT seller, median(qty) OVER (PARTITION BY seller) FROM sales ORDER BY 1"),
            ["1|1.5", "2|3.0"]
        );
    }

    #[test]
    fn discrete_percentiles_are_values() {
        let sql = "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY qty) OVER (), \
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY qty DESC) OVER () FROM sales LIMIT 1";
        assert_eq!(sales().rows(sql).expect(sql), ["2|2"]);
        let error = sales().rows("SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY qty) FROM sales");
        assert_eq!(error.expect_err("no percentile").message, "percentile value must be between 0 and 1");
    }
}
