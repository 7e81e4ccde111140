use super::{FieldError, Value};
use crate::load_error::code;

/// BOOLEAN: `t true y yes 1`, `f false n no 0`, any case (RS 1.7).
pub(super) fn convert(value: Value<'_>, buffer: &mut Vec<u8>) -> Result<Option<bool>, FieldError> {
    if let Value::Boolean(value) = value {
        return Ok(Some(value));
    }
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    let is =
        |words: &[&str]| words.iter().any(|word| text.trim_ascii().eq_ignore_ascii_case(word.as_bytes()));
    if is(&["t", "true", "y", "yes", "1"]) {
        Ok(Some(true))
    } else if is(&["f", "false", "n", "no", "0"]) {
        Ok(Some(false))
    } else {
        Err(FieldError::new(code::BOOLEAN, "Unknown boolean format"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Number, Value};
    use super::convert;

    #[test]
    fn words_of_both_sides_are_read_in_any_case() {
        for (text, expected) in
            [("T", true), ("yes", true), ("1", true), ("False", false), ("n", false), ("0", false)]
        {
            assert_eq!(convert(Value::Text(text.as_bytes()), &mut Vec::new()), Ok(Some(expected)), "{text}");
        }
        assert_eq!(convert(Value::Number(Number(b"1")), &mut Vec::new()), Ok(Some(true)));
        assert_eq!(convert(Value::Text(b""), &mut Vec::new()), Ok(None));
    }

    #[test]
    fn other_words_are_error_1210() {
        let error = convert(Value::Text(b"maybe"), &mut Vec::new()).expect_err("no boolean");
        assert_eq!((error.code, error.reason.as_ref()), (1210, "Unknown boolean format"));
    }
}
