use super::{FieldError, Value};
use crate::load_error::code;

/// VARBYTE(length): hexadecimal digits.
pub(super) fn convert(
    value: Value<'_>,
    length_bytes: u32,
    buffer: &mut Vec<u8>,
) -> Result<Option<Vec<u8>>, FieldError> {
    const NAME: &str = "Varbyte";
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    let digits = text.trim_ascii();
    let nibble = |position: usize| {
        let digit = digits.get(position).and_then(|byte| char::from(*byte).to_digit(16));
        digit.ok_or_else(|| FieldError::digit(code::DIGIT, digits, position, NAME))
    };
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|position| Ok((nibble(position)? << 4 | nibble(position + 1)?) as u8))
        .collect::<Result<_, FieldError>>()?;
    if bytes.len() > length_bytes as usize {
        return Err(FieldError::new(code::OUT_OF_RANGE, "String length exceeds DDL length"));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::convert;

    #[test]
    fn hexadecimal_digits_become_bytes() {
        let read = |text: &str| convert(Value::Text(text.as_bytes()), 2, &mut Vec::new());
        assert_eq!(read("00Ff"), Ok(Some(vec![0, 255])));
        assert_eq!(read("0").map_err(|error| (error.code, error.position)), Err((1207, 1)));
        assert_eq!(read("zz").map_err(|error| error.position), Err(0));
        assert_eq!(read("000000").map_err(|error| error.code), Err(1204));
    }
}
