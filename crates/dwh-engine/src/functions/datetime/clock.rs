//! `GETDATE()`, `SYSDATE`, `NOW()`, `CURRENT_DATE`, `TIMEOFDAY()`: one moment for the whole statement
//! (RS 4.2).

use chrono::{DateTime, Utc};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;
use dwh_common::RedshiftType;

use super::calendar::{self, MICROS_PER_SECOND};
use crate::functions::error::external;

/// The functions of the clock.
pub(super) fn functions() -> Vec<ScalarUDF> {
    [
        // Whole seconds, as the guide prints it.
        ("getdate", RedshiftType::Timestamp, Reading::Seconds),
        ("sysdate", RedshiftType::Timestamp, Reading::Micros),
        ("now", RedshiftType::TimestampTz, Reading::Micros),
        ("current_timestamp", RedshiftType::TimestampTz, Reading::Micros),
        ("current_date", RedshiftType::Date, Reading::Day),
        ("timeofday", RedshiftType::MAX_VARCHAR, Reading::Words),
    ]
    .into_iter()
    .map(|(name, returns, reading)| {
        ScalarUDF::from(Clock { name, returns, reading, signature: Signature::nullary(Volatility::Stable) })
    })
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Reading {
    Seconds,
    Micros,
    Day,
    Words,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Clock {
    name: &'static str,
    returns: RedshiftType,
    reading: Reading,
    signature: Signature,
}

impl Clock {
    fn value(&self, now: DateTime<Utc>) -> Result<ScalarValue> {
        let micros = now.timestamp_micros();
        let stamp = |micros: i64| ScalarValue::TimestampMicrosecond(Some(micros), None);
        let value = match self.reading {
            Reading::Seconds => stamp(micros - micros.rem_euclid(MICROS_PER_SECOND)),
            Reading::Micros => stamp(micros),
            Reading::Day => ScalarValue::Date32(Some(calendar::days_of_micros(micros))),
            Reading::Words => {
                ScalarValue::Utf8View(Some(now.format("%a %b %d %H:%M:%S%.6f %Y UTC").to_string()))
            }
        };
        value.cast_to(&self.returns.arrow_type())
    }
}

impl ScalarUDFImpl for Clock {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[arrow::datatypes::DataType]) -> Result<arrow::datatypes::DataType> {
        Ok(self.returns.arrow_type())
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match info.query_execution_start_time() {
            Some(now) => ExprSimplifyResult::Simplified(lit(self.value(now)?)),
            None => ExprSimplifyResult::Original(args),
        })
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        // Planning replaces every call by the statement's own moment.
        let error: DataFusionError =
            external(dwh_common::SqlError::internal(format!("{}() was not planned", self.name)));
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn every_call_in_a_statement_sees_one_moment() {
        assert_values(&[
            ("sysdate() = sysdate()", "t"),
            ("getdate() = date_trunc('second', sysdate())", "t"),
            ("current_date() = trunc(sysdate())", "t"),
            ("arrow_typeof(getdate())", "Timestamp(µs)"),
            ("length(timeofday()) > 30", "t"),
        ]);
    }
}
