//! `CONCAT(a, b)`: two arguments, NULL if one is (RS 4.1).

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;

use dwh_common::RedshiftType;

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function::new(
    "concat",
    &[Parameter::TextOrBytes, Parameter::TextOrBytes],
    Returns::Of(|types| {
        let has_bytes = (0..2).any(|index| *types.data_type(index) == DataType::Binary);
        Ok(if has_bytes { RedshiftType::Varbyte(64_000) } else { RedshiftType::MAX_VARCHAR })
    }),
    |call| {
        // Text beside a VARBYTE is its bytes (the guide's page CREATE USER).
        if (0..2).any(|index| call.data_type(index) == DataType::Binary) {
            let (left, right) = (call.bytes(0)?, call.bytes(1)?);
            return call.build_bytes(|row| Ok(Some([left.at(row), right.at(row)].concat())));
        }
        let (left, right) = (call.text(0)?, call.text(1)?);
        call.build_text(|row| Ok(Some([left.at(row), right.at(row)].concat())))
    },
);

/// `CONCAT(left, right)`.
pub(crate) fn concat(left: Expr, right: Expr) -> Expr {
    FUNCTION.udf().call(vec![left, right])
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::{TestSession, assert_values};

    #[test]
    fn null_wins_and_there_are_two_arguments() {
        assert_values(&[
            ("concat('December 25, ', '2008')", "December 25, 2008"),
            ("concat('a', NULL)", "NULL"),
            ("concat('n', 1)", "n1"),
        ]);
        assert!(TestSession::new().rows("SELECT concat('a', 'b', 'c')").is_err());
    }
}
