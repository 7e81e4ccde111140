use super::{FieldError, Value};
use crate::load_error::code;

/// A whole-number column type.
pub(super) trait Integer: TryFrom<i64> {
    /// The name in error texts.
    const NAME: &'static str;
}

impl Integer for i16 {
    const NAME: &'static str = "Short";
}

impl Integer for i32 {
    const NAME: &'static str = "Integer";
}

impl Integer for i64 {
    const NAME: &'static str = "Long";
}

/// SMALLINT, INTEGER, BIGINT.
pub(super) fn convert<T: Integer>(value: Value<'_>, buffer: &mut Vec<u8>) -> Result<Option<T>, FieldError> {
    let whole = match value {
        Value::Number(number) if let Some(whole) = number.whole() => whole,
        _ => match value.solid_text(buffer) {
            None => return Ok(None),
            Some(text) => parse(text, T::NAME)?,
        },
    };
    T::try_from(whole).map(Some).map_err(|_| FieldError::overflow(T::NAME))
}

fn parse(text: &[u8], type_name: &str) -> Result<i64, FieldError> {
    let start = text.len() - text.trim_ascii_start().len();
    let end = text.trim_ascii_end().len();
    let (negative, mut position) = match text.get(start) {
        Some(b'-') => (true, start + 1),
        Some(b'+') => (false, start + 1),
        _ => (false, start),
    };
    if position == end {
        return Err(FieldError::digit(code::DIGIT, text, start, type_name));
    }
    let mut value = 0_i64;
    while position < end {
        let digit = text[position];
        if !digit.is_ascii_digit() {
            return Err(FieldError::digit(code::DIGIT, text, position, type_name));
        }
        // Below zero, so that the lowest number can be read.
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(digit - b'0')))
            .ok_or_else(|| FieldError::overflow(type_name))?;
        position += 1;
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or_else(|| FieldError::overflow(type_name)) }
}

#[cfg(test)]
mod tests {
    use super::super::{FieldError, Number, Value};
    use super::{Integer, convert};

    fn number<T: Integer>(token: &str) -> Result<Option<T>, FieldError> {
        convert(Value::Number(Number(token.as_bytes())), &mut Vec::new())
    }

    fn text<T: Integer>(text: &str) -> Result<Option<T>, FieldError> {
        convert(Value::Text(text.as_bytes()), &mut Vec::new())
    }

    fn reason<T: std::fmt::Debug>(result: Result<Option<T>, FieldError>) -> (i32, String) {
        let error = result.expect_err("does not convert");
        (error.code, error.reason.into_owned())
    }

    #[test]
    fn numbers_and_quoted_numbers_are_read() {
        assert_eq!(number::<i64>("1540919166796.0"), Ok(Some(1_540_919_166_796)));
        assert_eq!(number::<i32>("1e3"), Ok(Some(1000)));
        assert_eq!(text::<i32>(" 39 "), Ok(Some(39)));
        assert_eq!(text::<i32>("-0"), Ok(Some(0)));
        assert_eq!(text::<i64>("-9223372036854775808"), Ok(Some(i64::MIN)));
    }

    #[test]
    fn empty_and_blank_text_is_null() {
        assert_eq!(text::<i32>(""), Ok(None));
        assert_eq!(text::<i32>("   "), Ok(None));
    }

    #[test]
    fn fractions_are_invalid_digits() {
        assert_eq!(
            reason(number::<i32>("3.7")),
            (1207, "Invalid digit, Value '.', Pos 1, Type: Integer".to_owned())
        );
        assert_eq!(
            reason(text::<i64>("20200407.0")),
            (1207, "Invalid digit, Value '.', Pos 8, Type: Long".to_owned())
        );
        assert_eq!(
            reason(text::<i32>("abc")),
            (1207, "Invalid digit, Value 'a', Pos 0, Type: Integer".to_owned())
        );
    }

    #[test]
    fn numbers_out_of_range_overflow() {
        assert_eq!(reason(number::<i32>("2147483648")), (1216, "Overflow, Column type: Integer".to_owned()));
        assert_eq!(reason(text::<i16>("-32769")), (1216, "Overflow, Column type: Short".to_owned()));
        assert_eq!(
            reason(text::<i64>("9223372036854775808")),
            (1216, "Overflow, Column type: Long".to_owned())
        );
    }
}
