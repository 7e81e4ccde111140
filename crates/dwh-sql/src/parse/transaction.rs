//! BEGIN, COMMIT, ROLLBACK and their synonyms (RS 3.7).

use dwh_common::SqlError;
use sqlparser::tokenizer::Token;

use crate::cursor::Cursor;
use crate::statement::{Statement, TransactionModes};

/// Every isolation level means the database's own.
pub(super) fn transaction(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let position = cursor.position();
    let word = cursor.eat_one_of(&["begin", "start", "commit", "end", "rollback", "abort"]);
    if word == Some("start") {
        cursor.expect(&["transaction"])?;
    } else {
        cursor.eat_one_of(&["work", "transaction"]);
    }
    match word {
        Some("begin" | "start") => Ok(Statement::Begin(modes(cursor)?)),
        Some("commit" | "end") => Ok(Statement::Commit),
        _ if cursor.at(&["to"]) => Err(SqlError::unsupported("ROLLBACK TO SAVEPOINT").at(position)),
        _ => Ok(Statement::Rollback),
    }
}

/// `ISOLATION LEVEL …`, `READ WRITE`, `READ ONLY`, any number of them.
pub(super) fn modes(cursor: &mut Cursor<'_>) -> Result<TransactionModes, SqlError> {
    let mut modes = TransactionModes::default();
    while !cursor.at_end() {
        if cursor.eat(&["isolation", "level"]) {
            let levels: [&[&str]; 4] = [
                &["serializable"],
                &["repeatable", "read"],
                &["read", "committed"],
                &["read", "uncommitted"],
            ];
            if !levels.iter().any(|level| cursor.eat(level)) {
                return cursor.expected("SERIALIZABLE, REPEATABLE READ, READ COMMITTED or READ UNCOMMITTED");
            }
        } else if cursor.eat(&["read", "write"]) {
            modes.read_only = Some(false);
        } else if cursor.eat(&["read", "only"]) {
            modes.read_only = Some(true);
        } else {
            return Err(cursor.syntax_error());
        }
        cursor.eat_token(&Token::Comma);
    }
    Ok(modes)
}
