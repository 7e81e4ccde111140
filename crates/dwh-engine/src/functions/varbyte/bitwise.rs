//! `a & b`, `a | b`, `a # b` and `~a` on VARBYTE (guide, "VARBYTE operators").

use arrow::array::ArrayRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use dwh_common::SqlState;

use super::convert::VARBYTE;
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter};

const BOTH: &[Parameter] = &[Parameter::Bytes, Parameter::Bytes];

pub(super) const AND: Function =
    Function::new("__varbyte_and", BOTH, VARBYTE, |call| combined(call, "AND", |a, b| a & b));
pub(super) const OR: Function =
    Function::new("__varbyte_or", BOTH, VARBYTE, |call| combined(call, "OR", |a, b| a | b));
pub(super) const XOR: Function =
    Function::new("__varbyte_xor", BOTH, VARBYTE, |call| combined(call, "XOR", |a, b| a ^ b));
pub(super) const NOT: Function = Function::new("__varbyte_not", &[Parameter::Bytes], VARBYTE, |call| {
    let values = call.bytes(0)?;
    call.build_bytes(|row| Ok(Some(values.at(row).iter().map(|byte| !byte).collect::<Vec<u8>>())))
});

fn combined(call: &Call<'_>, name: &str, op: fn(u8, u8) -> u8) -> Result<ArrayRef> {
    let (left, right) = (call.bytes(0)?, call.bytes(1)?);
    call.build_bytes(|row| {
        let (left, right) = (left.at(row), right.at(row));
        if left.len() != right.len() {
            return Err(sql_err(
                SqlState::InvalidParameterValue,
                format!("cannot {name} VARBYTE values of different sizes"),
            ));
        }
        Ok(Some(left.iter().zip(right).map(|(a, b)| op(*a, *b)).collect::<Vec<u8>>()))
    })
}

/// A bitwise operator on two VARBYTE operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bitwise {
    And,
    Or,
    Xor,
}

/// `left op right`.
pub(crate) fn bitwise(left: Expr, op: Bitwise, right: Expr) -> Expr {
    let function = match op {
        Bitwise::And => AND,
        Bitwise::Or => OR,
        Bitwise::Xor => XOR,
    };
    function.udf().call(vec![left, right])
}

/// `~operand`.
pub(crate) fn inverted(operand: Expr) -> Expr {
    NOT.udf().call(vec![operand])
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn bytes_are_combined_bit_by_bit() {
        assert_values(&[
            ("from_varbyte(~'a'::varbyte, 'binary')", "10011110"),
            ("from_varbyte('a'::varbyte & 'b'::varbyte, 'binary')", "01100000"),
            ("'a'::varbyte | 'b'::varbyte", "63"),
            ("'a'::varbyte # 'b'::varbyte", "03"),
            ("'a'::varbyte + 'b'::varbyte", "6162"),
            ("'a'::varbyte & NULL::varbyte", "NULL"),
            ("'a'::varbyte & 'bc'::varbyte", "error: cannot AND VARBYTE values of different sizes"),
        ]);
    }
}
