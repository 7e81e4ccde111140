use std::borrow::Cow;

use super::{FieldError, Rules, Value};
use crate::load_error::code;

/// What became of a VARCHAR value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// ACCEPTINVCHARS replaced something.
    pub(super) replaced: bool,
}

/// VARCHAR(length): valid UTF-8 of at most so many bytes (RS 1.12).
pub(super) fn convert_varchar<'a>(
    value: Value<'a>,
    length_bytes: u32,
    rules: &Rules,
    buffer: &'a mut Vec<u8>,
) -> Result<Option<Text<'a>>, FieldError> {
    let Some(mut bytes) = value.text(buffer) else { return Ok(None) };
    if rules.trim_blanks {
        bytes = bytes.trim_ascii_end();
    }
    if is_null(bytes, rules) {
        return Ok(None);
    }
    let (text, replaced) = match rules.accept_invalid_chars {
        Some(replacement) => replace_invalid(bytes, replacement),
        None => (Cow::Borrowed(check_utf8(bytes)?), false),
    };
    let text = fit(text, length_bytes, rules, "String length exceeds DDL length")?;
    Ok(Some(Text { text, replaced }))
}

/// CHAR(length): ASCII of at most so many bytes.
pub(super) fn convert_char<'a>(
    value: Value<'a>,
    length_bytes: u32,
    rules: &Rules,
    buffer: &'a mut Vec<u8>,
) -> Result<Option<Cow<'a, str>>, FieldError> {
    let Some(bytes) = value.text(buffer).filter(|bytes| !is_null(bytes, rules)) else { return Ok(None) };
    if let Some(position) = bytes.iter().position(|byte| !byte.is_ascii()) {
        let sequence = hex(&bytes[position..bytes.len().min(position + 4)]);
        let reason = format!(
            "Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: {sequence}"
        );
        return Err(FieldError { code: code::UTF8, position, reason: reason.into() });
    }
    fit(Cow::Borrowed(check_utf8(bytes)?), length_bytes, rules, "Char length exceeds DDL length").map(Some)
}

/// Whether a text without NUL goes into its column unchanged, whatever the options: the quick answer, which
/// may be no where the conversion changes nothing.
#[inline]
pub(super) fn is_stored_as_is(text: &str, length_bytes: u32, rules: &Rules) -> bool {
    let has_ink_at_both_ends = match text.as_bytes() {
        [] => !(rules.empty_as_null || rules.blanks_as_null),
        [first, ..] if *first <= b' ' => false,
        [.., last] => *last > b' ' || !rules.trim_blanks,
    };
    has_ink_at_both_ends
        && text.len() <= length_bytes as usize
        && (rules.accept_invalid_chars.is_none() || text.is_ascii())
}

fn is_null(bytes: &[u8], rules: &Rules) -> bool {
    // BLANKSASNULL takes the empty text too (RS 10.1 (3)).
    (rules.empty_as_null && bytes.is_empty()) || (rules.blanks_as_null && bytes.trim_ascii().is_empty())
}

fn fit<'a>(
    text: Cow<'a, str>,
    length_bytes: u32,
    rules: &Rules,
    reason: &'static str,
) -> Result<Cow<'a, str>, FieldError> {
    let length_bytes = length_bytes as usize;
    if text.len() <= length_bytes {
        return Ok(text);
    }
    if !rules.truncate_columns {
        return Err(FieldError { code: code::OUT_OF_RANGE, position: length_bytes, reason: reason.into() });
    }
    let end = text.floor_char_boundary(length_bytes);
    Ok(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    })
}

/// The bytes as text that Redshift takes: valid UTF-8 without NUL (RS 9 (6)).
pub(super) fn check_utf8(bytes: &[u8]) -> Result<&str, FieldError> {
    let error = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => match memchr::memchr(0, bytes) {
            None => return Ok(text),
            Some(position) => bad_sequence(position, &bytes[position..=position], 7),
        },
        Err(error) => {
            let position = error.valid_up_to();
            let length = error.error_len().unwrap_or(bytes.len() - position);
            let (sequence, reason) = classify(&bytes[position..], length);
            bad_sequence(position, sequence, reason)
        }
    };
    Err(error)
}

fn bad_sequence(position: usize, sequence: &[u8], reason: u8) -> FieldError {
    let sequence = hex(sequence);
    let reason = format!(
        "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {sequence} (error {reason})"
    );
    FieldError { code: code::UTF8, position, reason: reason.into() }
}

/// The bytes to show and Redshift's number for what is wrong with them (RS 1.12). `length` is how
/// many of them are no character.
fn classify(bytes: &[u8], length: usize) -> (&[u8], u8) {
    let next = |count: usize| &bytes[..bytes.len().min(count)];
    match bytes {
        [0x80..=0xBF | 0xFE | 0xFF, ..] => (next(1), 3),
        [0xF8..=0xFD, ..] => (next(1), 1),
        [0xED, 0xA0..=0xBF, ..] => (next(3), 5),
        [0xC0 | 0xC1, ..] | [0xE0, 0x80..=0x9F, ..] | [0xF0, 0x80..=0x8F, ..] => (next(2), 6),
        [0xF4, 0x90..=0xBF, ..] | [0xF5..=0xF7, ..] => (next(2), 6),
        _ if length == bytes.len() => (bytes, 2),
        _ => (next(length + 1), 4),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Every byte of an invalid character, of NUL and of a non-character becomes `replacement`.
fn replace_invalid(bytes: &[u8], replacement: u8) -> (Cow<'_, str>, bool) {
    let unwanted = |character: char| {
        matches!(character, '\0' | '\u{FDD0}'..='\u{FDEF}') || character as u32 & 0xFFFE == 0xFFFE
    };
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(unwanted)
    {
        return (Cow::Borrowed(text), false);
    }
    let replacement = char::from(replacement);
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if unwanted(character) {
                text.extend(std::iter::repeat_n(replacement, character.len_utf8()));
            } else {
                text.push(character);
            }
        }
        text.extend(std::iter::repeat_n(replacement, chunk.invalid().len()));
    }
    (Cow::Owned(text), true)
}

#[cfg(test)]
mod tests {
    use super::super::{FieldError, Number, Rules, Value};
    use super::{convert_char, convert_varchar};
    use crate::request::CopyOptions;

    fn varchar(value: Value<'_>, length: u32, options: CopyOptions) -> Result<Option<String>, FieldError> {
        let rules = Rules::new(&options).expect("valid options");
        let converted =
            convert_varchar(value, length, &rules, &mut Vec::new())?.map(|text| text.text.into_owned());
        Ok(converted)
    }

    fn text(bytes: &[u8], length: u32, options: CopyOptions) -> Result<Option<String>, FieldError> {
        varchar(Value::Text(bytes), length, options)
    }

    #[test]
    fn lengths_are_bytes_and_too_long_is_1204() {
        let plain = CopyOptions::default();
        assert_eq!(text("é".as_bytes(), 2, plain.clone()), Ok(Some("é".to_owned())));
        let error = text("éé".as_bytes(), 3, plain).expect_err("four bytes");
        assert_eq!((error.code, error.reason.as_ref()), (1204, "String length exceeds DDL length"));
    }

    #[test]
    fn truncatecolumns_cuts_at_a_whole_character() {
        let options = CopyOptions { truncate_columns: true, ..CopyOptions::default() };
        assert_eq!(text("éé".as_bytes(), 3, options), Ok(Some("é".to_owned())));
    }

    #[test]
    fn empty_and_blank_text_is_null_only_when_asked() {
        let plain = CopyOptions::default();
        assert_eq!(text(b"", 5, plain.clone()), Ok(Some(String::new())));
        assert_eq!(text(b"  ", 5, plain), Ok(Some("  ".to_owned())));
        let empty = CopyOptions { empty_as_null: true, ..CopyOptions::default() };
        assert_eq!(text(b"", 5, empty.clone()), Ok(None));
        assert_eq!(text(b" ", 5, empty), Ok(Some(" ".to_owned())));
        let blanks = CopyOptions { blanks_as_null: true, ..CopyOptions::default() };
        assert_eq!(text(b" \t", 5, blanks.clone()), Ok(None));
        assert_eq!(text(b"", 5, blanks), Ok(None));
        let trimmed = CopyOptions { trim_blanks: true, ..CopyOptions::default() };
        assert_eq!(text(b" a  ", 5, trimmed), Ok(Some(" a".to_owned())));
    }

    #[test]
    fn numbers_booleans_and_nested_values_are_their_text() {
        let plain = CopyOptions::default();
        let number = Value::Number(Number(b"25.67084"));
        assert_eq!(varchar(number, 30, plain.clone()), Ok(Some("25.670839999999998".to_owned())));
        assert_eq!(varchar(Value::Boolean(true), 30, plain.clone()), Ok(Some("true".to_owned())));
        let nested = Value::Nested(b"{\"a\": [1, 2]}");
        assert_eq!(varchar(nested, 30, plain), Ok(Some("{\"a\": [1, 2]}".to_owned())));
    }

    #[test]
    fn invalid_utf8_is_1220_with_its_bytes() {
        let reason =
            |bytes: &[u8]| text(bytes, 30, CopyOptions::default()).expect_err("invalid").reason.into_owned();
        let expected = |end: &str| {
            format!("String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {end}")
        };
        assert_eq!(reason(b"a\xa4b"), expected("a4 (error 3)"));
        assert_eq!(reason(b"a\xe2\x82"), expected("e2 82 (error 2)"));
        assert_eq!(reason(b"\xed\xa0\x80"), expected("ed a0 80 (error 5)"));
        assert_eq!(reason(b"\xc3(x"), expected("c3 28 (error 4)"));
        assert_eq!(reason(b"a\0"), expected("00 (error 7)"));
    }

    #[test]
    fn acceptinvchars_replaces_byte_for_byte() {
        let options = CopyOptions { accept_invalid_chars: Some('^'), ..CopyOptions::default() };
        assert_eq!(text(b"a\xe2\x82b\0", 30, options.clone()), Ok(Some("a^^b^".to_owned())));
        assert_eq!(text("\u{FDD0}é".as_bytes(), 30, options), Ok(Some("^^^é".to_owned())));
    }

    #[test]
    fn char_takes_ascii_only() {
        let rules = Rules::new(&CopyOptions::default()).expect("valid options");
        let error =
            convert_char(Value::Text("aé".as_bytes()), 5, &rules, &mut Vec::new()).expect_err("multibyte");
        assert_eq!(error.code, 1220);
        assert_eq!(
            error.reason,
            "Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9"
        );
        let error = convert_char(Value::Text(b"abc"), 2, &rules, &mut Vec::new()).expect_err("too long");
        assert_eq!((error.code, error.reason.as_ref()), (1204, "Char length exceeds DDL length"));
    }
}
