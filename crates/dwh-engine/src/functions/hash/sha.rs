//! `SHA1` (`SHA`, `FUNC_SHA1`) and `SHA2(text, bits)`.

use arrow::datatypes::DataType;
use dwh_common::hex;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const SHA1: Function = Function {
    aliases: &["sha", "func_sha1"],
    ..Function::new("sha1", &[Parameter::Text], Returns::Text, |call| {
        let texts = call.text(0)?;
        call.build_text(|row| Ok(Some(hex::encode(Sha1::digest(texts.at(row))))))
    })
};

pub(super) const SHA2: Function =
    Function::new("sha2", &[Parameter::TextOrBytes, Parameter::Integer], Returns::Text, |call| {
        let bits = call.integer(1)?;
        if call.data_type(0) == DataType::Binary {
            let values = call.bytes(0)?;
            return call.build_text(|row| Ok(Some(sha2(values.at(row), bits.at(row)))));
        }
        let texts = call.text(0)?;
        call.build_text(|row| Ok(Some(sha2(texts.at(row).as_bytes(), bits.at(row)))))
    });

fn sha2(value: &[u8], bits: i64) -> String {
    match bits {
        0 | 256 => hex::encode(Sha256::digest(value)),
        224 => hex::encode(Sha224::digest(value)),
        384 => hex::encode(Sha384::digest(value)),
        512 => hex::encode(Sha512::digest(value)),
        // The guide: an empty text.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn digests_are_those_of_the_standard() {
        // The examples of FIPS 180.
        assert_values(&[
            ("sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha2('abc', 256)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("sha2('abc', 0)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("sha2('abc', 224)", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            ("sha2('abc', 100)", ""),
            ("len(sha2('abc', 384))", "96"),
            ("len(sha2('abc', 512))", "128"),
        ]);
    }
}
