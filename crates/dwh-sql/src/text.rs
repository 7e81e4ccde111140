//! Expressions and queries back to text that reads as the same, for the catalog: the DEFAULT of a column.

use std::fmt::Display;
use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{Value, ValueWithSpan, VisitMut, VisitorMut};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::lex::lex;

/// The tree as SQL that [`crate::parse`] or [`crate::parse_expression`] reads back to an equal tree.
///
/// sqlparser's own `Display` does not escape backslashes, which are escapes in Redshift's literals, and
/// takes two quotes in a row for one that is escaped already; such literals are written as `E'…'`.
pub fn to_sql<T: Clone + Display + VisitMut>(tree: &T) -> String {
    let mut printable = tree.clone();
    let _ = printable.visit(&mut Escaper);
    printable.to_string()
}

/// The words of a text that are names or key words, in lower case, and its asterisks.
///
/// # Errors
/// 42601 if the text cannot be split into tokens.
pub fn words(sql: &str) -> Result<Vec<String>, SqlError> {
    let statements = lex(sql, false)?;
    let word = |token: &TokenWithSpan| match &token.token {
        Token::Word(word) => Some(word.value.clone()),
        Token::Mul => Some("*".to_owned()),
        _ => None,
    };
    Ok(statements.iter().flat_map(|statement| &statement.tokens).filter_map(word).collect())
}

struct Escaper;

impl VisitorMut for Escaper {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::SingleQuotedString(text) = &mut value.value
            && text.contains(['\\', '\''])
        {
            value.value = Value::EscapedStringLiteral(std::mem::take(text));
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::to_sql;
    use crate::parse_expression;

    #[test]
    fn a_default_reads_back_as_itself() {
        for sql in
            [r"'a\\b'", r"'it''s'", "''''''", r"'\\''' || 'x'", "DATE '2020-01-01'", "getdate()", "1 + 2"]
        {
            let expr = parse_expression(sql).expect("the expression parses");
            let text = to_sql(&expr);
            assert_eq!(parse_expression(&text).expect("its text parses"), expr, "{sql} became {text}");
        }
    }
}
