//! `FNV_HASH(value [, seed])`: 64-bit FNV-1a of a value's bytes, least significant first; an INTEGER has
//! four, a BIGINT eight, blanks at the end of text count.

use arrow::datatypes::Int64Type;
use dwh_common::RedshiftType;

use super::bytes::{Value, Values};
use crate::functions::function::{Function, Parameter, Returns};

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;
/// NUMERIC up to this precision is stored in 8 bytes, else in 16.
const SHORT_NUMERIC_DIGITS: u8 = 18;

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    ..Function::new(
        "fnv_hash",
        &[Parameter::Any, Parameter::Integer],
        Returns::Type(RedshiftType::BigInt),
        |call| {
            let (values, seeds) = (Values::of(call, 0)?, call.integer_or(1, OFFSET_BASIS as i64)?);
            call.build::<Int64Type>(|row| Ok(Some(hash(&values.at(row), seeds.at(row)))))
        },
    )
};

fn hash(value: &Value, seed: i64) -> i64 {
    let of = |bytes: &[u8]| {
        bytes.iter().fold(seed as u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)) as i64
    };
    match value {
        Value::Boolean(value) => of(&[u8::from(*value)]),
        Value::SmallInt(value) => of(&value.to_le_bytes()),
        Value::Integer(value) | Value::Date(value) => of(&value.to_le_bytes()),
        Value::BigInt(value) | Value::Micros(value) => of(&value.to_le_bytes()),
        Value::Real(value) => of(&value.to_le_bytes()),
        Value::Double(value) => of(&value.to_le_bytes()),
        Value::Decimal(value, precision) if *precision <= SHORT_NUMERIC_DIGITS => {
            of(&(*value as i64).to_le_bytes())
        }
        Value::Decimal(value, _) => of(&value.to_le_bytes()),
        Value::Bytes(bytes) => of(bytes),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn hashes_are_those_of_the_guide() {
        assert_values(&[
            ("fnv_hash(1)", "-5968735742475085980"),
            ("fnv_hash(1::smallint)", "589727492704079044"),
            ("fnv_hash(1::bigint)", "-8517097267634966620"),
            ("fnv_hash('Amazon Redshift')", "7783490368944507294"),
            ("fnv_hash('Amazon Redshift', fnv_hash(1))", "-2202602717770968555"),
            ("fnv_hash('cd', fnv_hash('ab'))", "-281581062704388899"),
            ("fnv_hash(NULL)", "NULL"),
        ]);
    }
}
