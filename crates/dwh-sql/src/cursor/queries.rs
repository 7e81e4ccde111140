//! Expressions, queries and tables, which sqlparser reads.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    Expr, Ident, Query, TableFactor, TableWithJoins, Visit, visit_expressions, visit_relations,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::Cursor;
use crate::keywords;
use crate::lex::position_of;

impl Cursor<'_> {
    /// Runs a parser function of sqlparser.
    pub(crate) fn run<T>(
        &mut self,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Result<T, SqlError> {
        read(&mut self.parser).map_err(|error| self.error(error))
    }

    /// An expression.
    pub(crate) fn expr(&mut self) -> Result<Expr, SqlError> {
        let expr = self.run(Parser::parse_expr)?;
        self.refuse_clause_words(&expr)?;
        Ok(expr)
    }

    /// An expression, or `None` for the keyword DEFAULT.
    pub(crate) fn expr_or_default(&mut self) -> Result<Option<Expr>, SqlError> {
        if self.eat(&["default"]) { Ok(None) } else { self.expr().map(Some) }
    }

    /// A query, WITH included.
    pub(crate) fn query(&mut self) -> Result<Box<Query>, SqlError> {
        if !self.at_query() {
            return self.expected("SELECT or WITH");
        }
        let query = self.run(Parser::parse_query)?;
        self.refuse_clause_words(query.as_ref())?;
        Ok(query)
    }

    /// sqlparser takes many a word for a name where Redshift reports a clause out of place.
    fn refuse_clause_words(&self, tree: &impl Visit) -> Result<(), SqlError> {
        let is_misplaced =
            |ident: &Ident| ident.quote_style.is_none() && keywords::starts_clause(&ident.value);
        let in_tables = visit_relations(tree, |name| match name.0.as_slice() {
            [part] => misplaced(part.as_ident().filter(|ident| is_misplaced(ident))),
            _ => ControlFlow::Continue(()),
        });
        let in_expressions = visit_expressions(tree, |expr| match expr {
            Expr::Identifier(ident) => misplaced(Some(ident).filter(|ident| is_misplaced(ident))),
            _ => ControlFlow::Continue(()),
        });
        match [in_tables, in_expressions].into_iter().filter_map(ControlFlow::break_value).min() {
            None => Ok(()),
            Some(position) => {
                let near = self.token_text_at(position);
                let message = format!("syntax error at or near \"{near}\"");
                Err(SqlError::new(SqlState::SyntaxError, message).at(position))
            }
        }
    }

    /// Whether a query comes next, in parentheses or not.
    pub(crate) fn at_query(&self) -> bool {
        let mut ahead = 0;
        while *self.peek_nth(ahead) == Token::LParen {
            ahead += 1;
        }
        matches!(self.peek_nth_word(ahead), Some("select" | "with")) || (ahead == 0 && self.at(&["values"]))
    }

    /// Tables with joins, commas between them.
    pub(crate) fn tables(&mut self) -> Result<Vec<TableWithJoins>, SqlError> {
        self.comma_separated(|cursor| {
            let table = cursor.run(Parser::parse_table_and_joins)?;
            cursor.refuse_clause_words(&table)?;
            Ok(table)
        })
    }

    /// One table, view or sub-query with its alias.
    pub(crate) fn table_factor(&mut self) -> Result<TableFactor, SqlError> {
        self.run(Parser::parse_table_factor)
    }
}

fn misplaced(ident: Option<&Ident>) -> ControlFlow<usize> {
    match ident {
        Some(ident) => ControlFlow::Break(position_of(ident.span.start)),
        None => ControlFlow::Continue(()),
    }
}
