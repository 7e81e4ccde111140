//! IF and CASE.

use dwh_common::SqlError;

use super::Fragment;
use super::ast::{Statement, StatementKind, VariableKind};
use super::reader::{Reader, Stop};

type Arms = Vec<(Fragment, Vec<Statement>)>;

impl Reader<'_> {
    pub(super) fn if_statement(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["if"])?;
        let mut arms: Arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.condition("then")?;
            let body = self.statements(&["elsif", "elseif", "else", "end"])?;
            arms.push((condition, body));
            if self.eat(&["elsif"]) || self.eat(&["elseif"]) {
                continue;
            }
            if self.eat(&["else"]) {
                otherwise = self.statements(&["end"])?;
            }
            break;
        }
        self.expect(&["end", "if"])?;
        self.end_statement()?;
        Ok(StatementKind::If { arms, otherwise })
    }

    /// An expression up to a word, which is taken.
    pub(super) fn condition(&mut self, end: &'static str) -> Result<Fragment, SqlError> {
        let range = self.until(&[Stop::Word(end)])?;
        if range.is_empty() {
            return Err(self.syntax_error());
        }
        let condition = self.fragment(&[range]);
        self.expect(&[end])?;
        Ok(condition)
    }

    pub(super) fn case_statement(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["case"])?;
        let search = match self.at_words(&["when"]) {
            true => None,
            false => {
                let range = self.until(&[Stop::Word("when")])?;
                let fragment = self.fragment(&[range]);
                let name = format!("__case_{}", self.variables.len());
                Some((fragment, self.declare(&name, VariableKind::Argument)?))
            }
        };
        let mut arms = Vec::new();
        while self.eat(&["when"]) {
            let mut values = Vec::new();
            loop {
                // A searched CASE has one condition.
                let stops: &[Stop] = match search {
                    Some(_) => &[Stop::Comma, Stop::Word("then")],
                    None => &[Stop::Word("then")],
                };
                let range = self.until(stops)?;
                if range.is_empty() {
                    return Err(self.syntax_error());
                }
                values.push(self.fragment(&[range]));
                if !self.eat_token(&sqlparser::tokenizer::Token::Comma) {
                    break;
                }
            }
            self.expect(&["then"])?;
            let body = self.statements(&["when", "else", "end"])?;
            arms.push((values, body));
        }
        let otherwise = if self.eat(&["else"]) { Some(self.statements(&["end"])?) } else { None };
        self.expect(&["end", "case"])?;
        self.end_statement()?;
        Ok(StatementKind::Case { search, arms, otherwise })
    }
}
