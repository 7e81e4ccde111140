//! Names, literals and lists of them.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::Cursor;
use crate::keywords;
use crate::statement::TableName;

impl Cursor<'_> {
    /// A name; an unquoted reserved word is none (RS 3.4).
    pub(crate) fn name(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Token::Word(word) if word.quote_style.is_some() || !keywords::is_reserved(&word.value) => {
                let name = word.value.clone();
                self.parser.advance_token();
                Ok(name)
            }
            Token::Word(word) => {
                let hint = format!("{0} is a reserved word; to use it as a name write \"{0}\"", word.value);
                Err(self.syntax_error().with_hint(hint))
            }
            _ => self.expected("a name"),
        }
    }

    /// `[database.][schema.]name`.
    pub(crate) fn table_name(&mut self) -> Result<TableName, SqlError> {
        let position = self.position();
        let mut parts = vec![self.name()?];
        while self.eat_token(&Token::Period) {
            if parts.len() == 3 {
                return Err(SqlError::new(
                    SqlState::SyntaxError,
                    "improper qualified name (too many dotted names)",
                )
                .at(position));
            }
            parts.push(self.any_word()?);
        }
        let name = parts.pop().unwrap_or_default();
        let schema = parts.pop();
        Ok(TableName { database: parts.pop(), schema, name, position: Some(position) })
    }

    /// A word behind a dot, where reserved words are names too.
    pub(crate) fn any_word(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Token::Word(word) => {
                let name = word.value.clone();
                self.parser.advance_token();
                Ok(name)
            }
            _ => self.expected("a name"),
        }
    }

    /// `a, b, c` of names.
    pub(crate) fn table_names(&mut self) -> Result<Vec<TableName>, SqlError> {
        self.comma_separated(Self::table_name)
    }

    /// `(a, b, c)` of names, each only once.
    pub(crate) fn column_list(&mut self) -> Result<Vec<String>, SqlError> {
        self.expect_token(&Token::LParen)?;
        let mut names: Vec<String> = Vec::new();
        loop {
            let position = self.position();
            let name = self.name()?;
            if names.contains(&name) {
                return Err(SqlError::new(
                    SqlState::DuplicateColumn,
                    format!("column \"{name}\" specified more than once"),
                )
                .at(position));
            }
            names.push(name);
            if !self.eat_token(&Token::Comma) {
                break;
            }
        }
        self.expect_token(&Token::RParen)?;
        Ok(names)
    }

    /// `(a, b, c)` if a parenthesis comes next, else nothing.
    pub(crate) fn optional_column_list(&mut self) -> Result<Vec<String>, SqlError> {
        if self.at_parenthesis() { self.column_list() } else { Ok(Vec::new()) }
    }

    /// Items with commas between them.
    pub(crate) fn comma_separated<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        let mut items = vec![read(self)?];
        while self.eat_token(&Token::Comma) {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// The next token if it is a string literal.
    pub(crate) fn eat_string(&mut self) -> Option<String> {
        let Token::SingleQuotedString(text) = self.peek() else { return None };
        let text = text.clone();
        self.parser.advance_token();
        Some(text)
    }

    /// A string literal.
    pub(crate) fn string(&mut self) -> Result<String, SqlError> {
        match self.eat_string() {
            Some(text) => Ok(text),
            None => self.expected("a string in single quotes"),
        }
    }

    /// A whole number, signed.
    pub(crate) fn integer(&mut self) -> Result<i64, SqlError> {
        let position = self.position();
        let negative = self.eat_token(&Token::Minus);
        if !negative {
            self.eat_token(&Token::Plus);
        }
        let parsed = match self.peek() {
            Token::Number(digits, _) => digits.parse::<i64>(),
            _ => return self.expected("a whole number"),
        };
        let Ok(number) = parsed else {
            return Err(SqlError::new(SqlState::SyntaxError, "expected a whole number").at(position));
        };
        self.parser.advance_token();
        Ok(if negative { -number } else { number })
    }
}
