//! Walking JSON text to one value, on jiter.

use std::ops::Range;

use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;
use jiter::{Jiter, JiterResult, Peek};

use crate::functions::error::sql_err;

/// Whether a text is one JSON value, and which kind it begins with.
pub(super) fn kind(text: &str) -> Option<Peek> {
    let mut scanner = Jiter::new(text.as_bytes());
    let kind = scanner.peek().ok()?;
    scanner.known_skip(kind).ok()?;
    scanner.finish().ok()?;
    Some(kind)
}

/// The text of a member of an object; `None` if it has none of that name.
pub(super) fn member<'t>(object: &'t str, name: &str) -> JiterResult<Option<&'t str>> {
    let mut scanner = Jiter::new(object.as_bytes());
    if scanner.peek()? != Peek::Object {
        return Ok(None);
    }
    let mut matches = scanner.known_object()?.map(|key| key == name);
    while let Some(found) = matches {
        let value = skip(&mut scanner, object)?;
        if found {
            return Ok(object.get(value));
        }
        matches = scanner.next_key()?.map(|key| key == name);
    }
    Ok(None)
}

/// The elements of an array as text; `None` if the value is none.
pub(super) fn elements(array: &str) -> JiterResult<Option<Vec<&str>>> {
    let mut scanner = Jiter::new(array.as_bytes());
    if scanner.peek()? != Peek::Array {
        return Ok(None);
    }
    let mut found = Vec::new();
    let mut next = scanner.known_array()?;
    while next.is_some() {
        found.extend(array.get(skip(&mut scanner, array)?));
        next = scanner.array_step()?;
    }
    Ok(Some(found))
}

/// Steps over a value and tells which bytes it was.
fn skip(scanner: &mut Jiter<'_>, text: &str) -> JiterResult<Range<usize>> {
    let kind = scanner.peek()?;
    let start = scanner.current_index();
    scanner.known_skip(kind)?;
    let end = scanner.current_index();
    let length = text.get(start..end).map_or(0, |value| value.trim_end().len());
    Ok(start..start + length)
}

/// A value as Redshift shows it: strings without quotes and escapes, null as NULL, the rest as written.
pub(super) fn shown(value: &str) -> Option<String> {
    let mut scanner = Jiter::new(value.as_bytes());
    match scanner.peek() {
        Ok(Peek::Null) => None,
        Ok(Peek::String) => scanner.known_str().ok().map(str::to_owned),
        _ => Some(value.to_owned()),
    }
}

/// The error of text that is not the JSON a function takes.
pub(super) fn invalid(what: &str, text: &str) -> DataFusionError {
    sql_err(SqlState::InvalidTextRepresentation, format!("JSON parsing error; Invalid JSON {what} {text}"))
}

/// What to do with text that is not JSON: NULL where the call says so, else an error.
pub(super) fn unless_null<T>(null_if_invalid: bool, what: &str, text: &str) -> Result<Option<T>> {
    if null_if_invalid { Ok(None) } else { Err(invalid(what, text)) }
}
