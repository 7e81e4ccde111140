use super::{FieldError, Rules, Value};
use crate::load_error::code;

const NAME: &str = "Decimal";

/// Digits up to which Redshift keeps a DECIMAL in 8 bytes (RS 1.15).
const EIGHT_BYTE_PRECISION: u8 = 19;

/// DECIMAL(precision, scale), as the unscaled number.
pub(super) fn convert(
    value: Value<'_>,
    precision: u8,
    scale: u8,
    rules: &Rules,
    buffer: &mut Vec<u8>,
) -> Result<Option<i128>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    let unscaled = match parse(text, i32::from(scale), rules.round_decimals) {
        Ok(unscaled) => unscaled,
        Err(Fault::Digit(position)) => return Err(FieldError::digit(code::DIGIT, text, position, NAME)),
        Err(Fault::Overflow) => return Err(FieldError::overflow(NAME)),
    };
    let fits_precision = unscaled.unsigned_abs() < 10_u128.pow(u32::from(precision));
    let fits_storage = precision > EIGHT_BYTE_PRECISION || i64::try_from(unscaled).is_ok();
    if fits_precision && fits_storage { Ok(Some(unscaled)) } else { Err(FieldError::overflow(NAME)) }
}

/// Why a text is no decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The byte at this offset.
    Digit(usize),
    /// More than 38 digits.
    Overflow,
}

/// The number of a text such as `-20.259` or `1.5e-05`, times 10^scale; what is behind is cut, or
/// rounded half away from zero.
pub(super) fn parse(text: &[u8], scale: i32, round: bool) -> Result<i128, Fault> {
    let start = text.len() - text.trim_ascii_start().len();
    let end = text.trim_ascii_end().len();
    let (negative, mut position) = match text.get(start) {
        Some(b'-') => (true, start + 1),
        Some(b'+') => (false, start + 1),
        _ => (false, start),
    };
    // Digits without point, and how many of them are before it.
    let digits_start = position;
    let mut point = None;
    while position < end {
        match text[position] {
            b'0'..=b'9' => {}
            b'.' if point.is_none() => point = Some(position),
            b'e' | b'E' if position > digits_start => break,
            _ => return Err(Fault::Digit(position)),
        }
        position += 1;
    }
    let digits_end = position;
    let digits =
        || text[digits_start..digits_end].iter().filter(|byte| **byte != b'.').map(|byte| byte - b'0');
    if digits().next().is_none() {
        return Err(Fault::Digit(start));
    }
    let exponent = if position < end { parse_exponent(text, position + 1, end)? } else { 0 };
    let whole_digits = point.unwrap_or(digits_end) - digits_start;
    let kept = whole_digits as i64 + i64::from(exponent) + i64::from(scale);

    let mut unscaled = 0_i128;
    let mut next_digit = 0;
    let mut taken = 0;
    for digit in digits() {
        if taken >= kept {
            next_digit = if taken == kept { digit } else { 0 };
            break;
        }
        unscaled = push_digit(unscaled, digit)?;
        taken += 1;
    }
    while taken < kept && unscaled != 0 {
        unscaled = push_digit(unscaled, 0)?;
        taken += 1;
    }
    if round && next_digit >= 5 {
        unscaled += 1;
    }
    Ok(if negative { -unscaled } else { unscaled })
}

fn push_digit(unscaled: i128, digit: u8) -> Result<i128, Fault> {
    let pushed = unscaled.checked_mul(10).and_then(|value| value.checked_add(i128::from(digit)));
    pushed.ok_or(Fault::Overflow)
}

fn parse_exponent(text: &[u8], start: usize, end: usize) -> Result<i32, Fault> {
    let (negative, digits_start) = match text.get(start) {
        Some(b'-') => (true, start + 1),
        Some(b'+') => (false, start + 1),
        _ => (false, start),
    };
    if digits_start >= end {
        return Err(Fault::Digit(end - 1));
    }
    let mut exponent = 0_i32;
    for (position, digit) in (digits_start..end).zip(&text[digits_start..end]) {
        if !digit.is_ascii_digit() {
            return Err(Fault::Digit(position));
        }
        exponent = exponent.saturating_mul(10).saturating_add(i32::from(digit - b'0'));
    }
    Ok(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::super::{Number, Rules, Value};
    use super::{Fault, convert, parse};
    use crate::request::CopyOptions;

    fn rules(round_decimals: bool) -> Rules {
        Rules::new(&CopyOptions { round_decimals, ..CopyOptions::default() }).expect("valid options")
    }

    fn number(token: &str, precision: u8, scale: u8) -> Option<i128> {
        let value = Value::Number(Number(token.as_bytes()));
        convert(value, precision, scale, &rules(false), &mut Vec::new()).expect("converts")
    }

    /// Values of real clusters: RS 10.1 (1).
    #[test]
    fn json_numbers_pass_through_a_double_and_are_cut() {
        assert_eq!(number("309.4722", 10, 5), Some(30_947_219));
        assert_eq!(number("139.78077", 18, 0), Some(139));
        assert_eq!(number("-100.30953", 10, 5), Some(-10_030_953));
        assert_eq!(number("1e-5", 10, 5), Some(1));
    }

    #[test]
    fn quoted_numbers_are_exact_and_cut_or_rounded() {
        let text = Value::Text(b"20.259");
        assert_eq!(convert(text, 8, 2, &rules(false), &mut Vec::new()), Ok(Some(2025)));
        assert_eq!(convert(text, 8, 2, &rules(true), &mut Vec::new()), Ok(Some(2026)));
    }

    #[test]
    fn signs_exponents_and_blanks_are_read() {
        assert_eq!(parse(b" +1.5e2 ", 1, false), Ok(1500));
        assert_eq!(parse(b"-0.05", 1, true), Ok(-1));
        assert_eq!(parse(b"5e-400", 5, true), Ok(0));
        assert_eq!(parse(b"0e999999999999", 5, false), Ok(0));
        assert_eq!(parse(b".5", 1, false), Ok(5));
    }

    #[test]
    fn what_is_no_number_names_the_byte() {
        assert_eq!(parse(b"1,5", 1, false), Err(Fault::Digit(1)));
        assert_eq!(parse(b"1e", 1, false), Err(Fault::Digit(1)));
        assert_eq!(parse(b"-", 1, false), Err(Fault::Digit(0)));
        assert_eq!(parse(b"1.2.3", 1, false), Err(Fault::Digit(3)));
    }

    #[test]
    fn too_many_digits_overflow() {
        let overflow = |text: &str, precision, scale| {
            let value = Value::Text(text.as_bytes());
            convert(value, precision, scale, &rules(false), &mut Vec::new()).expect_err("too large").reason
        };
        assert_eq!(overflow("1000", 5, 2), "Overflow, Column type: Decimal");
        assert_eq!(overflow("9999999999999999999", 19, 0), "Overflow, Column type: Decimal");
        assert_eq!(overflow("1e60", 38, 0), "Overflow, Column type: Decimal");
    }
}
