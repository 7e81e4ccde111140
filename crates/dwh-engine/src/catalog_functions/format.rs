//! format(): PostgreSQL's, with `%s`, `%I`, `%L` and `%%`, as psql writes it.

use std::result::Result;

use dwh_common::{SqlError, SqlState};
use dwh_sql::keywords::{quote_ident, quote_literal};

use super::{Answer, Argument, CatalogView};

pub(super) fn format(_: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer, SqlError> {
    let [Some(pattern), values @ ..] = arguments else { return Ok(Answer::Text(None)) };
    let refused = |message: String| SqlError::new(SqlState::InvalidParameterValue, message);
    let mut values = values.iter();
    let mut next =
        || values.next().copied().ok_or_else(|| refused("too few arguments for format()".to_owned()));
    let mut out = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => out.push('%'),
            Some('s') => out.push_str(next()?.unwrap_or_default()),
            Some('I') => match next()? {
                Some(name) => out.push_str(&quote_ident(name)),
                None => {
                    return Err(refused("null values cannot be formatted as an SQL identifier".to_owned()));
                }
            },
            Some('L') => out.push_str(&next()?.map_or_else(|| "NULL".to_owned(), quote_literal)),
            Some(other) => return Err(refused(format!("unrecognized format() type specifier \"{other}\""))),
            None => return Err(refused("unterminated format() type specifier".to_owned())),
        }
    }
    Ok(Answer::Text(Some(out)))
}
