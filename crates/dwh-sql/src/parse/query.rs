//! SELECT, WITH, VALUES; SELECT … INTO; whether a prompt's text is complete.

use dwh_common::SqlError;
use sqlparser::ast::{ObjectName, SelectInto, SetExpr};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::cursor::Cursor;
use crate::lex::{DIALECT, position_of};
use crate::statement::{AttributeSpec, CreateTableAs, Statement, TableName};

/// A query; with INTO it creates a table (RS 3.5).
pub(super) fn query_or_into(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let mut query = cursor.query()?;
    let Some(into) = take_into(&mut query.body) else {
        return Ok(Statement::Query(query));
    };
    let name = table_name_of(&into.name);
    Ok(Statement::CreateTableAs(CreateTableAs {
        temporary: into.temporary || name.name.starts_with('#'),
        name,
        columns: Vec::new(),
        attributes: AttributeSpec::default(),
        query,
    }))
}

/// INTO stands in the first SELECT.
fn take_into(body: &mut SetExpr) -> Option<SelectInto> {
    match body {
        SetExpr::Select(select) => select.into.take(),
        SetExpr::Query(query) => take_into(&mut query.body),
        SetExpr::SetOperation { left, .. } => take_into(left),
        _ => None,
    }
}

/// A name of sqlparser's AST as ours.
pub fn table_name_of(name: &ObjectName) -> TableName {
    let mut parts: Vec<_> = name.0.iter().filter_map(|part| part.as_ident()).collect();
    let last = parts.pop();
    let schema = parts.pop().map(|ident| ident.value.clone());
    let database = parts.pop().map(|ident| ident.value.clone());
    TableName {
        database,
        schema,
        name: last.map(|ident| ident.value.clone()).unwrap_or_default(),
        position: name.0.first().and_then(|part| part.as_ident()).map(|ident| position_of(ident.span.start)),
    }
}

/// Whether a prompt can send this text: it ends with a semicolon, outside strings and comments. Text that
/// is wrong in another way counts as complete, so that its error is shown; so does empty text.
pub fn is_complete(sql: &str) -> bool {
    match Tokenizer::new(&DIALECT, sql).with_unescape(false).tokenize() {
        Ok(tokens) => tokens
            .iter()
            .rfind(|token| !matches!(token, Token::Whitespace(_)))
            .is_none_or(|last| *last == Token::SemiColon),
        Err(error) => {
            let open = ["Unterminated", "Unexpected EOF", "close delimiter"];
            !open.iter().any(|start| error.message.contains(start))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn a_prompt_waits_for_the_semicolon_outside_strings_and_comments() {
        for text in ["select 1;", "select 1; -- done", "", "  \n", "select ';';"] {
            assert!(is_complete(text), "{text}");
        }
        for text in ["select 1", "select ';", "select 1 /* ;", "select \"a;", "select 1 -- ;", "select $$;"] {
            assert!(!is_complete(text), "{text}");
        }
    }
}
