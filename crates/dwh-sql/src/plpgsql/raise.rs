//! RAISE.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{RaiseLevel, StatementKind};
use super::reader::{Reader, Stop};

impl Reader<'_> {
    /// `RAISE level 'format' [, value …]`, or `RAISE` alone in a handler.
    pub(super) fn raise(&mut self) -> Result<StatementKind, SqlError> {
        let at = self.at;
        self.expect(&["raise"])?;
        if self.eat_token(&Token::SemiColon) {
            if !self.scopes.in_handler() {
                let message = "RAISE without parameters cannot be used outside an exception handler";
                return Err(self.error_at(at, SqlState::SyntaxError, message));
            }
            self.only_nonatomic(at, "RAISE without parameters")?;
            return Ok(StatementKind::Reraise);
        }
        let Some(level) = self.word(0).and_then(RaiseLevel::from_name) else {
            return self.expected("LOG, INFO, NOTICE, WARNING or EXCEPTION");
        };
        self.at += 1;
        let Some(Token::SingleQuotedString(format)) = self.token(0) else {
            return self.expected("a format in single quotes");
        };
        let format = format.clone();
        self.at += 1;
        let mut values = Vec::new();
        while self.eat_token(&Token::Comma) {
            let range = self.until(&[Stop::Comma, Stop::Semicolon, Stop::Word("using")])?;
            if range.is_empty() {
                return Err(self.syntax_error());
            }
            values.push(self.fragment(&[range]));
        }
        if self.at_words(&["using"]) {
            return Err(self.unsupported("RAISE … USING"));
        }
        self.end_statement()?;
        let places = format.replace("%%", "").matches('%').count();
        if places != values.len() {
            let message = match places > values.len() {
                true => "too few parameters specified for RAISE",
                false => "too many parameters specified for RAISE",
            };
            return Err(self.error_at(at, SqlState::SyntaxError, message));
        }
        Ok(StatementKind::Raise { level, format, values })
    }
}
