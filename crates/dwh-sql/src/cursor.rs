//! Reading one statement: words, names, literals and lists over sqlparser's parser, errors in Redshift's words.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    Expr, Ident, Query, TableFactor, TableWithJoins, Visit, visit_expressions, visit_relations,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::keywords;
use crate::lex::{DIALECT, StatementTokens, position_of};
use crate::statement::TableName;

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

    // --- positions and errors ---

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
    fn error(&self, error: ParserError) -> SqlError {
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

    fn token_text_at(&self, position: usize) -> &'a str {
        let token = self.tokens().find(|token| position_of(token.span.start) == position);
        token.map_or("", |token| self.slice(position, position_of(token.span.end)))
    }

    /// Runs a parser function of sqlparser.
    pub(crate) fn run<T>(
        &mut self,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Result<T, SqlError> {
        read(&mut self.parser).map_err(|error| self.error(error))
    }

    // --- words ---

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

    // --- tokens ---

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

    // --- names ---

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

    // --- literals ---

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

    // --- what sqlparser reads ---

    /// An expression.
    pub(crate) fn expr(&mut self) -> Result<Expr, SqlError> {
        let expr = self.run(Parser::parse_expr)?;
        self.refuse_clause_words(&expr)?;
        Ok(expr)
    }

    /// An expression, or `None` for the keyword DEFAULT.
    pub(crate) fn expr_or_default(&mut self) -> Result<Option<Expr>, SqlError> {
        if self.eat(&["default"]) { Ok(None) } else { self.expr().map(Some) }
    }

    /// A query, WITH included.
    pub(crate) fn query(&mut self) -> Result<Box<Query>, SqlError> {
        if !self.at_query() {
            return self.expected("SELECT or WITH");
        }
        let query = self.run(Parser::parse_query)?;
        self.refuse_clause_words(query.as_ref())?;
        Ok(query)
    }

    /// sqlparser takes many a word for a name where Redshift reports a clause out of place.
    fn refuse_clause_words(&self, tree: &impl Visit) -> Result<(), SqlError> {
        let is_misplaced =
            |ident: &Ident| ident.quote_style.is_none() && keywords::starts_clause(&ident.value);
        let in_tables = visit_relations(tree, |name| match name.0.as_slice() {
            [part] => misplaced(part.as_ident().filter(|ident| is_misplaced(ident))),
            _ => ControlFlow::Continue(()),
        });
        let in_expressions = visit_expressions(tree, |expr| match expr {
            Expr::Identifier(ident) => misplaced(Some(ident).filter(|ident| is_misplaced(ident))),
            _ => ControlFlow::Continue(()),
        });
        match [in_tables, in_expressions].into_iter().filter_map(ControlFlow::break_value).min() {
            None => Ok(()),
            Some(position) => {
                let near = self.token_text_at(position);
                let message = format!("syntax error at or near \"{near}\"");
                Err(SqlError::new(SqlState::SyntaxError, message).at(position))
            }
        }
    }

    /// Whether a query comes next, in parentheses or not.
    pub(crate) fn at_query(&self) -> bool {
        let mut ahead = 0;
        while *self.peek_nth(ahead) == Token::LParen {
            ahead += 1;
        }
        matches!(self.peek_nth_word(ahead), Some("select" | "with")) || (ahead == 0 && self.at(&["values"]))
    }

    /// Tables with joins, commas between them.
    pub(crate) fn tables(&mut self) -> Result<Vec<TableWithJoins>, SqlError> {
        self.comma_separated(|cursor| {
            let table = cursor.run(Parser::parse_table_and_joins)?;
            cursor.refuse_clause_words(&table)?;
            Ok(table)
        })
    }

    /// One table, view or sub-query with its alias.
    pub(crate) fn table_factor(&mut self) -> Result<TableFactor, SqlError> {
        self.run(Parser::parse_table_factor)
    }
}

fn misplaced(ident: Option<&Ident>) -> ControlFlow<usize> {
    match ident {
        Some(ident) => ControlFlow::Break(position_of(ident.span.start)),
        None => ControlFlow::Continue(()),
    }
}
