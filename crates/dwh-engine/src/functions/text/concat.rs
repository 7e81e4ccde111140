//! `CONCAT(a, b)`: two arguments, NULL if one is (RS 4.1).

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function::new(
    "concat",
    &[Parameter::TextOrBytes, Parameter::TextOrBytes],
    Returns::TextOrBytes,
    |call| {
        if call.data_type(0) == DataType::Binary {
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
