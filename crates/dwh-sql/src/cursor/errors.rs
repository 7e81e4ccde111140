//! Where the cursor is, and errors that say so.

use dwh_common::{SqlError, SqlState};
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{Cursor, MAX_NESTING};
use crate::lex::position_of;

impl<'a> Cursor<'a> {
    /// 1-based position behind the next token.
    pub(crate) fn end_position(&self) -> usize {
        position_of(self.parser.peek_token_ref().span.end)
    }

    /// 1-based position of the next token, or behind the last one.
    pub(crate) fn position(&self) -> usize {
        let next = self.parser.peek_token_ref();
        if next.token == Token::EOF { self.end } else { position_of(next.span.start) }
    }

    /// The submitted text between two positions.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        let byte_of = |position: usize| {
            let steps = position.saturating_sub(self.start);
            self.text.char_indices().nth(steps).map_or(self.text.len(), |(byte, _)| byte)
        };
        let (from, to) = (byte_of(from), byte_of(to));
        self.text.get(from..to.max(from)).unwrap_or("")
    }

    /// `syntax error at or near` the next token.
    pub(crate) fn syntax_error(&self) -> SqlError {
        let next = self.parser.peek_token_ref();
        if next.token == Token::EOF {
            return self.syntax_error_at_end();
        }
        let position = position_of(next.span.start);
        let near = self.slice(position, position_of(next.span.end));
        SqlError::new(SqlState::SyntaxError, format!("syntax error at or near \"{near}\"")).at(position)
    }

    /// The same, with what was expected.
    pub(crate) fn expected<T>(&self, what: &str) -> Result<T, SqlError> {
        Err(self.syntax_error().with_detail(format!("expected {what}")))
    }

    fn syntax_error_at_end(&self) -> SqlError {
        let message =
            if self.terminated { "syntax error at or near \";\"" } else { "syntax error at end of input" };
        SqlError::new(SqlState::SyntaxError, message).at(self.end)
    }

    /// An error of the parser, placed.
    pub(super) fn error(&self, error: ParserError) -> SqlError {
        let text = match error {
            ParserError::RecursionLimitExceeded => {
                return SqlError::new(
                    SqlState::SyntaxError,
                    format!("the statement nests more than {MAX_NESTING} levels"),
                )
                .at(self.position())
                .with_hint("split it with temporary tables or WITH");
            }
            ParserError::ParserError(text) | ParserError::TokenizerError(text) => text,
        };
        let (text, position) = match text.rsplit_once(" at Line: 1, Column: ") {
            Some((before, column)) => (before.to_owned(), column.trim().parse::<usize>().ok()),
            None => (text, None),
        };
        let (expected, found) = text.split_once(", found: ").unwrap_or((&text, ""));
        let error = match position.map(|position| self.blamed_token(position, found)) {
            Some((position, near)) => {
                SqlError::new(SqlState::SyntaxError, format!("syntax error at or near \"{near}\""))
                    .at(position)
            }
            None => self.syntax_error_at_end(),
        };
        let expected = expected.strip_prefix("Expected").unwrap_or(expected);
        error.with_detail(format!("expected {}", expected.trim_start_matches([':', ' '])))
    }

    /// The token to blame: sqlparser sometimes names the one before the place it gives.
    fn blamed_token(&self, position: usize, found: &str) -> (usize, &'a str) {
        let near = self.token_text_at(position);
        let before = self
            .tokens()
            .filter(|token| !matches!(token.token, Token::Whitespace(_)))
            .take_while(|token| position_of(token.span.start) < position)
            .last();
        if let Some(before) = before
            && !near.eq_ignore_ascii_case(found)
        {
            let start = position_of(before.span.start);
            let text = self.slice(start, position_of(before.span.end));
            if text.eq_ignore_ascii_case(found) {
                return (start, text);
            }
        }
        (position, near)
    }

    /// All tokens of the statement.
    fn tokens(&self) -> impl Iterator<Item = &TokenWithSpan> {
        (0..).map(|index| self.parser.token_at(index)).take_while(|token| token.token != Token::EOF)
    }

    pub(super) fn token_text_at(&self, position: usize) -> &'a str {
        let token = self.tokens().find(|token| position_of(token.span.start) == position);
        token.map_or("", |token| self.slice(position, position_of(token.span.end)))
    }
}
