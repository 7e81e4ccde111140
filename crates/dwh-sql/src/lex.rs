//! Text to tokens: literals unescaped, names folded, statements split at their semicolons (RS 3.4).
//!
//! Every token's span is rewritten to line 1 and an absolute column, the 1-based character position in
//! the submitted text, so that any span of the AST, and any message of sqlparser that names a location,
//! is a position a client can show.

use dwh_common::{SqlError, SqlState};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, TokenizerError, Word};

use crate::dialect::RedshiftDialect;

/// The one dialect; sqlparser's parser borrows it for as long as it lives.
pub(crate) static DIALECT: RedshiftDialect = RedshiftDialect;

/// The tokens of one statement, without its semicolon.
#[derive(Debug)]
pub(crate) struct StatementTokens<'a> {
    /// Tokens, white space and comments included; at least one is neither.
    pub(crate) tokens: Vec<TokenWithSpan>,
    /// From the first to the last token that says something.
    pub(crate) text: &'a str,
    /// 1-based position of the first token that says something.
    pub(crate) start: usize,
    /// 1-based position behind the last token that says something.
    pub(crate) end: usize,
    /// Whether a semicolon ended it.
    pub(crate) terminated: bool,
    /// Whether quoted names keep their case.
    pub(crate) case_sensitive: bool,
}

/// Reads the whole text; statements without content (doubled semicolons, only comments) are left out.
pub(crate) fn lex(text: &str, case_sensitive: bool) -> Result<Vec<StatementTokens<'_>>, SqlError> {
    let mut splitter = Splitter { text, byte: 0, position: 1, case_sensitive, statements: Vec::new() };
    let mut current = Vec::new();
    for token in tokens(text, case_sensitive)? {
        if token.token == Token::SemiColon {
            splitter.push(std::mem::take(&mut current), true);
        } else {
            current.push(token);
        }
    }
    splitter.push(current, false);
    Ok(splitter.statements)
}

/// All tokens of a text, semicolons, white space and comments included.
pub(crate) fn tokens(text: &str, case_sensitive: bool) -> Result<Vec<TokenWithSpan>, SqlError> {
    let mut tokens = Vec::new();
    let tokenized =
        Tokenizer::new(&DIALECT, text).with_unescape(false).tokenize_with_location_into_buf(&mut tokens);
    let positions = Positions::new(text);
    if let Err(error) = tokenized {
        // What is wrong starts where the last right token ends.
        let start = tokens.last().map_or(Location::new(1, 1), |token: &TokenWithSpan| token.span.end);
        return Err(lexical_error(&error, position_of(positions.flat(start))));
    }
    let placed = |TokenWithSpan { token, span }| TokenWithSpan {
        token: normalize(token, case_sensitive),
        span: Span::new(positions.flat(span.start), positions.flat(span.end)),
    };
    Ok(tokens.into_iter().map(placed).collect())
}

/// Collects statements; walks the text once, however many there are.
struct Splitter<'a> {
    text: &'a str,
    byte: usize,
    position: usize,
    case_sensitive: bool,
    statements: Vec<StatementTokens<'a>>,
}

impl Splitter<'_> {
    fn push(&mut self, tokens: Vec<TokenWithSpan>, terminated: bool) {
        let says_something = |t: &&TokenWithSpan| !matches!(t.token, Token::Whitespace(_));
        let Some(first) = tokens.iter().find(says_something) else { return };
        let start = position_of(first.span.start);
        let end = tokens.iter().rfind(says_something).map_or(start, |last| position_of(last.span.end));
        let from = self.walk_to(start);
        let to = self.walk_to(end);
        let text = self.text.get(from..to).unwrap_or("");
        let case_sensitive = self.case_sensitive;
        self.statements.push(StatementTokens { tokens, text, start, end, terminated, case_sensitive });
    }

    /// The byte at a position at or behind the last one asked for.
    fn walk_to(&mut self, position: usize) -> usize {
        let steps = position.saturating_sub(self.position);
        let rest = &self.text[self.byte..];
        self.byte += rest.char_indices().nth(steps).map_or(rest.len(), |(byte, _)| byte);
        self.position = position;
        self.byte
    }
}

/// The 1-based character position of a flattened location.
pub(crate) fn position_of(location: Location) -> usize {
    usize::try_from(location.column).unwrap_or(usize::MAX)
}

fn lexical_error(error: &TokenizerError, at: usize) -> SqlError {
    let message = if error.message.contains("comment") {
        "unterminated /* comment".to_owned()
    } else if error.message.starts_with("Unterminated string literal") {
        "unterminated quoted string".to_owned()
    } else if error.message.contains("close delimiter") {
        "unterminated quoted identifier".to_owned()
    } else {
        format!("syntax error: {}", error.message)
    };
    let is_string = message == "unterminated quoted string";
    let error = SqlError::new(SqlState::SyntaxError, message).at(at);
    if is_string {
        error.with_hint("close it with '; inside it write '' or \\' for a quote and \\\\ for a backslash")
    } else {
        error
    }
}

/// Folds words and undoes escapes.
fn normalize(token: Token, case_sensitive: bool) -> Token {
    match token {
        Token::Word(word) => word_token(word, case_sensitive),
        Token::SingleQuotedString(raw) | Token::NationalStringLiteral(raw) => {
            Token::SingleQuotedString(unescape(&raw))
        }
        // The tokenizer has undone the escapes of E'…'; $$…$$ has none.
        Token::EscapedStringLiteral(text) => Token::SingleQuotedString(text),
        Token::DollarQuotedString(text) => Token::SingleQuotedString(text.value),
        other => other,
    }
}

/// Lower-cases ASCII letters; a quoted name stays quoted, so that reserved words keep working as names.
fn word_token(word: Word, case_sensitive: bool) -> Token {
    match word.quote_style {
        None if word.value == "#" => Token::Sharp,
        None => Token::Word(Word { value: within_limit(word.value.to_ascii_lowercase()), ..word }),
        Some(quote) => {
            let plain = word.value.replace("\"\"", "\"");
            let value = if case_sensitive { plain } else { plain.to_ascii_lowercase() };
            Token::Word(Word {
                value: within_limit(value),
                quote_style: Some(quote),
                keyword: Keyword::NoKeyword,
            })
        }
    }
}

/// Names are cut at 127 bytes (RS 3.1), between characters.
fn within_limit(mut name: String) -> String {
    const MAX_NAME_BYTES: usize = 127;
    if name.len() > MAX_NAME_BYTES {
        let end = (0..=MAX_NAME_BYTES).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
        name.truncate(end);
    }
    name
}

/// Undoes `''` and the backslash escapes of PostgreSQL 8 (RS 3.4): `\b \f \n \r \t`, octal `\ooo`, and any
/// other character stands for itself.
fn unescape(raw: &str) -> String {
    if !raw.contains(['\\', '\'']) {
        return raw.to_owned();
    }
    unescaped(raw).map(|(_, ch)| ch).collect()
}

/// The characters that a literal stands for, each with where it is written: characters from the start of
/// `raw`.
pub(crate) fn unescaped(raw: &str) -> impl Iterator<Item = (usize, char)> {
    let mut chars = raw.chars().enumerate().peekable();
    std::iter::from_fn(move || {
        let (at, ch) = chars.next()?;
        let meant = match ch {
            '\'' => {
                chars.next_if(|(_, next)| *next == '\'');
                '\''
            }
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(first @ '0'..='7') => {
                    let mut code = first.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(8)) else { break };
                        code = code * 8 + digit;
                        chars.next();
                    }
                    char::from_u32(code & 0xff).unwrap_or('\0')
                }
                Some(other) => other,
                None => '\\',
            },
            other => other,
        };
        Some((at, meant))
    })
}

/// Turns lines and columns into positions.
struct Positions {
    /// For each line, how many characters come before it.
    line_starts: Vec<u64>,
}

impl Positions {
    fn new(text: &str) -> Self {
        let mut line_starts = vec![0];
        for (index, ch) in text.chars().enumerate() {
            if ch == '\n' {
                line_starts.push(index as u64 + 1);
            }
        }
        Self { line_starts }
    }

    /// Line 1 and the 1-based position as column.
    fn flat(&self, location: Location) -> Location {
        let line = usize::try_from(location.line.saturating_sub(1)).unwrap_or(usize::MAX);
        let before = self.line_starts.get(line).copied().unwrap_or(0);
        Location::new(1, before + location.column.max(1))
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::tokenizer::Token;

    use super::{lex, unescape};

    fn words(text: &str, case_sensitive: bool) -> Vec<String> {
        lex(text, case_sensitive)
            .expect("text is lexically right")
            .into_iter()
            .flat_map(|s| s.tokens)
            .filter_map(|t| match t.token {
                Token::Word(w) => Some(w.value),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn quoted_and_unquoted_names_fold_to_lower_case() {
        assert_eq!(
            words("SELECT MyCol, \"MyCol\", \"Ünï Code\"", false),
            ["select", "mycol", "mycol", "Ünï code"]
        );
        assert_eq!(words("SELECT MyCol, \"MyCol\"", true), ["select", "mycol", "MyCol"]);
    }

    #[test]
    fn statements_are_split_at_semicolons_outside_strings_and_comments() {
        let statements = lex("select ';' -- ;\n;; /* ; */ ; select 2", false).expect("lexes");
        let seen: Vec<_> = statements.iter().map(|s| (s.text, s.start, s.terminated)).collect();
        assert_eq!(seen, [("select ';'", 1, true), ("select 2", 30, false)]);
    }

    #[test]
    fn positions_count_characters_across_lines() {
        let statements = lex("select 'é',\n  b", false).expect("lexes");
        let last = statements[0].tokens.last().expect("a token");
        assert_eq!(last.span.start.column, 15);
    }

    #[test]
    fn backslash_escapes_follow_postgresql_8() {
        assert_eq!(unescape(r"it''s \'a\' \\d \t|\101|\q"), "it's 'a' \\d \t|A|q");
    }

    #[test]
    fn unterminated_text_is_placed() {
        let error = lex("select 'abc", false).expect_err("string is open");
        assert_eq!((error.message.as_str(), error.position), ("unterminated quoted string", Some(8)));
        let error = lex("select 1 /* abc", false).expect_err("comment is open");
        assert_eq!((error.message.as_str(), error.position), ("unterminated /* comment", Some(10)));
    }
}
