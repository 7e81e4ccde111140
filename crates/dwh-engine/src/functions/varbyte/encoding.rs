//! FROM_HEX, TO_HEX, FROM_VARBYTE and TO_VARBYTE (guide, pages of these names).

use std::borrow::Cow;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use dwh_common::{SqlState, hex};

use super::convert::{VARBYTE, integers_as_bytes, utf8};
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FROM_HEX: Function = Function::new("from_hex", &[Parameter::Text], VARBYTE, |call| {
    let texts = call.text(0)?;
    call.build_bytes(|row| from_hex(texts.at(row)).map(Some))
});

/// Of whole numbers without leading zeros, negative ones in two's complement; of bytes all digits.
pub(super) const TO_HEX: Function =
    Function::new("to_hex", &[Parameter::IntegerOrBytes], Returns::Text, |call| {
        if call.data_type(0) == DataType::Binary {
            let bytes = call.bytes(0)?;
            return call.build_text(|row| Ok(Some(hex::encode(bytes.at(row)))));
        }
        let wide = !matches!(call.data_type(0), DataType::Int16 | DataType::Int32);
        let values = call.integer(0)?;
        call.build_text(|row| {
            let value = values.at(row);
            Ok(Some(if wide { format!("{value:x}") } else { format!("{:x}", value as i32) }))
        })
    });

pub(super) const FROM_VARBYTE: Function =
    Function::new("from_varbyte", &[Parameter::Bytes, Parameter::Text], Returns::Text, |call| {
        let (bytes, formats) = (call.bytes(0)?, call.text(1)?);
        call.build_text(|row| {
            let bytes = bytes.at(row);
            match format(formats.at(row))? {
                Format::Hex => Ok(Some(hex::encode(bytes))),
                Format::Binary => Ok(Some(bytes.iter().map(|byte| format!("{byte:08b}")).collect())),
                Format::Utf8 => utf8(bytes).map(|text| Some(text.to_owned())),
            }
        })
    });

pub(super) const TO_VARBYTE: Function =
    Function::new("to_varbyte", &[Parameter::Any, Parameter::Text], VARBYTE, to_varbyte);

fn to_varbyte(call: &Call<'_>) -> Result<ArrayRef> {
    let formats = call.text(1)?;
    if call.data_type(0).is_integer() {
        let (array, _) = call.array(0)?;
        return integers_as_bytes(&array);
    }
    let texts = call.text(0)?;
    call.build_bytes(|row| match format(formats.at(row))? {
        Format::Hex => from_hex(&even(texts.at(row))).map(Some),
        Format::Binary => from_binary(texts.at(row)).map(Some),
        Format::Utf8 => Ok(Some(texts.at(row).as_bytes().to_vec())),
    })
}

enum Format {
    Hex,
    Binary,
    Utf8,
}

fn format(name: &str) -> Result<Format> {
    match name.to_ascii_lowercase().as_str() {
        "hex" => Ok(Format::Hex),
        "binary" => Ok(Format::Binary),
        "utf8" | "utf-8" => Ok(Format::Utf8),
        _ => Err(sql_err(
            SqlState::InvalidParameterValue,
            format!("unknown binary format \"{name}\": hex, binary or utf8 is expected"),
        )),
    }
}

/// TO_VARBYTE puts a zero before an odd number of digits.
fn even(digits: &str) -> Cow<'_, str> {
    if digits.len().is_multiple_of(2) { Cow::Borrowed(digits) } else { Cow::Owned(format!("0{digits}")) }
}

/// Digits 0 and 1, eight a byte, the last ones full.
fn from_binary(text: &str) -> Result<Vec<u8>> {
    if let Some(other) = text.chars().find(|digit| !matches!(digit, '0' | '1')) {
        return Err(sql_err(
            SqlState::InvalidTextRepresentation,
            format!("invalid binary digit '{other}' in \"{text}\""),
        ));
    }
    let value = |digits: &[u8]| digits.iter().fold(0, |byte, digit| byte << 1 | (digit - b'0'));
    Ok(text.as_bytes().rchunks(8).rev().map(value).collect())
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    hex::decode(text).ok_or_else(|| {
        sql_err(SqlState::InvalidTextRepresentation, format!("invalid hexadecimal text \"{text}\""))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn bytes_are_written_and_read() {
        assert_values(&[
            ("from_hex('6162')", "6162"),
            ("from_hex('616')", "error: invalid hexadecimal text \"616\""),
            ("to_hex(2147676847)", "8002f2af"),
            ("to_hex(2147447539)", "7fff72f3"),
            ("to_hex(-1)", "ffffffff"),
            ("to_hex(-1::bigint)", "ffffffffffffffff"),
            ("to_hex('abc'::varbyte)", "616263"),
            ("from_varbyte(from_hex('616263'), 'utf8')", "abc"),
            ("to_varbyte('616263', 'hex')", "616263"),
            ("to_varbyte('abc', 'utf8')", "616263"),
            ("to_varbyte('4', 'hex')", "04"),
            ("to_varbyte('01001101', 'binary')", "4d"),
            ("from_varbyte(from_hex('4d'), 'binary')", "01001101"),
            ("getbit(from_hex('4d'), 2)", "1"),
            ("getbit(from_hex('4d'), 1)", "0"),
            ("len(from_hex('616263'))", "3"),
            ("substring(from_hex('616263'), 2, 1)", "62"),
            ("from_hex('61') || from_hex('62')", "6162"),
            ("concat(from_hex('61'), from_hex('62'))", "6162"),
        ]);
    }
}
