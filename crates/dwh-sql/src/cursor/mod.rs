//! Reading one statement: words, names, literals and lists over sqlparser's parser, errors in Redshift's words.

mod errors;
mod names;
mod queries;

use dwh_common::SqlError;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::lex::{DIALECT, StatementTokens};

/// Expressions and sub-queries may nest this deep; more is refused rather than risking the stack.
const MAX_NESTING: usize = 100;

/// A position in one statement's tokens.
pub(crate) struct Cursor<'a> {
    parser: Parser<'static>,
    /// The statement's text.
    text: &'a str,
    /// 1-based position of the statement in the submitted text.
    start: usize,
    /// 1-based position behind the statement.
    end: usize,
    terminated: bool,
    case_sensitive: bool,
}

impl<'a> Cursor<'a> {
    /// Starts at the first token of a statement.
    pub(crate) fn new(statement: StatementTokens<'a>) -> Self {
        let parser = Parser::new(&DIALECT)
            .with_recursion_limit(MAX_NESTING)
            .with_tokens_with_locations(statement.tokens);
        Self {
            parser,
            text: statement.text,
            start: statement.start,
            end: statement.end,
            terminated: statement.terminated,
            case_sensitive: statement.case_sensitive,
        }
    }

    /// Starts at the first token of a query that stands inside a literal of this statement. The spans of
    /// `tokens` are positions in the submitted text; `end` is where the literal ends.
    pub(crate) fn inside(&self, tokens: Vec<TokenWithSpan>, end: usize) -> Self {
        Self::new(StatementTokens {
            tokens,
            text: self.text,
            start: self.start,
            end,
            terminated: false,
            case_sensitive: self.case_sensitive,
        })
    }

    /// Whether quoted names keep their case.
    pub(crate) fn case_sensitive(&self) -> bool {
        self.case_sensitive
    }

    fn word_ahead(&self, ahead: usize) -> Option<&Word> {
        match &self.parser.peek_nth_token_ref(ahead).token {
            Token::Word(word) if word.quote_style.is_none() => Some(word),
            _ => None,
        }
    }

    /// The next token, if it is an unquoted word, in lower case.
    pub(crate) fn peek_word(&self) -> Option<&str> {
        self.word_ahead(0).map(|word| word.value.as_str())
    }

    /// The n-th token from here (0 is the next), if it is an unquoted word.
    pub(crate) fn peek_nth_word(&self, ahead: usize) -> Option<&str> {
        self.word_ahead(ahead).map(|word| word.value.as_str())
    }

    /// Whether these unquoted words come next.
    pub(crate) fn at(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.peek_nth_word(ahead) == Some(*word))
    }

    /// Takes these words if all of them come next.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let here = self.at(words);
        if here {
            for _ in words {
                self.parser.advance_token();
            }
        }
        here
    }

    /// Takes one of these words if it comes next.
    pub(crate) fn eat_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found = words.iter().copied().find(|word| self.peek_word() == Some(*word))?;
        self.parser.advance_token();
        Some(found)
    }

    /// Takes these words or fails.
    pub(crate) fn expect(&mut self, words: &[&str]) -> Result<(), SqlError> {
        for word in words {
            if !self.eat(&[word]) {
                return self.expected(&word.to_ascii_uppercase());
            }
        }
        Ok(())
    }

    /// Whether nothing is left.
    pub(crate) fn at_end(&self) -> bool {
        self.parser.peek_token_ref().token == Token::EOF
    }

    /// Fails if anything is left.
    pub(crate) fn expect_end(&self) -> Result<(), SqlError> {
        if self.at_end() { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// The next token.
    pub(crate) fn peek(&self) -> &Token {
        &self.parser.peek_token_ref().token
    }

    /// The n-th token from here (0 is the next).
    pub(crate) fn peek_nth(&self, ahead: usize) -> &Token {
        &self.parser.peek_nth_token_ref(ahead).token
    }

    /// Takes the next token, whatever it is.
    pub(crate) fn advance(&mut self) -> Token {
        self.parser.next_token().token
    }

    /// Takes this token if it comes next.
    pub(crate) fn eat_token(&mut self, token: &Token) -> bool {
        self.parser.consume_token(token)
    }

    /// Takes this token or fails.
    pub(crate) fn expect_token(&mut self, token: &Token) -> Result<(), SqlError> {
        if self.eat_token(token) { Ok(()) } else { self.expected(&format!("\"{token}\"")) }
    }

    /// Whether the next token is `(`.
    pub(crate) fn at_parenthesis(&self) -> bool {
        *self.peek() == Token::LParen
    }
}
