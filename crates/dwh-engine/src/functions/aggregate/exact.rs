//! Sums and averages of whole numbers, NUMERIC and intervals: a 128-bit sum and a count.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, DurationMicrosecondArray, Int64Array, IntervalYearMonthArray, cast::AsArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Decimal128Type, DurationMicrosecondType, Field, FieldRef, Int64Type, IntervalUnit,
    IntervalYearMonthType, TimeUnit,
};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Accumulator;
use datafusion::scalar::ScalarValue;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::cast::{Rule, check_precision, convert};
use crate::functions::error::sql_err;

/// What is summed up, and the result's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Whole numbers: a BIGINT.
    Integers,
    /// NUMERIC or text: a NUMERIC(38, scale).
    Numerics,
    /// INTERVAL YEAR TO MONTH.
    Months,
    /// INTERVAL DAY TO SECOND.
    Microseconds,
}

/// How values are summed up, and what becomes of the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Digits behind the point of values, sum and result.
    pub(super) scale: u8,
    pub(super) of: Of,
    /// Whether the sum is divided by the count.
    pub(super) average: bool,
}

impl Plan {
    /// How an argument of this type is summed up; `None` for floats.
    pub(super) fn of(argument: &DataType, average: bool) -> Option<Self> {
        match argument {
            t if t.is_integer() => Some(Self { scale: 0, of: Of::Integers, average }),
            DataType::Decimal128(_, scale) => {
                Some(Self { scale: (*scale).max(0) as u8, of: Of::Numerics, average })
            }
            DataType::Interval(IntervalUnit::YearMonth) => Some(Self { scale: 0, of: Of::Months, average }),
            DataType::Duration(TimeUnit::Microsecond) => {
                Some(Self { scale: 0, of: Of::Microseconds, average })
            }
            // SUPER has numbers of every scale: they are summed up as doubles.
            DataType::LargeUtf8 => None,
            // Text is NUMERIC(18,0), each row truncated (RS 4.1).
            t if t.is_string() => Some(Self { scale: 0, of: Of::Numerics, average }),
            _ => None,
        }
    }

    /// The type of sum and state.
    pub(super) fn sum_type(self) -> DataType {
        DataType::Decimal128(38, self.scale as i8)
    }

    /// The type of the result.
    pub(super) fn result_type(self) -> DataType {
        match self.of {
            Of::Integers => DataType::Int64,
            Of::Numerics => self.sum_type(),
            Of::Months => DataType::Interval(IntervalUnit::YearMonth),
            Of::Microseconds => DataType::Duration(TimeUnit::Microsecond),
        }
    }

    /// The values of an argument array in the sum's type.
    pub(super) fn values(self, array: &ArrayRef) -> Result<Decimal128Array> {
        match array.data_type() {
            DataType::Decimal128(_, _) => Ok(array.as_primitive::<Decimal128Type>().clone()),
            DataType::Interval(_) => Ok(array.as_primitive::<IntervalYearMonthType>().unary(i128::from)),
            DataType::Duration(_) => Ok(array.as_primitive::<DurationMicrosecondType>().unary(i128::from)),
            text if text.is_string() => {
                let numeric =
                    convert(array, RedshiftType::Decimal { precision: 18, scale: 0 }, Rule::Truncate)?;
                Ok(numeric.as_primitive::<Decimal128Type>().clone())
            }
            _ => Ok(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().unary(i128::from)),
        }
    }

    /// The unscaled result of a sum over `count` values; `None` over none.
    pub(super) fn finish(self, sum: i128, count: i64) -> Result<Option<i128>> {
        if count == 0 {
            return Ok(None);
        }
        // AVG is cut, of integers to the whole (RS 4.1) and of NUMERIC to its scale (guide: PIVOT and UNPIVOT
        // examples, where the average of 2.50, 3.75 and 1.90 is 2.71).
        let value = if self.average { sum / i128::from(count) } else { sum };
        let fits = match self.of {
            Of::Integers | Of::Microseconds => i64::try_from(value).is_ok(),
            Of::Months => i32::try_from(value).is_ok(),
            Of::Numerics => true,
        };
        if !fits {
            return Err(overflow());
        }
        check_precision(value, 38).map(Some)
    }

    /// Unscaled results as an array of the result's type.
    pub(super) fn results(self, values: Vec<Option<i128>>) -> Result<ArrayRef> {
        // `finish` has checked the range.
        let narrow = || values.iter().map(|value| value.map(|v| v as i64));
        Ok(match self.of {
            Of::Integers => Arc::new(narrow().collect::<Int64Array>()),
            Of::Numerics => Arc::new(Decimal128Array::from(values).with_data_type(self.sum_type())),
            Of::Months => {
                Arc::new(narrow().map(|value| value.map(|v| v as i32)).collect::<IntervalYearMonthArray>())
            }
            Of::Microseconds => Arc::new(narrow().collect::<DurationMicrosecondArray>()),
        })
    }
}

/// 22003 of a sum.
pub(super) fn overflow() -> DataFusionError {
    sql_err(SqlState::NumericValueOutOfRange, "Numeric data overflow (addition)")
}

/// One group's sum and count; also takes values back for sliding windows.
#[derive(Debug)]
pub(super) struct ExactAccumulator {
    plan: Plan,
    sum: i128,
    count: i64,
}

impl ExactAccumulator {
    pub(super) fn new(plan: Plan) -> Self {
        Self { plan, sum: 0, count: 0 }
    }

    fn add(&mut self, values: &Decimal128Array, sign: i128) -> Result<()> {
        for value in values.iter().flatten() {
            self.sum = self.sum.checked_add(sign * value).ok_or_else(overflow)?;
            self.count += sign as i64;
        }
        Ok(())
    }
}

impl Accumulator for ExactAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = self.plan.values(&values[0])?;
        self.add(&values, 1)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = self.plan.values(&values[0])?;
        self.add(&values, -1)
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let result = self.plan.finish(self.sum, self.count)?;
        ScalarValue::try_from_array(&self.plan.results(vec![result])?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        check_precision(self.sum, 38).map_err(|_| overflow())?;
        Ok(vec![
            ScalarValue::Decimal128(Some(self.sum), 38, self.plan.scale as i8),
            ScalarValue::Int64(Some(self.count)),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let sums = states[0].as_primitive::<Decimal128Type>();
        let counts = states[1].as_primitive::<Int64Type>();
        for (sum, count) in sums.iter().zip(counts) {
            self.sum = self.sum.checked_add(sum.unwrap_or(0)).ok_or_else(overflow)?;
            self.count += count.unwrap_or(0);
        }
        Ok(())
    }
}

/// As [`ExactAccumulator`], every value once.
#[derive(Debug)]
pub(super) struct DistinctAccumulator {
    plan: Plan,
    values: HashSet<i128>,
}

impl DistinctAccumulator {
    pub(super) fn new(plan: Plan) -> Self {
        Self { plan, values: HashSet::new() }
    }

    /// The state: all values in one list.
    pub(super) fn state_field(name: String, plan: Plan) -> FieldRef {
        Arc::new(Field::new_list(name, Field::new_list_field(plan.sum_type(), true), true))
    }
}

impl Accumulator for DistinctAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.values.extend(self.plan.values(&values[0])?.iter().flatten());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sum =
            self.values.iter().try_fold(0i128, |sum, value| sum.checked_add(*value)).ok_or_else(overflow)?;
        let result = self.plan.finish(sum, self.values.len() as i64)?;
        ScalarValue::try_from_array(&self.plan.results(vec![result])?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * size_of::<i128>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values = Decimal128Array::from_iter_values(self.values.iter().copied())
            .with_data_type(self.plan.sum_type());
        Ok(vec![SingleRowListArrayBuilder::new(Arc::new(values)).build_list_scalar()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for list in states[0].as_list::<i32>().iter().flatten() {
            self.values.extend(list.as_primitive::<Decimal128Type>().iter().flatten());
        }
        Ok(())
    }
}
