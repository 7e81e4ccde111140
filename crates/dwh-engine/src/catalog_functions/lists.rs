//! Arrays, vectors and rows as PostgreSQL prints them, which are texts here.

use super::{Argument, number};

/// The elements of an array as PostgreSQL prints it, or of a vector.
pub(super) fn elements(list: &str) -> Vec<&str> {
    written_elements(list).into_iter().map(|part| part.trim_matches('"')).collect()
}

/// The same, in the quotes that they have: `{a,"b c"}` is an array, `a b` a vector.
fn written_elements(list: &str) -> Vec<&str> {
    let list = list.trim();
    let array = list.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let mut quoted = false;
    let parts = array.unwrap_or(list).split(|letter| {
        quoted ^= letter == '"';
        !quoted && (letter == ',' || (array.is_none() && letter == ' '))
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

pub(super) fn element_numbers(list: &str) -> Vec<Option<i64>> {
    elements(list).into_iter().map(|element| number(Some(element))).collect()
}

pub(super) fn subscripts(list: &str) -> Vec<Option<i64>> {
    (first_subscript(list)..).zip(elements(list)).map(|(subscript, _)| Some(subscript)).collect()
}

pub(super) fn has_element(list: Argument<'_>, value: Argument<'_>) -> Option<bool> {
    let value = value?;
    Some(elements(list?).contains(&value))
}

/// The element at a place, from 1 on.
pub(super) fn element(list: Argument<'_>, place: Argument<'_>) -> Option<String> {
    let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
    elements(list?).get(place).map(|value| (*value).to_owned())
}

/// `list[subscript]`.
pub(super) fn subscripted(list: Argument<'_>, subscript: Argument<'_>) -> Option<String> {
    let place = number(subscript)?.checked_sub(first_subscript(list?))?;
    elements(list?).get(usize::try_from(place).ok()?).map(|value| (*value).to_owned())
}

/// The places of an array begin at 1, those of a vector at 0.
fn first_subscript(list: &str) -> i64 {
    i64::from(list.trim_start().starts_with('{'))
}

/// A row as PostgreSQL prints it: `(public,sales,"timestamp without time zone",10)`.
pub(super) fn row_text(values: &[Argument<'_>]) -> String {
    let shown = values.iter().map(|value| match value {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains([',', '(', ')', '"', '\\', ' ']) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
        }
        Some(text) => (*text).to_owned(),
    });
    format!("({})", shown.collect::<Vec<_>>().join(","))
}

pub(super) fn joined(list: Argument<'_>, separator: Argument<'_>) -> Option<String> {
    Some(elements(list?).join(separator?))
}
