//! Fields of CSV as dwh shows rows (RFC 4180).

use std::borrow::Cow;

/// A text as a field: in quotes where it would be read otherwise, and where it is empty, because NULL is nothing.
pub fn csv_field(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn only_what_would_be_read_otherwise_is_quoted() {
        for (text, field) in [
            ("a b", "a b"),
            ("", "\"\""),
            ("a\"b", "\"a\"\"b\""),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
            ("a\rb", "\"a\rb\""),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }
}
