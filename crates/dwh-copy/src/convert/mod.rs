//! From JSON values to column types, by Redshift's rules (RS 1.7, 1.11, 1.12, 1.15, 10.1): every
//! value is text first, and the text is converted. One file per family of types.

mod binary;
mod boolean;
mod column;
mod decimal;
mod escape;
mod float;
mod integer;
mod interval;
mod number_text;
mod recent_texts;
mod semi_structured;
mod text;
mod text_builder;
mod time;

use std::borrow::Cow;

pub(crate) use column::{BatchBuilder, Remark, RowError, Rows};
pub(crate) use escape::unescape;
pub(crate) use number_text::Number;

use crate::datetime::{DateFormat, SessionClock, TimestampFormat};
use crate::error::CopyError;
use crate::request::CopyOptions;

/// The value of one field of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    /// `null`, or not there.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// A number.
    Number(Number<'a>),
    /// A string; it may be invalid UTF-8.
    Text(&'a [u8]),
    /// A string of JSON with escapes, as written between its quotes; it may be invalid UTF-8.
    Escaped(&'a [u8]),
    /// A string known to be UTF-8 without NUL.
    Utf8(&'a str),
    /// An object or array, as written.
    Nested(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The text that is converted; `None` is NULL.
    pub(crate) fn text<'b>(self, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]>
    where
        'a: 'b,
    {
        match self {
            Self::Null => None,
            Self::Boolean(value) => Some(if value { b"true" } else { b"false" }),
            Self::Number(number) => Some(number.text(buffer)),
            Self::Escaped(raw) => Some(unescape(raw, buffer)),
            Self::Text(bytes) | Self::Nested(bytes) => Some(bytes),
            Self::Utf8(text) => Some(text.as_bytes()),
        }
    }

    /// The text for types other than character types, for which empty and blank mean NULL (RS 1.7).
    pub(crate) fn solid_text<'b>(self, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]>
    where
        'a: 'b,
    {
        self.text(buffer).filter(|text| !text.trim_ascii().is_empty())
    }
}

/// Bytes as VARCHAR of any length, and whether ACCEPTINVCHARS replaced something.
pub(crate) fn varchar_of_bytes(bytes: &[u8], rules: &Rules) -> Result<(String, bool), FieldError> {
    let mut buffer = Vec::new();
    let text = text::convert_varchar(Value::Text(bytes), u32::MAX, rules, &mut buffer)?;
    Ok(text.map_or_else(Default::default, |text| (text.text.into_owned(), text.replaced)))
}

/// Whether text is what CHAR of any length takes.
pub(crate) fn check_char(text: &str, rules: &Rules) -> Result<(), FieldError> {
    text::convert_char(Value::Text(text.as_bytes()), u32::MAX, rules, &mut Vec::new()).map(drop)
}

/// Why a field does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// RS 2.3.
    pub(crate) code: i32,
    /// Byte offset in the field.
    pub(crate) position: usize,
    /// Redshift's text.
    pub(crate) reason: Cow<'static, str>,
}

impl FieldError {
    pub(crate) fn new(code: i32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code, position: 0, reason: reason.into() }
    }

    /// `Invalid digit, Value '.', Pos 1, Type: Integer`.
    pub(crate) fn digit(code: i32, text: &[u8], position: usize, type_name: &str) -> Self {
        let rest = text.get(position..).unwrap_or_default();
        let value = String::from_utf8_lossy(rest).chars().next().map(String::from).unwrap_or_default();
        Self {
            code,
            position,
            reason: format!("Invalid digit, Value '{value}', Pos {position}, Type: {type_name}").into(),
        }
    }

    /// `Overflow, Column type: Integer` (RS 10.1 (7)).
    pub(crate) fn overflow(type_name: &str) -> Self {
        Self::new(crate::load_error::code::STRUCTURE, format!("Overflow, Column type: {type_name}"))
    }
}

/// The conversion options of one COPY, checked.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) timestamps: TimestampFormat,
    pub(crate) dates: DateFormat,
    pub(crate) truncate_columns: bool,
    pub(crate) blanks_as_null: bool,
    pub(crate) empty_as_null: bool,
    pub(crate) trim_blanks: bool,
    pub(crate) accept_invalid_chars: Option<u8>,
    pub(crate) accept_any_date: bool,
    pub(crate) round_decimals: bool,
    pub(crate) clock: SessionClock,
}

impl Rules {
    /// # Errors
    /// [`CopyError::InvalidOption`].
    pub(crate) fn new(options: &CopyOptions) -> Result<Self, CopyError> {
        let invalid = |option, reason| CopyError::InvalidOption { option, reason };
        let accept_invalid_chars = match options.accept_invalid_chars {
            None => None,
            Some(character) if character.is_ascii() && character != '\0' => Some(character as u8),
            Some(character) => {
                let reason = format!("the replacement must be an ASCII character, not '{character}'");
                return Err(invalid("ACCEPTINVCHARS", reason));
            }
        };
        Ok(Self {
            timestamps: TimestampFormat::parse(options.time_format.as_deref())
                .map_err(|error| invalid("TIMEFORMAT", error.to_string()))?,
            dates: DateFormat::parse(options.date_format.as_deref())
                .map_err(|error| invalid("DATEFORMAT", error.to_string()))?,
            truncate_columns: options.truncate_columns,
            blanks_as_null: options.blanks_as_null,
            empty_as_null: options.empty_as_null,
            trim_blanks: options.trim_blanks,
            accept_invalid_chars,
            accept_any_date: options.accept_any_date,
            round_decimals: options.round_decimals,
            clock: options.clock.clone(),
        })
    }
}
