//! OPEN, FETCH and CLOSE.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{CursorQuery, StatementKind, Target, VariableId, VariableKind};
use super::reader::Reader;

impl Reader<'_> {
    /// A variable that holds a cursor.
    pub(super) fn cursor_variable(&mut self) -> Result<VariableId, SqlError> {
        let at = self.at;
        // Arguments of a bound cursor may follow, which make no function of it.
        let named = match self.token(0) {
            Some(Token::Word(word)) => self.scopes.find(&word.value),
            _ => None,
        };
        let target = match named {
            Some(variable) if self.is(1, &Token::LParen) => {
                self.at += 1;
                Some(Target { variable, field: None })
            }
            _ => self.eat_target(),
        };
        let holds_cursor = |id: VariableId| {
            let kind = &self.variables[id].kind;
            matches!(kind, VariableKind::RefCursor | VariableKind::Cursor { .. } | VariableKind::Argument)
        };
        match target {
            Some(target) if target.field.is_none() && holds_cursor(target.variable) => Ok(target.variable),
            Some(target) => {
                let name = &self.variables[target.variable].name;
                let message = format!("variable \"{name}\" must be of type cursor or refcursor");
                Err(self.error_at(at, SqlState::DatatypeMismatch, message))
            }
            None => self.expected("a cursor variable"),
        }
    }

    /// `OPEN cursor FOR query`, `OPEN cursor FOR EXECUTE text`, `OPEN bound [(value, …)]`.
    pub(super) fn open(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["open"])?;
        let at = self.at;
        let cursor = self.cursor_variable()?;
        let bound = match &self.variables[cursor].kind {
            VariableKind::Cursor { arguments, .. } => Some(arguments.len()),
            _ => None,
        };
        if let Some(count) = bound {
            let values = self.arguments()?;
            if values.len() != count {
                let name = &self.variables[cursor].name;
                let message = format!("cursor \"{name}\" has {count} arguments, not {}", values.len());
                return Err(self.error_at(at, SqlState::SyntaxError, message));
            }
            self.end_statement()?;
            return Ok(StatementKind::Open { cursor, query: CursorQuery::Bound(values) });
        }
        self.expect(&["for"])?;
        if self.eat(&["execute"]) {
            let command = self.last_expression()?;
            return Ok(StatementKind::Open { cursor, query: CursorQuery::Dynamic(command) });
        }
        let query = self.query()?;
        self.end_statement()?;
        Ok(StatementKind::Open { cursor, query: CursorQuery::Query(query) })
    }

    /// `FETCH [[NEXT] FROM] cursor INTO target`.
    pub(super) fn fetch(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["fetch"])?;
        if self.at_words(&["next"]) && !self.at_words(&["next", "into"]) {
            self.at += 1;
        }
        if !self.eat(&["from"]) {
            self.eat(&["in"]);
        }
        let cursor = self.cursor_variable()?;
        self.expect(&["into"])?;
        let into = self.targets()?;
        self.end_statement()?;
        Ok(StatementKind::Fetch { cursor, into })
    }

    pub(super) fn close_cursor(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["close"])?;
        let cursor = self.cursor_variable()?;
        self.end_statement()?;
        Ok(StatementKind::Close(cursor))
    }
}
