//! DECLARE: variables, constants, aliases, records and cursors.

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{Declaration, Variable, VariableId, VariableKind};
use super::reader::{Reader, Stop, word};
use crate::parse::data_type_of;
use crate::statement::TableName;

/// The guide's page "Limits and differences for stored procedure support".
const MAX_VARIABLES: usize = 1024;

impl Reader<'_> {
    /// Makes a variable that the innermost block names.
    pub(super) fn declare(&mut self, name: &str, kind: VariableKind) -> Result<VariableId, SqlError> {
        let variable = Variable { name: name.to_owned(), kind, constant: false, not_null: false };
        self.add_variable(variable, self.at)
    }

    /// The same of any variable, whose name is the token `at`.
    fn add_variable(&mut self, variable: Variable, at: usize) -> Result<VariableId, SqlError> {
        if self.variables.len() > MAX_VARIABLES {
            let message = format!("a procedure has at most {MAX_VARIABLES} variables");
            return Err(self.error_at(self.at, SqlState::ProgramLimitExceeded, message));
        }
        let id = self.variables.len();
        if !self.scopes.add(&variable.name, id) {
            let message = format!("variable \"{}\" is declared twice", variable.name);
            return Err(self.error_at(at, SqlState::SyntaxError, message));
        }
        self.variables.push(variable);
        Ok(id)
    }

    /// What stands between DECLARE and BEGIN.
    pub(super) fn declarations(&mut self) -> Result<Vec<Declaration>, SqlError> {
        let mut found = Vec::new();
        while !self.at_words(&["begin"]) {
            if self.eat(&["declare"]) {
                continue;
            }
            let (line, at) = (self.line(), self.at);
            let name = self.name()?;
            if self.eat(&["alias", "for"]) {
                self.alias(&name)?;
                continue;
            }
            if self.at_words(&["cursor"]) || self.at_words(&["no", "scroll"]) {
                let variable = self.cursor(&name)?;
                found.push(Declaration { variable, default: None, line });
                continue;
            }
            let constant = self.eat(&["constant"]);
            let kind = self.declared_type()?;
            let not_null = self.eat(&["not", "null"]);
            let has_default =
                self.eat_token(&Token::Assignment) || self.eat_token(&Token::Eq) || self.eat(&["default"]);
            let default = match has_default {
                true => {
                    let range = self.until(&[Stop::Semicolon])?;
                    if range.is_empty() {
                        return Err(self.syntax_error());
                    }
                    Some(self.fragment(&[range]))
                }
                false => None,
            };
            if not_null && default.is_none() {
                let message =
                    format!("variable \"{name}\" must have a default value, since it's declared NOT NULL");
                return Err(self.error_at(self.at, SqlState::NullValueNotAllowed, message));
            }
            self.end_statement()?;
            // The default sees what was declared before, not the variable itself.
            let variable = self.add_variable(Variable { name, kind, constant, not_null }, at)?;
            found.push(Declaration { variable, default, line });
        }
        Ok(found)
    }

    /// `name ALIAS FOR $n`, or for another variable.
    fn alias(&mut self, name: &str) -> Result<(), SqlError> {
        let of = match self.token(0) {
            Some(Token::Placeholder(text)) => text.clone(),
            Some(Token::Word(word)) => word.value.clone(),
            _ => return Err(self.syntax_error()),
        };
        let Some(variable) = self.scopes.find(&of) else {
            let message = format!("\"{of}\" is not a known argument");
            return Err(self.error_at(self.at, SqlState::UndefinedParameter, message));
        };
        self.at += 1;
        if !self.scopes.add(name, variable) {
            let message = format!("variable \"{name}\" is declared twice");
            return Err(self.error_at(self.at, SqlState::SyntaxError, message));
        }
        self.end_statement()
    }

    /// `name CURSOR [(argument type, …)] {FOR | IS} query`.
    fn cursor(&mut self, name: &str) -> Result<VariableId, SqlError> {
        self.eat(&["no", "scroll"]);
        self.expect(&["cursor"])?;
        // The arguments are seen by the query only.
        self.scopes.open(super::scope::ScopeKind::Block, None);
        let mut arguments = Vec::new();
        if self.eat_token(&Token::LParen) && !self.eat_token(&Token::RParen) {
            loop {
                let argument = self.name()?;
                let range = self.until(&[Stop::Comma, Stop::Closing])?;
                let kind = self.value_type(range)?;
                arguments.push(self.declare(&argument, kind)?);
                if !self.eat_token(&Token::Comma) {
                    break;
                }
            }
            self.expect_token(&Token::RParen)?;
        }
        if !self.eat(&["for"]) && !self.eat(&["is"]) {
            return self.expected("FOR");
        }
        let query = self.query()?;
        self.end_statement()?;
        self.scopes.close();
        self.declare(name, VariableKind::Cursor { arguments, query })
    }

    /// A type, `RECORD`, `refcursor`, `%TYPE` or `%ROWTYPE`.
    fn declared_type(&mut self) -> Result<VariableKind, SqlError> {
        let start = self.at;
        let ends = |reader: &Self| {
            matches!(reader.token(0), None | Some(Token::SemiColon | Token::Assignment | Token::Eq))
                || matches!(reader.word(0), Some("not" | "default" | "collate"))
        };
        while !ends(self) {
            self.at += 1;
        }
        if start == self.at {
            return Err(self.syntax_error());
        }
        self.value_type(start..self.at)
    }

    fn value_type(&mut self, range: std::ops::Range<usize>) -> Result<VariableKind, SqlError> {
        let tokens: Vec<&Token> = self.lexemes[range.clone()].iter().map(|lexeme| &lexeme.token).collect();
        match &tokens[..] {
            [only] if word(only) == Some("record") => return Ok(VariableKind::Record),
            [only] if word(only) == Some("refcursor") => return Ok(VariableKind::RefCursor),
            [name @ .., Token::Mod, kind] => {
                let parts: Option<Vec<String>> = name
                    .iter()
                    .enumerate()
                    .filter(|(at, token)| at % 2 == 0 || **token != &Token::Period)
                    .map(|(_, token)| match token {
                        Token::Word(word) => Some(word.value.clone()),
                        _ => None,
                    })
                    .collect();
                let kind = word(kind).map(str::to_owned);
                let found = parts.and_then(|parts| self.copied_type(parts, kind.as_deref()));
                return found.ok_or_else(|| {
                    let message = format!("\"{}\" is no type", self.text(range.clone()));
                    self.error_at(range.start, SqlState::SyntaxError, message)
                });
            }
            _ => {}
        }
        let text = self.text(range.clone());
        let data_type = data_type_of(text, self.case_sensitive).map_err(|error| {
            let placed = self.error_at(range.start, error.state, error.message.clone());
            SqlError { hint: error.hint, ..placed }
        })?;
        let has_length = text.contains('(');
        // TEXT and VARCHAR without a length are as long as a value can be (PostgreSQL 8 checks no length then).
        let data_type = match data_type {
            RedshiftType::Varchar(_) if !has_length => RedshiftType::MAX_VARCHAR,
            other => other,
        };
        Ok(VariableKind::Value { data_type, has_length })
    }

    /// `variable%TYPE`, `[schema.]table.column%TYPE`, `[schema.]table%ROWTYPE`.
    fn copied_type(&self, mut parts: Vec<String>, kind: Option<&str>) -> Option<VariableKind> {
        let table = |mut parts: Vec<String>| {
            let name = parts.pop()?;
            let schema = parts.pop();
            Some(TableName { database: parts.pop(), schema, name, position: None })
        };
        match kind? {
            "rowtype" => table(parts).map(VariableKind::Row),
            "type" if parts.len() == 1 => self.scopes.find(&parts[0]).map(VariableKind::LikeVariable),
            "type" => {
                let column = parts.pop()?;
                table(parts).map(|table| VariableKind::LikeColumn(table, column))
            }
            _ => None,
        }
    }
}
