//! NUMERIC in PostgreSQL's binary format: count of digits to the base 10,000, weight of the first, sign,
//! digits behind the point, the digits.

use bytes::Bytes;
use dwh_common::SqlError;

use crate::message::{Reader, protocol_violation};

const BASE: u128 = 10_000;
const BASE_DIGITS: u32 = 4;
const NEGATIVE: u16 = 0x4000;

/// `value` is the number times ten to the power of `scale`.
pub(super) fn encode(value: i128, scale: u8) -> Vec<u8> {
    // The point falls between two digits of the base.
    let padding = (BASE_DIGITS - u32::from(scale) % BASE_DIGITS) % BASE_DIGITS;
    let magnitude = value.unsigned_abs();
    let mut digits = Vec::new();
    let mut rest = magnitude;
    if padding > 0 {
        let unit = 10_u128.pow(BASE_DIGITS - padding);
        digits.push((rest % unit * 10_u128.pow(padding)) as u16);
        rest /= unit;
    }
    while rest > 0 {
        digits.push((rest % BASE) as u16);
        rest /= BASE;
    }
    let fraction_digits = u32::from(scale).div_ceil(BASE_DIGITS) as i16;
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let weight = if digits.is_empty() { 0 } else { digits.len() as i16 - fraction_digits - 1 };
    digits.reverse();
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let sign = if value < 0 { NEGATIVE } else { 0 };
    let mut bytes = Vec::with_capacity(8 + 2 * digits.len());
    bytes.extend((digits.len() as u16).to_be_bytes());
    bytes.extend(weight.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(u16::from(scale).to_be_bytes());
    for digit in digits {
        bytes.extend(digit.to_be_bytes());
    }
    bytes
}

/// The number as text.
///
/// # Errors
/// 08P01 for bytes that are no number, 22P03 for NaN and infinity, which Redshift has not.
pub(crate) fn decode(bytes: Bytes) -> Result<String, SqlError> {
    let mut body = Reader::new(bytes);
    let count = body.u16()?;
    let weight = body.i16()?;
    let sign = body.u16()?;
    let scale = usize::from(body.u16()?);
    let digits = (0..count).map(|_| body.u16()).collect::<Result<Vec<_>, _>>()?;
    if sign != 0 && sign != NEGATIVE {
        return Err(SqlError::new(
            dwh_common::SqlState::InvalidBinaryRepresentation,
            "invalid sign in external \"numeric\" value",
        ));
    }
    let wrong = u128::from(digits.iter().copied().max().unwrap_or(0)) >= BASE;
    if wrong || !body.is_empty() || scale > 1000 || !(-300..300).contains(&weight) {
        return Err(protocol_violation("invalid digit in external \"numeric\" value"));
    }
    let digit_at = |place: i16| {
        let index = usize::try_from(i32::from(weight) - i32::from(place)).ok();
        index.and_then(|index| digits.get(index)).copied().unwrap_or(0)
    };
    let whole: String = (0..=weight.max(0)).rev().map(|place| format!("{:04}", digit_at(place))).collect();
    let places = scale.div_ceil(BASE_DIGITS as usize) as i16;
    let fraction: String = (1..=places).map(|place| format!("{:04}", digit_at(-place))).collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        some => some,
    };
    let sign = if sign == NEGATIVE { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    Ok(format!("{sign}{whole}{point}{}", &fraction[..scale]))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    /// The layout of PostgreSQL's numeric_send for 12345.678, -0.05 and 0.
    #[test]
    fn layout_is_that_of_numeric_send() {
        assert_eq!(
            encode(12_345_678, 3),
            [0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1a, 0x7c],
            "1 2345 . 6780"
        );
        assert_eq!(encode(-5, 2), [0, 1, 0xff, 0xff, 0x40, 0, 0, 2, 0x01, 0xf4], "-0.05 is 500 / 10000");
        assert_eq!(encode(0, 2), [0, 0, 0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn numbers_come_back_as_their_text() {
        let cases = [
            (12_345_678, 3, "12345.678"),
            (-5, 2, "-0.05"),
            (0, 0, "0"),
            (100_000_000, 0, "100000000"),
            (1, 7, "0.0000001"),
            (
                99_999_999_999_999_999_999_999_999_999_999_999_999,
                10,
                "9999999999999999999999999999.9999999999",
            ),
        ];
        for (value, scale, text) in cases {
            assert_eq!(decode(encode(value, scale).into()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bytes in
            [&b"\0\x01"[..], b"\0\0\0\0\xc0\0\0\0", b"\0\x01\0\0\0\0\0\0\xff\xff", b"\0\0\0\0\0\0\0\0\0"]
        {
            assert!(decode(bytes.to_vec().into()).is_err(), "{bytes:?}");
        }
    }
}
