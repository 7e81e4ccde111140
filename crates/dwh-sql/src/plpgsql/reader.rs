//! The tokens of a body, with lines and errors.

use std::ops::Range;

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::ast::Variable;
use super::scope::Scopes;
use crate::lex::{position_of, tokens};

/// Blocks and loops may nest this deep.
const MAX_NESTING: usize = 50;

/// Reads a body.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) procedure: &'a str,
    nonatomic: bool,
    pub(super) lexemes: Vec<Lexeme>,
    pub(super) at: usize,
    /// Where lines begin, in bytes.
    lines: Vec<usize>,
    pub(super) scopes: Scopes,
    pub(super) variables: Vec<Variable>,
    depth: usize,
    pub(super) case_sensitive: bool,
}

/// A token and where it stands, in bytes of the body.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What ends an expression or a command, outside parentheses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stop {
    Semicolon,
    Comma,
    /// `)` that closes what was open before.
    Closing,
    /// `..`
    Dots,
    Word(&'static str),
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        source: &'a str,
        procedure: &'a str,
        nonatomic: bool,
        case_sensitive: bool,
    ) -> Result<Self, SqlError> {
        let tokens = tokens(source, case_sensitive)?;
        // As PostgreSQL counts: line 1 is the first that was written below `$$`.
        let skipped = match source.as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => 0,
        };
        let newlines = source.bytes().enumerate().skip(skipped).filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(skipped).chain(newlines.map(|(at, _)| at + 1)).collect();
        Ok(Self {
            source,
            procedure,
            nonatomic,
            lexemes: lexemes(source, tokens),
            at: 0,
            lines,
            scopes: Scopes::default(),
            variables: Vec::new(),
            depth: 0,
            case_sensitive,
        })
    }

    // --- where ---

    /// The line of the next token.
    pub(super) fn line(&self) -> usize {
        self.line_of(self.byte())
    }

    fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1)
    }

    /// Where the next token starts.
    pub(super) fn byte(&self) -> usize {
        self.lexemes.get(self.at).map_or(self.source.len(), |lexeme| lexeme.start)
    }

    /// The text of some tokens.
    pub(super) fn text(&self, range: Range<usize>) -> &'a str {
        match (self.lexemes.get(range.start), self.lexemes.get(range.end.wrapping_sub(1))) {
            (Some(first), Some(last)) if !range.is_empty() => &self.source[first.start..last.end],
            _ => "",
        }
    }

    // --- errors ---

    /// An error at a token, with its position in the body and its line in the context.
    pub(super) fn error_at(&self, at: usize, state: SqlState, message: impl Into<String>) -> SqlError {
        let byte = self.lexemes.get(at).map_or(self.source.len(), |lexeme| lexeme.start);
        let position = self.source[..byte].chars().count() + 1;
        SqlError::new(state, message).at(position).in_context(format!(
            "compile of PL/pgSQL function \"{}\" near line {}",
            self.procedure,
            self.line_of(byte)
        ))
    }

    /// `syntax error at or near` the next token.
    pub(super) fn syntax_error(&self) -> SqlError {
        let message = match self.lexemes.get(self.at) {
            Some(lexeme) => format!("syntax error at or near \"{}\"", &self.source[lexeme.start..lexeme.end]),
            None => "syntax error at end of input".to_owned(),
        };
        self.error_at(self.at, SqlState::SyntaxError, message)
    }

    pub(super) fn expected<T>(&self, what: &str) -> Result<T, SqlError> {
        Err(self.syntax_error().with_detail(format!("expected {what}")))
    }

    /// Something that plpgsql has and Redshift's guide does not list.
    pub(super) fn unsupported(&self, what: &str) -> SqlError {
        self.error_at(self.at, SqlState::FeatureNotSupported, format!("{what} is not supported"))
    }

    /// Refuses what only a NONATOMIC procedure can do.
    pub(super) fn only_nonatomic(&self, at: usize, what: &str) -> Result<(), SqlError> {
        if self.nonatomic {
            return Ok(());
        }
        let message = format!("{what} can only be used in a NONATOMIC procedure");
        Err(self.error_at(at, SqlState::FeatureNotSupported, message))
    }

    // --- tokens ---

    pub(super) fn token(&self, ahead: usize) -> Option<&Token> {
        self.lexemes.get(self.at + ahead).map(|lexeme| &lexeme.token)
    }

    /// The n-th token from here (0 is the next), if it is an unquoted word.
    pub(super) fn word(&self, ahead: usize) -> Option<&str> {
        self.token(ahead).and_then(word)
    }

    pub(super) fn is(&self, ahead: usize, token: &Token) -> bool {
        self.token(ahead) == Some(token)
    }

    /// Whether these unquoted words come next.
    pub(super) fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.word(ahead) == Some(word))
    }

    /// Takes these words if all of them come next.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let here = self.at_words(words);
        if here {
            self.at += words.len();
        }
        here
    }

    pub(super) fn eat_token(&mut self, token: &Token) -> bool {
        let here = self.is(0, token);
        if here {
            self.at += 1;
        }
        here
    }

    pub(super) fn expect(&mut self, words: &[&str]) -> Result<(), SqlError> {
        for word in words {
            if !self.eat(&[word]) {
                return self.expected(&word.to_ascii_uppercase());
            }
        }
        Ok(())
    }

    pub(super) fn expect_token(&mut self, token: &Token) -> Result<(), SqlError> {
        if self.eat_token(token) { Ok(()) } else { self.expected(&format!("\"{token}\"")) }
    }

    /// The semicolon behind a statement.
    pub(super) fn end_statement(&mut self) -> Result<(), SqlError> {
        if self.eat_token(&Token::SemiColon) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Any word, quoted or not.
    pub(super) fn name(&mut self) -> Result<String, SqlError> {
        match self.token(0) {
            Some(Token::Word(word)) => {
                let name = word.value.clone();
                self.at += 1;
                Ok(name)
            }
            _ => self.expected("a name"),
        }
    }

    /// The tokens up to one that ends them, which is not taken. `CASE … END` hides its words.
    pub(super) fn until(&mut self, stops: &[Stop]) -> Result<Range<usize>, SqlError> {
        let start = self.at;
        let (mut parentheses, mut cases) = (0_usize, 0_usize);
        while let Some(lexeme) = self.lexemes.get(self.at) {
            let unquoted = word(&lexeme.token);
            let stops_here = parentheses == 0
                && stops.iter().any(|stop| match stop {
                    Stop::Semicolon => lexeme.token == Token::SemiColon,
                    Stop::Comma => lexeme.token == Token::Comma,
                    Stop::Closing => lexeme.token == Token::RParen,
                    Stop::Dots => lexeme.token == Token::Period && self.is(1, &Token::Period),
                    Stop::Word(word) => cases == 0 && unquoted == Some(*word),
                });
            if stops_here {
                return Ok(start..self.at);
            }
            match (&lexeme.token, unquoted) {
                (Token::SemiColon, _) => return Err(self.syntax_error()),
                (Token::LParen, _) => parentheses += 1,
                (Token::RParen, _) => match parentheses.checked_sub(1) {
                    Some(open) => parentheses = open,
                    None => return Err(self.syntax_error()),
                },
                (_, Some("case")) => cases += 1,
                (_, Some("end")) => cases = cases.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
        Err(self.syntax_error())
    }

    /// Reads something that may nest, unless it does so too deep.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        if self.depth >= MAX_NESTING {
            let message = format!("blocks and loops nest more than {MAX_NESTING} levels");
            return Err(self.error_at(self.at, SqlState::StatementTooComplex, message));
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        done
    }
}

/// The text of an unquoted word.
pub(super) fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(&word.value),
        _ => None,
    }
}

/// Tokens without white space, placed by bytes. `1..2` is two numbers with dots between them.
fn lexemes(source: &str, tokens: Vec<TokenWithSpan>) -> Vec<Lexeme> {
    let mut found = Vec::with_capacity(tokens.len());
    let mut bytes = source.char_indices().map(|(byte, _)| byte).chain(std::iter::once(source.len()));
    let (mut byte, mut position) = (bytes.next().unwrap_or(0), 1);
    let mut walk_to = |wanted: usize| {
        while position < wanted {
            byte = bytes.next().unwrap_or(source.len());
            position += 1;
        }
        byte
    };
    for TokenWithSpan { token, span } in tokens {
        let (start, end) = (walk_to(position_of(span.start)), walk_to(position_of(span.end)));
        let dot = |at: usize| Lexeme { token: Token::Period, start: at, end: at + 1 };
        match token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::Number(digits, long) => {
                let leads = digits.starts_with('.') && source[..start].ends_with('.');
                let trails = digits.ends_with('.') && source[end..].starts_with('.');
                if leads {
                    found.push(dot(start));
                }
                let token = Token::Number(digits.trim_matches('.').to_owned(), long);
                if leads || trails {
                    let (start, end) = (start + usize::from(leads), end - usize::from(trails));
                    found.push(Lexeme { token, start, end });
                } else {
                    found.push(Lexeme { token: Token::Number(digits, long), start, end });
                }
                if trails {
                    found.push(dot(end - 1));
                }
            }
            token => found.push(Lexeme { token, start, end }),
        }
    }
    found
}
