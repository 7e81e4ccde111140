//! `FARMFINGERPRINT64(text or VARBYTE)`: FarmHash's Fingerprint64, which never changes.

use arrow::datatypes::Int64Type;
use dwh_common::RedshiftType;

use super::bytes::{Value, Values};
use crate::functions::function::{Function, Parameter, Returns, undefined_function};

pub(super) const FUNCTION: Function = Function {
    aliases: &["farmhash64"],
    ..Function::new("farmfingerprint64", &[Parameter::Any], Returns::Type(RedshiftType::BigInt), |call| {
        let values = Values::of(call, 0)?;
        call.build::<Int64Type>(|row| match values.at(row) {
            Value::Bytes(bytes) => Ok(Some(farmhash::fingerprint64(&bytes) as i64)),
            _ => Err(undefined_function("farmfingerprint64", &[call.data_type(0)])),
        })
    })
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn the_fingerprint_of_the_guide() {
        assert_values(&[
            ("farmfingerprint64('Amazon Redshift')", "8085098817162212970"),
            ("farmfingerprint64(1)", "error: function farmfingerprint64(bigint) does not exist"),
        ]);
    }
}
