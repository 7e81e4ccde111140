//! `MURMUR3_32_HASH(value [, seed])`: 32-bit Murmur3 (x86) of a value in the bytes that the Apache Iceberg
//! specification, appendix B, gives it: whole numbers, dates and booleans as eight bytes, NUMERIC as the fewest
//! big-endian bytes of its unscaled value, REAL as a double.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::bytes::{Value, Values};
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    ..Function::new(
        "murmur3_32_hash",
        &[Parameter::Any, Parameter::Integer],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (values, seeds) = (Values::of(call, 0)?, call.integer_or(1, 0)?);
            call.build::<Int32Type>(|row| Ok(Some(hash(&values.at(row), seeds.at(row) as u32) as i32)))
        },
    )
};

fn hash(value: &Value, seed: u32) -> u32 {
    let of_long = |value: i64| murmur3(&value.to_le_bytes(), seed);
    match value {
        Value::Boolean(value) => of_long(i64::from(*value)),
        Value::SmallInt(value) => of_long(i64::from(*value)),
        Value::Integer(value) | Value::Date(value) => of_long(i64::from(*value)),
        Value::BigInt(value) | Value::Micros(value) => of_long(*value),
        Value::Real(value) => of_double(f64::from(*value), seed),
        Value::Double(value) => of_double(*value, seed),
        Value::Decimal(value, _) => murmur3(shortest(&value.to_be_bytes()), seed),
        Value::Bytes(bytes) => murmur3(bytes, seed),
    }
}

/// Zero has one sign.
fn of_double(value: f64, seed: u32) -> u32 {
    murmur3(&(if value == 0.0 { 0.0 } else { value }).to_bits().to_le_bytes(), seed)
}

/// The fewest bytes of a big-endian two's complement number.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes;
    while let [first, rest @ ..] = bytes
        && let Some(next) = rest.first()
        && ((*first == 0x00 && *next < 0x80) || (*first == 0xFF && *next >= 0x80))
    {
        bytes = rest;
    }
    bytes
}

fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let scramble = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = seed;
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        hash ^= scramble(block.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    hash ^= scramble(blocks.remainder().iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn hashes_are_those_of_the_guide_and_of_iceberg() {
        assert_values(&[
            ("murmur3_32_hash(1)", "1392991556"),
            ("murmur3_32_hash('Amazon Redshift')", "-1563580564"),
            ("murmur3_32_hash('abcd')", "1139631978"),
            ("murmur3_32_hash('cd', murmur3_32_hash('ab'))", "1711522338"),
            ("murmur3_32_hash(true)", "1392991556"),
            ("murmur3_32_hash(34::bigint)", "2017239379"),
            ("murmur3_32_hash(14.20)", "-500754589"),
            ("murmur3_32_hash(DATE '2017-11-16')", "-653330422"),
            ("murmur3_32_hash(TIMESTAMP '2017-11-16 22:31:08')", "-2047944441"),
            ("murmur3_32_hash('iceberg')", "1210000089"),
        ]);
    }
}
