//! DECLARE, FETCH, CLOSE.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use crate::cursor::Cursor;
use crate::statement::{DeclareCursor, FetchCount, Statement};

/// `DECLARE name CURSOR FOR query`; Redshift's cursors only go forward.
pub(super) fn declare(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["declare"])?;
    let name = cursor.name()?;
    for (words, shown) in [
        (&["binary"][..], "DECLARE BINARY CURSOR"),
        (&["insensitive"], "DECLARE INSENSITIVE CURSOR"),
        (&["scroll"], "DECLARE SCROLL CURSOR"),
    ] {
        if cursor.at(words) {
            return Err(SqlError::unsupported(shown).at(cursor.position()));
        }
    }
    cursor.eat(&["no", "scroll"]);
    cursor.expect(&["cursor"])?;
    if cursor.at(&["with", "hold"]) {
        return Err(SqlError::unsupported("DECLARE CURSOR … WITH HOLD").at(cursor.position()));
    }
    cursor.eat(&["without", "hold"]);
    cursor.expect(&["for"])?;
    Ok(Statement::DeclareCursor(DeclareCursor { name, query: cursor.query()? }))
}

/// `FETCH [NEXT | ALL | FORWARD [n | ALL] | n] {FROM | IN} name`.
pub(super) fn fetch(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["fetch"])?;
    let backwards = ["prior", "first", "last", "absolute", "relative", "backward"];
    if let Some(word) = backwards.iter().find(|word| cursor.at(&[word])) {
        let form = format!("FETCH {}", word.to_ascii_uppercase());
        return Err(SqlError::unsupported(form)
            .at(cursor.position())
            .with_hint("Cursors go forward only: FETCH NEXT, ALL, FORWARD n or FORWARD ALL."));
    }
    let forward = cursor.eat(&["forward"]);
    let count = if cursor.eat(&["all"]) {
        FetchCount::All
    } else if matches!(cursor.peek(), Token::Number(..) | Token::Minus) {
        let position = cursor.position();
        let count = u64::try_from(cursor.integer()?).map_err(|_| {
            SqlError::new(SqlState::InvalidParameterValue, "FETCH takes a positive number of rows")
                .at(position)
        })?;
        FetchCount::Rows(count)
    } else {
        if !forward {
            cursor.eat(&["next"]);
        }
        FetchCount::Rows(1)
    };
    if cursor.eat_one_of(&["from", "in"]).is_none() {
        return cursor.expected("FROM");
    }
    Ok(Statement::Fetch { count, cursor: cursor.name()? })
}

/// `CLOSE name`.
pub(super) fn close(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["close"])?;
    Ok(Statement::CloseCursor(cursor.name()?))
}
