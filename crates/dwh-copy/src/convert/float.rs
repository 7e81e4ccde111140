use super::{FieldError, Value};
use crate::load_error::code;

/// DOUBLE PRECISION. A JSON number is the same double: its 17 digits read back are itself.
pub(super) fn convert_double(value: Value<'_>, buffer: &mut Vec<u8>) -> Result<Option<f64>, FieldError> {
    convert(value, buffer, "Double")
}

/// REAL.
pub(super) fn convert_real(value: Value<'_>, buffer: &mut Vec<u8>) -> Result<Option<f32>, FieldError> {
    const NAME: &str = "Float";
    let Some(double) = convert(value, buffer, NAME)? else { return Ok(None) };
    let real = double as f32;
    if double.is_finite() && !real.is_finite() { Err(FieldError::overflow(NAME)) } else { Ok(Some(real)) }
}

fn convert(value: Value<'_>, buffer: &mut Vec<u8>, type_name: &str) -> Result<Option<f64>, FieldError> {
    let Value::Number(number) = value else {
        return value.solid_text(buffer).map(|text| parse(text, type_name)).transpose();
    };
    let double = number.double();
    if double.is_finite() { Ok(Some(double)) } else { Err(FieldError::overflow(type_name)) }
}

/// Digits that are too large overflow; only words mean infinity.
fn parse(text: &[u8], type_name: &str) -> Result<f64, FieldError> {
    let parsed = std::str::from_utf8(text).ok().and_then(|text| text.trim_ascii().parse::<f64>().ok());
    if parsed.is_some_and(f64::is_infinite) && text.iter().any(u8::is_ascii_digit) {
        return Err(FieldError::overflow(type_name));
    }
    parsed.ok_or_else(|| {
        let start = text.len() - text.trim_ascii_start().len();
        let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E');
        let position =
            text[start..].iter().position(|byte| !number(byte)).map_or(start, |offset| start + offset);
        FieldError::digit(code::FLOAT, text, position, type_name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Number, Value};
    use super::{convert_double, convert_real};

    #[test]
    fn a_json_number_is_the_same_double() {
        let value = Value::Number(Number(b"246.30812"));
        assert_eq!(convert_double(value, &mut Vec::new()), Ok(Some(246.30812)));
    }

    #[test]
    fn plain_and_exponent_text_is_read_and_blank_is_null() {
        let read = |text: &str| convert_double(Value::Text(text.as_bytes()), &mut Vec::new());
        assert_eq!(read("1.0E4"), Ok(Some(10_000.0)));
        assert_eq!(read(" 12.123 "), Ok(Some(12.123)));
        assert_eq!(read(" "), Ok(None));
        assert_eq!(read("1,5").map_err(|error| (error.code, error.position)), Err((1208, 1)));
    }

    #[test]
    fn numbers_out_of_range_overflow() {
        let huge = Value::Number(Number(b"1e400"));
        assert!(convert_double(huge, &mut Vec::new()).is_err());
        let text = |text: &'static [u8]| convert_double(Value::Text(text), &mut Vec::new());
        assert_eq!(text(b"-1e400").map_err(|error| error.code), Err(1216));
        assert_eq!(text(b"-Infinity"), Ok(Some(f64::NEG_INFINITY)));
        let large = Value::Number(Number(b"1e39"));
        assert!(convert_real(large, &mut Vec::new()).is_err());
    }
}
