//! `CHECKSUM(x)`: an INTEGER for hash indexes. Of a number its unscaled value, as the guide's example shows;
//! what Redshift makes of text is not documented, here it is the CRC-32C.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::bytes::{Value, Values};
use super::crc32::crc32c;
use crate::functions::function::{Function, Parameter, Returns, undefined_function};

pub(super) const FUNCTION: Function =
    Function::new("checksum", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = Values::of(call, 0)?;
        call.build::<Int32Type>(|row| {
            Ok(Some(match values.at(row) {
                Value::SmallInt(value) => i32::from(value),
                Value::Integer(value) => value,
                Value::BigInt(value) => (value ^ value >> 32) as i32,
                Value::Decimal(value, _) => match i32::try_from(value) {
                    Ok(value) => value,
                    Err(_) => (value ^ value >> 32) as i32,
                },
                Value::Bytes(bytes) => crc32c(&bytes) as i32,
                _ => return Err(undefined_function("checksum", &[call.data_type(0)])),
            }))
        })
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn numbers_give_their_digits() {
        assert_values(&[
            ("checksum(109.20)", "10920"),
            ("checksum(7)", "7"),
            ("checksum('a') = checksum('a')", "t"),
            ("checksum('a') = checksum('b')", "f"),
        ]);
    }
}
