//! `casts`: CAST by Redshift's rules where DataFusion's means something else (RS 3.3, RS 4.1):
//! VARCHAR(n) cuts at n bytes, `'12.7'::int` fails, floats round, dates are read leniently.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;
use dwh_common::RedshiftType;

use super::integer_literals::narrow;
use super::rewrite::rewrite_expressions;
use crate::functions::cast::{cast_to, try_cast_to};

/// Replaces casts by checked conversions.
#[derive(Debug)]
pub(super) struct Casts;

impl AnalyzerRule for Casts {
    fn name(&self) -> &str {
        "redshift_casts"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_expressions(plan, &replace)
    }
}

fn replace(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let (inner, field, conversion): (_, _, fn(Expr, RedshiftType) -> Expr) = match expr {
        Expr::Cast(Cast { expr, field }) => (expr, field, cast_to),
        Expr::TryCast(TryCast { expr, field }) => (expr, field, try_cast_to),
        other => return Ok(Transformed::no(other)),
    };
    let from = inner.get_type(schema)?;
    match RedshiftType::of_field(&field) {
        Some(to) if !is_arrows(&from, &field, to) => Ok(Transformed::yes(conversion(narrow(*inner), to))),
        _ => Ok(Transformed::no(Expr::Cast(Cast { expr: inner, field }))),
    }
}

/// Whether Arrow's cast means the same. Those stay casts, for the optimizer sees through them.
fn is_arrows(from: &DataType, field: &arrow::datatypes::Field, to: RedshiftType) -> bool {
    if *from == DataType::Null {
        return true;
    }
    match to {
        // Text without a length is DataFusion's own cast between text types.
        RedshiftType::Char(_) | RedshiftType::Varchar(_) => {
            field.metadata().is_empty() && matches!(from, DataType::Utf8 | DataType::Utf8View)
        }
        RedshiftType::SmallInt => matches!(from, DataType::Int16),
        RedshiftType::Integer => matches!(from, DataType::Int16 | DataType::Int32),
        RedshiftType::BigInt => matches!(from, DataType::Int16 | DataType::Int32 | DataType::Int64),
        RedshiftType::Double => from.is_integer() || from.is_floating(),
        // Between TIMESTAMPTZ and the others the session's zone decides.
        RedshiftType::Date | RedshiftType::Timestamp => {
            matches!(from, DataType::Date32 | DataType::Timestamp(_, None))
        }
        // The least unit may differ.
        RedshiftType::Interval(_) => false,
        _ => *from == to.planned_type(),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn casts_follow_rs_4_1() {
        assert_values(&[
            ("'12.7'::int", "error: Invalid digit, Value '.', Pos 2, Type: Integer"),
            ("CAST(1.5 AS NUMERIC(18,0))", "2"),
            ("CAST(1.5 AS NUMERIC)", "2"),
            ("CAST(2.5::float8 AS INT)", "2"),
            ("CAST('2018-11-01T20:57:10.796Z' AS TIMESTAMP)", "2018-11-01 20:57:10.796"),
            ("'05/08/2026'::date", "2026-05-08"),
            ("CAST('abcdef' AS VARCHAR(3))", "abc"),
            ("CAST('é' AS VARCHAR(1))", ""),
            ("len(CAST(repeat('x', 300) AS VARCHAR))", "256"),
            ("CAST(true AS VARCHAR)", "error: cannot cast type boolean to character varying"),
            ("CAST(0 AS BOOLEAN)", "f"),
            ("CAST('yes' AS BOOLEAN)", "t"),
            ("CAST(70000 AS SMALLINT)", "error: Value out of range for 2 bytes."),
            ("CAST(12345.678 AS NUMERIC(5,2))", "error: Numeric data overflow (result precision)"),
            ("CAST(TIMESTAMP 'epoch' AS VARCHAR)", "1970-01-01 00:00:00"),
            ("CAST(NULL AS INT)", "NULL"),
            ("CAST(1 AS DATE)", "error: cannot cast type integer to date"),
        ]);
    }

    /// The pairs are those of the guide's page.
    #[test]
    fn what_cannot_be_tried_is_an_error_and_what_fails_is_null() {
        assert_values(&[
            ("TRY_CAST(' 12 ' AS INT)", "12"),
            ("TRY_CAST('12.7' AS INT)", "NULL"),
            ("TRY_CAST('' AS INT)", "NULL"),
            ("TRY_CAST(2.5::float8 AS INT)", "2"),
            ("TRY_CAST(70000 AS SMALLINT)", "NULL"),
            ("TRY_CAST(123.456 AS DECIMAL(4,2))", "NULL"),
            ("TRY_CAST('Jan 05, 2020' AS DATE)", "2020-01-05"),
            ("TRY_CAST('2008-13-01' AS DATE)", "NULL"),
            ("TRY_CAST('10 o''clock' AS TIME)", "NULL"),
            ("TRY_CAST('abc' AS VARCHAR(2))", "ab"),
            ("TRY_CAST(5 AS BOOL)", "t"),
            ("TRY_CAST(true AS BIGINT)", "1"),
            ("TRY_CAST(json_parse('\"abc\"') AS INT)", "NULL"),
            ("TRY_CAST(json_parse('[1]') AS INT)", "NULL"),
            ("TRY_CAST(json_parse('true') AS BOOL)", "t"),
            ("TRY_CAST(true AS TIMESTAMP)", "error: cannot cast type boolean to timestamp without time zone"),
            ("TRY_CAST(true AS REAL)", "error: cannot cast type boolean to real"),
            ("TRY_CAST(true AS VARCHAR)", "error: cannot cast type boolean to character varying"),
            ("TRY_CAST('t' AS BOOL)", "error: cannot cast type character varying to boolean"),
            ("TRY_CAST(5.5 AS BOOL)", "error: cannot cast type numeric to boolean"),
            ("TRY_CAST(1 AS DATE)", "error: cannot cast type integer to date"),
            ("TRY_CAST(DATE '2011-01-01' AS INT)", "error: cannot cast type date to integer"),
        ]);
    }
}
