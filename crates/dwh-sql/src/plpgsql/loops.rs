//! WHILE, FOR, EXIT and CONTINUE.

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{RowSource, StatementKind, VariableKind};
use super::reader::{Reader, Stop};
use super::scope::ScopeKind;

impl Reader<'_> {
    pub(super) fn while_loop(&mut self, label: Option<String>) -> Result<StatementKind, SqlError> {
        self.expect(&["while"])?;
        let range = self.until(&[Stop::Word("loop")])?;
        if range.is_empty() {
            return Err(self.syntax_error());
        }
        let condition = self.fragment(&[range]);
        self.scopes.open(ScopeKind::Loop, label.clone());
        let body = self.loop_body(label)?;
        Ok(StatementKind::While { condition, body })
    }

    /// `FOR i IN [REVERSE] a..b`, `FOR target IN query`, `FOR target IN EXECUTE text`.
    pub(super) fn for_loop(&mut self, label: Option<String>) -> Result<StatementKind, SqlError> {
        self.expect(&["for"])?;
        let start = self.at;
        // What comes behind IN says whether the name is a new variable.
        while !self.at_words(&["in"]) {
            if matches!(self.token(0), None | Some(Token::SemiColon)) {
                return Err(self.syntax_error());
            }
            self.at += 1;
        }
        let in_at = self.at;
        self.at += 1;
        let reverse = self.eat(&["reverse"]);
        let first_at = self.at;
        if !self.at_words(&["execute"]) && !self.at_query() {
            let first = self.until(&[Stop::Dots, Stop::Word("loop")])?;
            if self.is(0, &Token::Period) {
                let first = self.fragment(&[first]);
                self.at += 2;
                let last = self.until(&[Stop::Word("loop"), Stop::Word("by")])?;
                if last.is_empty() {
                    return Err(self.syntax_error());
                }
                let last = self.fragment(&[last]);
                let step = match self.eat(&["by"]) {
                    true => {
                        let range = self.until(&[Stop::Word("loop")])?;
                        Some(self.fragment(&[range]))
                    }
                    false => None,
                };
                let loop_at = self.at;
                self.at = start;
                let name = self.name()?;
                if self.at != in_at {
                    return Err(self.syntax_error());
                }
                self.at = loop_at;
                self.scopes.open(ScopeKind::Loop, label.clone());
                let kind = VariableKind::Value { data_type: RedshiftType::Integer, has_length: false };
                let variable = self.declare(&name, kind)?;
                let body = self.loop_body(label)?;
                return Ok(StatementKind::ForInteger { variable, reverse, first, last, step, body });
            }
        }
        if reverse {
            self.at = first_at;
            return Err(self.syntax_error().with_detail("REVERSE needs a range of integers, a..b"));
        }
        self.at = start;
        let targets = self.targets()?;
        self.expect(&["in"])?;
        let rows = self.row_source()?;
        self.scopes.open(ScopeKind::Loop, label.clone());
        let body = self.loop_body(label)?;
        Ok(StatementKind::ForRows { targets, rows, body })
    }

    fn row_source(&mut self) -> Result<RowSource, SqlError> {
        if self.eat(&["execute"]) {
            let range = self.until(&[Stop::Word("loop"), Stop::Word("using")])?;
            if self.at_words(&["using"]) {
                return Err(self.unsupported("EXECUTE … USING"));
            }
            return Ok(RowSource::Dynamic(self.fragment(&[range])));
        }
        if !self.at_query() {
            let at = self.at;
            if let Ok(cursor) = self.cursor_variable()
                && matches!(self.variables[cursor].kind, VariableKind::Cursor { .. })
            {
                let arguments = self.arguments()?;
                return Ok(RowSource::Cursor(cursor, arguments));
            }
            self.at = at;
            return self.expected("a query, EXECUTE, or a range of integers");
        }
        let range = self.until(&[Stop::Word("loop")])?;
        Ok(RowSource::Query(self.fragment(&[range])))
    }

    /// Whether a query comes next, in parentheses or not.
    pub(super) fn at_query(&self) -> bool {
        let mut ahead = 0;
        while self.is(ahead, &Token::LParen) {
            ahead += 1;
        }
        matches!(self.word(ahead), Some("select" | "with")) || (ahead == 0 && self.at_words(&["values"]))
    }

    /// `EXIT [label] [WHEN condition]`, `CONTINUE [label] [WHEN condition]`.
    pub(super) fn jump(&mut self) -> Result<StatementKind, SqlError> {
        let at = self.at;
        let continues = self.eat(&["continue"]);
        if !continues {
            self.expect(&["exit"])?;
        }
        let label = match self.word(0) {
            Some("when") | None => None,
            Some(_) => Some(self.name()?),
        };
        let word = if continues { "CONTINUE" } else { "EXIT" };
        let misplaced = match &label {
            Some(label) if !self.scopes.is_label(label) => Some(format!(
                "there is no label \"{label}\" attached to any block or loop enclosing this statement"
            )),
            Some(label) if continues && !self.scopes.is_loop_label(label) => {
                Some(format!("block label \"{label}\" cannot be used in CONTINUE"))
            }
            None if !self.scopes.in_loop() => {
                Some(format!("{word} cannot be used outside a loop, unless it has a label"))
            }
            _ => None,
        };
        if let Some(message) = misplaced {
            return Err(self.error_at(at, SqlState::SyntaxError, message));
        }
        let when = match self.eat(&["when"]) {
            true => Some(self.last_expression()?),
            false => {
                self.end_statement()?;
                None
            }
        };
        Ok(StatementKind::Jump { continues, label, when })
    }
}
