//! The query inside an UNLOAD's literal, read so that every position is one of the submitted text.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{Expr, LimitClause, Query, Select, SetExpr, Spanned};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

use crate::cursor::Cursor;
use crate::lex::{lex, position_of, unescaped};

/// The query, and its text as the literal means it.
pub(super) struct LiteralQuery {
    pub(super) query: Box<Query>,
    pub(super) text: String,
}

/// `'query'`, quotes doubled, or `$$query$$`.
pub(super) fn literal_query(cursor: &mut Cursor<'_>) -> Result<LiteralQuery, SqlError> {
    let (start, end) = (cursor.position(), cursor.end_position());
    if !matches!(cursor.peek(), Token::SingleQuotedString(_)) {
        return cursor.expected("a query in single quotes");
    }
    let literal = Literal::new(cursor.slice(start, end), start);
    let mut statements =
        lex(&literal.text, cursor.case_sensitive()).map_err(|error| literal.error(error))?.into_iter();
    let tokens = statements.next().map(|first| first.tokens).unwrap_or_default();
    if let Some(second) = statements.next() {
        return Err(
            SqlError::new(SqlState::SyntaxError, "UNLOAD takes one query").at(literal.position(second.start))
        );
    }
    let tokens = tokens.into_iter().map(|token| literal.place(token)).collect();
    let mut inner = cursor.inside(tokens, literal.end());
    let query = inner.query()?;
    inner.expect_end()?;
    check(&query, start)?;
    let text = literal.text;
    cursor.advance();
    Ok(LiteralQuery { query, text })
}

/// Outermost LIMIT and TOP are refused (RS 6.3), and so is INTO: the rows have one destination.
fn check(query: &Query, literal_position: usize) -> Result<(), SqlError> {
    let limit = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => limit.as_ref().map(Expr::span),
        Some(LimitClause::OffsetCommaLimit { limit, .. }) => Some(limit.span()),
        None => query.fetch.as_ref().map(|_| Span::empty()),
    };
    let select = outermost_select(&query.body);
    let limit = limit.or_else(|| select.filter(|select| select.top.is_some()).map(|_| Span::empty()));
    if let Some(span) = limit {
        let position = position_of(span.start);
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "Limit clause is not supported in the outermost select of an UNLOAD statement",
        )
        .at(if position == 0 { literal_position } else { position })
        .with_hint("put it in a sub-query: SELECT * FROM (SELECT … LIMIT n)"));
    }
    if select.is_some_and(|select| select.into.is_some()) {
        return Err(
            SqlError::new(SqlState::SyntaxError, "UNLOAD takes a query without INTO").at(literal_position)
        );
    }
    Ok(())
}

fn outermost_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}

/// The text of a literal, and where each of its characters is written.
struct Literal {
    text: String,
    /// 1-based positions in the submitted text; the last is that of the closing quote.
    positions: Vec<usize>,
}

impl Literal {
    /// Reads a literal as written, its quotes included; `start` is its position.
    fn new(written: &str, start: usize) -> Self {
        let dollar_quote = written.starts_with('$').then(|| written[1..].find('$').map_or(1, |at| at + 2));
        let opening = match dollar_quote {
            Some(length) => length,
            // Behind it may be an E or N in front of the quote.
            None => written.find('\'').map_or(0, |quote| quote + 1),
        };
        let closing = dollar_quote.unwrap_or(1);
        let content = written.get(opening..written.len().saturating_sub(closing)).unwrap_or("");
        let first = start + written[..opening].chars().count();
        let mut text = String::with_capacity(content.len());
        let mut positions = Vec::with_capacity(content.len() + 1);
        let mut push = |(at, ch)| {
            text.push(ch);
            positions.push(first + at);
        };
        match dollar_quote {
            Some(_) => content.chars().enumerate().for_each(&mut push),
            None => unescaped(content).for_each(&mut push),
        }
        positions.push(first + content.chars().count());
        Self { text, positions }
    }

    /// Where a 1-based position of the text is written.
    fn position(&self, in_text: usize) -> usize {
        let index = in_text.saturating_sub(1).min(self.positions.len() - 1);
        self.positions[index]
    }

    /// Where the closing quote is.
    fn end(&self) -> usize {
        self.position(usize::MAX)
    }

    fn place(&self, token: TokenWithSpan) -> TokenWithSpan {
        let location = |location| Location::new(1, self.position(position_of(location)) as u64);
        let span = Span::new(location(token.span.start), location(token.span.end));
        TokenWithSpan { token: token.token, span }
    }

    fn error(&self, mut error: SqlError) -> SqlError {
        error.position = error.position.map(|position| self.position(position));
        error
    }
}
