//! A SUPER value as a tree, read from its JSON text and written back without blanks.
//!
//! Numbers stay the text they were written as, so that decimals are exact whatever their scale.

use std::borrow::Cow;

use dwh_common::{SqlError, SqlState};
use jiter::{Jiter, Peek};

/// Values nest this deep; the guide's limit.
const MAX_DEPTH: usize = 1000;

/// One SUPER value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// `null` inside a document.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A number as it is written in JSON.
    Number(Cow<'a, str>),
    /// A text, its escapes undone.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Self>),
    /// An object, its attributes in the order in which they came.
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// How text becomes a value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ParseRules {
    /// `json_parse_dedup_attributes`: of equal attribute names the last one counts; else they are an error.
    pub(crate) keep_last_duplicate: bool,
    /// `json_parse_truncate_strings`: texts are cut to the longest a value may hold; else longer ones are an error.
    pub(crate) truncate_texts: bool,
}

/// The longest text within a value (the guide's page of limitations of SUPER).
const MAX_TEXT_BYTES: usize = 16_000_000;

impl<'a> Value<'a> {
    /// The value of text that is stored as SUPER. What is no JSON is one text, as no value gets lost.
    pub(crate) fn of_stored(text: &'a str) -> Self {
        let rules = ParseRules { keep_last_duplicate: true, truncate_texts: true };
        Self::parse(text, rules).unwrap_or(Self::Text(Cow::Borrowed(text)))
    }

    /// The value of JSON text.
    ///
    /// # Errors
    /// 22P02 for what is no JSON, and for what the rules do not allow.
    pub(crate) fn parse(text: &'a str, rules: ParseRules) -> Result<Self, SqlError> {
        let mut reader = Reader { jiter: Jiter::new(text.as_bytes()), text, rules };
        let value = reader.value(0)?;
        reader.run(|jiter| jiter.finish())?;
        Ok(value)
    }

    /// The JSON text of the value.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Appends the JSON text.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(text, out),
            Self::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(attributes) => {
                out.push('{');
                for (index, (name, value)) in attributes.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The elements of an array.
    pub(crate) fn into_elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// What JSON_TYPEOF says.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// A JSON string literal.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                let code = u32::from(control);
                out.push_str("\\u00");
                out.push(char::from_digit(code >> 4, 16).unwrap_or('0'));
                out.push(char::from_digit(code & 15, 16).unwrap_or('0'));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    jiter: Jiter<'a>,
    text: &'a str,
    rules: ParseRules,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, SqlError> {
        if depth > MAX_DEPTH {
            return Err(invalid(format!("SUPER values nest at most {MAX_DEPTH} levels")));
        }
        let peek = self.run(|jiter| jiter.peek())?;
        Ok(match peek {
            Peek::Null => {
                self.run(|jiter| jiter.known_null())?;
                Value::Null
            }
            Peek::True | Peek::False => Value::Boolean(self.run(|jiter| jiter.known_bool(peek))?),
            Peek::String => {
                let text = self.run(|jiter| jiter.known_str().map(str::to_owned))?;
                Value::Text(Cow::Owned(self.limited(text)?))
            }
            Peek::Array => {
                let mut elements = Vec::new();
                let mut next = self.run(|jiter| jiter.known_array())?;
                while next.is_some() {
                    elements.push(self.value(depth + 1)?);
                    next = self.run(|jiter| jiter.array_step())?;
                }
                Value::Array(elements)
            }
            Peek::Object => {
                let mut attributes: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
                let mut key = self.run(|jiter| jiter.known_object().map(|key| key.map(str::to_owned)))?;
                while let Some(name) = key {
                    let value = self.value(depth + 1)?;
                    if let Some(at) = attributes.iter().position(|(known, _)| *known == name) {
                        if !self.rules.keep_last_duplicate {
                            return Err(invalid(format!(
                                "Duplicate attribute name \"{name}\" in JSON object"
                            )));
                        }
                        attributes.remove(at);
                    }
                    attributes.push((Cow::Owned(name), value));
                    key = self.run(|jiter| jiter.next_key().map(|key| key.map(str::to_owned)))?;
                }
                Value::Object(attributes)
            }
            Peek::Infinity | Peek::NaN => return Err(invalid_json(self.text)),
            _ => {
                let start = self.jiter.current_index();
                self.run(|jiter| jiter.known_skip(peek))?;
                let end = self.jiter.current_index();
                Value::Number(Cow::Borrowed(self.text.get(start..end).unwrap_or("0").trim_end()))
            }
        })
    }

    fn run<T>(&mut self, step: impl FnOnce(&mut Jiter<'a>) -> jiter::JiterResult<T>) -> Result<T, SqlError> {
        step(&mut self.jiter).map_err(|_| invalid_json(self.text))
    }

    fn limited(&self, mut text: String) -> Result<String, SqlError> {
        if text.len() > MAX_TEXT_BYTES {
            if !self.rules.truncate_texts {
                return Err(invalid(format!("String value exceeds the max size of {MAX_TEXT_BYTES} bytes")));
            }
            text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
        }
        Ok(text)
    }
}

fn invalid(message: String) -> SqlError {
    SqlError::new(SqlState::InvalidTextRepresentation, message)
}

fn invalid_json(text: &str) -> SqlError {
    const SHOWN_CHARACTERS: usize = 200;
    let shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    invalid(format!("JSON parsing error; Invalid JSON {shown}"))
}

#[cfg(test)]
mod tests {
    use super::{ParseRules, Value};

    #[test]
    fn values_are_written_without_blanks_and_numbers_as_they_were() {
        let text = r#" { "a" : [ 1 , 2.50 , -3e2 , true , null ] , "b" : "x\"y\u00e9\n" , "c" : { } } "#;
        let value = Value::parse(text, ParseRules::default()).expect("JSON");
        assert_eq!(value.to_json(), "{\"a\":[1,2.50,-3e2,true,null],\"b\":\"x\\\"yé\\n\",\"c\":{}}");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "1 2", "nul", "NaN", "'a'"] {
            assert!(Value::parse(text, ParseRules::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn equal_attributes_are_an_error_unless_the_last_one_counts() {
        let text = r#"{"a":1,"a":2}"#;
        assert!(Value::parse(text, ParseRules::default()).is_err());
        let rules = ParseRules { keep_last_duplicate: true, ..ParseRules::default() };
        assert_eq!(Value::parse(text, rules).expect("JSON").to_json(), r#"{"a":2}"#);
    }
}
