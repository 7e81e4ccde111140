//! `text_arithmetic`: text as an operand of arithmetic (RS 10.2).
//!
//! A literal takes the type of the other side. A text column becomes NUMERIC(18,0), dropping digits
//! behind the point (RS 4.1, observed under SUM), or a double beside a float. Two texts under `+` are
//! joined.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use dwh_common::RedshiftType;

use super::concat_operator::concatenate;
use crate::functions::cast::{cast_to, truncate_to};

const IMPLICIT_NUMERIC: RedshiftType = RedshiftType::Decimal { precision: 18, scale: 0 };

/// Makes numbers of text operands, then leaves them to the numeric rule.
#[derive(Debug)]
pub(super) struct TextArithmetic;

impl ExprPlanner for TextArithmetic {
    fn plan_binary_op(
        &self,
        mut expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
        if !matches!(expr.op, Plus | Minus | Multiply | Divide | Modulo) {
            return Ok(PlannerResult::Original(expr));
        }
        let (left, right) = (expr.left.get_type(schema)?, expr.right.get_type(schema)?);
        match (left.is_string(), right.is_string()) {
            (true, true) if expr.op == Plus => {
                return Ok(PlannerResult::Planned(concatenate(expr.left, expr.right, schema)?));
            }
            (true, true) => {
                expr.left = truncate_to(expr.left, IMPLICIT_NUMERIC);
                expr.right = truncate_to(expr.right, IMPLICIT_NUMERIC);
            }
            (true, false) if right.is_numeric() => expr.left = number(expr.left, &right),
            (false, true) if left.is_numeric() => expr.right = number(expr.right, &left),
            _ => {}
        }
        Ok(PlannerResult::Original(expr))
    }
}

fn number(text: Expr, other: &DataType) -> Expr {
    let literal = matches!(text, Expr::Literal(_, _));
    match RedshiftType::of_arrow(other) {
        Some(RedshiftType::Real | RedshiftType::Double) => cast_to(text, RedshiftType::Double),
        Some(known) if literal => cast_to(text, known),
        _ => truncate_to(text, IMPLICIT_NUMERIC),
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::{TestSession, assert_values};

    #[test]
    fn literals_take_the_type_of_the_other_side() {
        assert_values(&[
            ("'7' / 2", "3"),
            ("'7.5' + 1.5", "9.0"),
            ("'a' + 'b'", "ab"),
            ("1 + 'x'", "error: Invalid digit, Value 'x', Pos 0, Type: Integer"),
        ]);
    }

    #[test]
    fn text_columns_become_numbers() {
        let session = TestSession::new().with_table(
            "events",
            &[("ts", RedshiftType::Varchar(20), &[Some("1541121934796"), Some("7.9"), None])],
        );
        let rows = session.rows("SELECT (ts / 1000)::numeric(18,3), ts + 1 FROM events").expect("rows");
        assert_eq!(rows, ["1541121934.796|1541121934797", "0.007|8", "NULL|NULL"]);
    }
}
