//! SQL commands, SELECT INTO, dynamic SQL, CALL, and assignments.

use std::ops::Range;

use dwh_common::SqlError;
use sqlparser::tokenizer::Token;

use super::Fragment;
use super::ast::{StatementKind, Target};
use super::reader::{Reader, Stop, word};
use crate::statement::TableName;

/// The variables behind INTO, and the tokens that say so.
type Into = (Vec<Target>, Range<usize>);

impl Reader<'_> {
    /// Whether `target :=` or `target =` comes next.
    pub(super) fn at_assignment(&self) -> bool {
        if !matches!(self.token(0), Some(Token::Word(_) | Token::Placeholder(_))) {
            return false;
        }
        let mut ahead = 1;
        while self.is(ahead, &Token::Period) && matches!(self.token(ahead + 1), Some(Token::Word(_))) {
            ahead += 2;
        }
        matches!(self.token(ahead), Some(Token::Assignment | Token::Eq))
    }

    pub(super) fn assignment(&mut self) -> Result<StatementKind, SqlError> {
        let target = self.target()?;
        if !self.eat_token(&Token::Assignment) {
            self.expect_token(&Token::Eq)?;
        }
        let value = self.last_expression()?;
        Ok(StatementKind::Assign { target, value })
    }

    /// Any SQL command; a query may have INTO.
    pub(super) fn sql(&mut self) -> Result<StatementKind, SqlError> {
        if !matches!(self.token(0), Some(Token::Word(_) | Token::LParen)) {
            return Err(self.syntax_error());
        }
        let range = self.until(&[Stop::Semicolon])?;
        let end = self.at;
        let into = match self.word_at(range.start) {
            Some("select" | "with") => self.query_into(&range)?,
            _ => None,
        };
        self.at = end;
        self.end_statement()?;
        Ok(match into {
            Some((targets, taken)) => {
                let ranges = [range.start..taken.start, taken.end..range.end];
                let command = self.fragment(&ranges);
                StatementKind::Sql { command, into: Some(targets) }
            }
            None => StatementKind::Sql { command: self.fragment(&[range]), into: None },
        })
    }

    fn word_at(&self, at: usize) -> Option<&str> {
        self.lexemes.get(at).and_then(|lexeme| word(&lexeme.token))
    }

    /// The variables behind INTO and the tokens that say so. Another name there is a table that SELECT INTO makes.
    fn query_into(&mut self, range: &Range<usize>) -> Result<Option<Into>, SqlError> {
        let mut parentheses = 0_usize;
        for at in range.clone() {
            match &self.lexemes[at].token {
                Token::LParen => parentheses += 1,
                Token::RParen => parentheses = parentheses.saturating_sub(1),
                _ => {}
            }
            match self.word_at(at) {
                Some("insert" | "update" | "delete" | "merge") if parentheses == 0 => return Ok(None),
                Some("into") if parentheses == 0 => {
                    self.at = at + 1;
                    self.eat(&["strict"]);
                    let first = self.at;
                    if self.eat_target().is_none() {
                        return Ok(None);
                    }
                    self.at = first;
                    let targets = self.targets()?;
                    return Ok(Some((targets, at..self.at)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// A query up to `;`, which is not taken.
    pub(super) fn query(&mut self) -> Result<Fragment, SqlError> {
        if !self.at_query() {
            return self.expected("a query");
        }
        let range = self.until(&[Stop::Semicolon])?;
        Ok(self.fragment(&[range]))
    }

    /// `EXECUTE text [INTO targets]`.
    pub(super) fn execute(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["execute"])?;
        let range = self.until(&[Stop::Word("into"), Stop::Word("using"), Stop::Semicolon])?;
        if range.is_empty() {
            return Err(self.syntax_error());
        }
        let command = self.fragment(&[range]);
        let into = if self.eat(&["into"]) { Some(self.targets()?) } else { None };
        if self.at_words(&["using"]) {
            return Err(self
                .unsupported("EXECUTE … USING")
                .with_hint("put the values into the text with quote_literal"));
        }
        self.end_statement()?;
        Ok(StatementKind::Execute { command, into })
    }

    /// `PERFORM …` is `SELECT …` without its rows.
    pub(super) fn perform(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["perform"])?;
        Ok(StatementKind::Perform(self.last_expression()?))
    }

    /// `CALL name(argument, …)`.
    pub(super) fn call(&mut self) -> Result<StatementKind, SqlError> {
        let start = self.at;
        self.expect(&["call"])?;
        let mut parts = vec![self.name()?];
        while self.eat_token(&Token::Period) {
            parts.push(self.name()?);
        }
        let name = parts.pop().unwrap_or_default();
        let schema = parts.pop();
        let name = TableName { database: parts.pop(), schema, name, position: None };
        if !self.is(0, &Token::LParen) {
            return self.expected("\"(\"");
        }
        let fragments = self.arguments()?;
        let behind_call = start + 1..self.at;
        let shown = self.fragment(&[behind_call]).shown;
        self.end_statement()?;
        let variable = |fragment: Fragment| {
            let target = fragment
                .as_variable()
                .map(|reference| Target { variable: reference.variable, field: reference.field.clone() });
            (fragment, target)
        };
        let arguments = fragments.into_iter().map(variable).collect();
        Ok(StatementKind::Call { name, arguments, text: format!("CALL {shown}") })
    }

    /// `(value, …)`, if a parenthesis comes next.
    pub(super) fn arguments(&mut self) -> Result<Vec<Fragment>, SqlError> {
        let mut found = Vec::new();
        if !self.eat_token(&Token::LParen) || self.eat_token(&Token::RParen) {
            return Ok(found);
        }
        loop {
            let range = self.until(&[Stop::Comma, Stop::Closing])?;
            if range.is_empty() {
                return Err(self.syntax_error());
            }
            found.push(self.fragment(&[range]));
            if !self.eat_token(&Token::Comma) {
                break;
            }
        }
        self.expect_token(&Token::RParen)?;
        Ok(found)
    }

    /// `GET DIAGNOSTICS variable := ROW_COUNT [, …]`.
    pub(super) fn get_diagnostics(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["get", "diagnostics"])?;
        let mut targets = Vec::new();
        loop {
            targets.push(self.target()?);
            if !self.eat_token(&Token::Assignment) {
                self.expect_token(&Token::Eq)?;
            }
            if !self.eat(&["row_count"]) {
                return self.expected("ROW_COUNT");
            }
            if !self.eat_token(&Token::Comma) {
                break;
            }
        }
        self.end_statement()?;
        Ok(StatementKind::GetRowCount(targets))
    }
}
