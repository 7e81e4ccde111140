//! Parameters of prepared statements: `$1`, `$2`, … (PostgreSQL's extended query protocol, RS 5.1).
//!
//! A value takes the place of its `$n` among the tokens, before there is a statement, so that every
//! statement takes parameters in the same way. A parameter without a type of its own becomes a plain literal
//! and gets its type from where it stands, as in PostgreSQL; positions of errors stay those of the text.

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer, Word};

use crate::lex::{DIALECT, StatementTokens, position_of};

/// What stands for a `$n`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterValue {
    /// Its type; text types and `None` make it a plain literal.
    pub data_type: Option<RedshiftType>,
    /// Its text; `None` is NULL.
    pub text: Option<String>,
}

impl ParameterValue {
    /// A NULL of a type, to describe a statement whose values are not known yet.
    pub fn null(data_type: RedshiftType) -> Self {
        Self { data_type: Some(data_type), text: None }
    }
}

/// What is done with the `$n` of a text.
#[derive(Debug, Clone, Copy)]
pub enum Parameters<'a> {
    /// They stay, to find out their types.
    Keep,
    /// The value of each, `$1` first; a number without a value is an error.
    Values(&'a [ParameterValue]),
}

/// Puts values in the place of parameters.
///
/// # Errors
/// 42P02 for a parameter without a value, 22P02 for a value that is no number of its type.
pub(crate) fn substitute(
    tokens: &mut StatementTokens<'_>,
    parameters: Parameters<'_>,
) -> Result<(), SqlError> {
    let Parameters::Values(values) = parameters else { return Ok(()) };
    let has_parameters = tokens.tokens.iter().any(|token| number_of(&token.token).is_some());
    if !has_parameters || is_prepare(tokens) {
        return Ok(());
    }
    let mut replaced = Vec::with_capacity(tokens.tokens.len());
    for token in std::mem::take(&mut tokens.tokens) {
        let Some(number) = number_of(&token.token) else {
            replaced.push(token);
            continue;
        };
        let position = position_of(token.span.start);
        let value = number.checked_sub(1).and_then(|index| values.get(index)).ok_or_else(|| {
            SqlError::new(SqlState::UndefinedParameter, format!("there is no parameter ${number}"))
                .at(position)
        })?;
        let literal = literal(value).map_err(|error| error.at(position))?;
        replaced.extend(literal.into_iter().map(|token_of| spanned(token_of, token.span)));
    }
    tokens.tokens = replaced;
    Ok(())
}

/// The parameters behind PREPARE are those of the statement that it keeps.
fn is_prepare(tokens: &StatementTokens<'_>) -> bool {
    let mut words = tokens.tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    matches!(words.next().map(|token| &token.token), Some(Token::Word(word)) if word.value == "prepare")
}

/// The highest number of the parameters in a text of statements.
pub(crate) fn highest(statements: &[StatementTokens<'_>]) -> usize {
    let tokens = statements.iter().flat_map(|statement| &statement.tokens);
    tokens.filter_map(|token| number_of(&token.token)).max().unwrap_or(0)
}

/// The number of `$n`; `$user` and the like are none.
pub(crate) fn number_of(token: &Token) -> Option<usize> {
    match token {
        Token::Placeholder(text) => text.strip_prefix('$')?.parse().ok(),
        _ => None,
    }
}

fn spanned(token: Token, span: Span) -> TokenWithSpan {
    TokenWithSpan { token, span }
}

fn word(text: &str) -> Token {
    let Token::Word(word) = Token::make_keyword(text) else { return Token::EOF };
    Token::Word(Word { value: text.to_ascii_lowercase(), ..word })
}

/// The tokens of a value.
fn literal(value: &ParameterValue) -> Result<Vec<Token>, SqlError> {
    let Some(text) = &value.text else {
        let null = vec![word("NULL")];
        return value.data_type.map_or(Ok(null.clone()), |data_type| cast(null, data_type));
    };
    let quoted = || Token::SingleQuotedString(text.clone());
    match value.data_type {
        None | Some(RedshiftType::Char(_) | RedshiftType::Varchar(_)) => Ok(vec![quoted()]),
        Some(RedshiftType::Decimal { .. }) => decimal(text),
        Some(RedshiftType::Integer) => whole_number(text),
        Some(data_type @ (RedshiftType::SmallInt | RedshiftType::BigInt)) => {
            cast(whole_number(text)?, data_type)
        }
        Some(RedshiftType::Varbyte(_)) => {
            Ok(vec![Token::make_word("from_hex", None), Token::LParen, quoted(), Token::RParen])
        }
        Some(data_type) => cast(vec![quoted()], data_type),
    }
}

fn cast(value: Vec<Token>, data_type: RedshiftType) -> Result<Vec<Token>, SqlError> {
    let name = Tokenizer::new(&DIALECT, &data_type.to_string())
        .tokenize()
        .map_err(|error| SqlError::internal(format!("type {data_type}: {error}")))?;
    let mut tokens = vec![word("CAST"), Token::LParen];
    tokens.extend(value);
    tokens.push(word("AS"));
    tokens.extend(name.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))));
    tokens.push(Token::RParen);
    Ok(tokens)
}

fn whole_number(text: &str) -> Result<Vec<Token>, SqlError> {
    let number: i64 = text.trim().parse().map_err(|_| no_number(text, "integer"))?;
    Ok(signed(number < 0, number.unsigned_abs().to_string()))
}

/// A number with a point: `1.50` is NUMERIC(3,2); `1E+3` is written out.
fn decimal(text: &str) -> Result<Vec<Token>, SqlError> {
    let trimmed = text.trim();
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((digits, exponent)) => {
            (digits, exponent.parse::<i32>().map_err(|_| no_number(text, "numeric"))?)
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) || exponent.abs() > 64 {
        return Err(no_number(text, "numeric"));
    }
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i32 + exponent;
    let written = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    Ok(signed(negative, written))
}

fn signed(negative: bool, digits: String) -> Vec<Token> {
    let number = Token::Number(digits, false);
    if negative { vec![Token::LParen, Token::Minus, number, Token::RParen] } else { vec![number] }
}

fn no_number(text: &str, name: &str) -> SqlError {
    SqlError::new(
        SqlState::InvalidTextRepresentation,
        format!("invalid input syntax for type {name}: \"{text}\""),
    )
}

#[cfg(test)]
mod tests {
    use dwh_common::{RedshiftType, SqlState};

    use super::{ParameterValue, Parameters, decimal};
    use crate::parse::{ParseOptions, parse_with_parameters};
    use crate::statement::Statement;

    fn query(sql: &str, values: &[ParameterValue]) -> String {
        let parsed = parse_with_parameters(sql, ParseOptions::default(), Parameters::Values(values));
        match parsed.expect(sql).remove(0).statement {
            Statement::Query(query) => query.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn value(data_type: Option<RedshiftType>, text: &str) -> ParameterValue {
        ParameterValue { data_type, text: Some(text.to_owned()) }
    }

    #[test]
    fn values_stand_where_their_parameters_stood() {
        let values = [
            value(None, "it's; $2"),
            value(Some(RedshiftType::Integer), "-7"),
            value(Some(RedshiftType::BigInt), "8"),
            value(Some(RedshiftType::Date), "2020-01-02"),
            ParameterValue::null(RedshiftType::Boolean),
        ];
        assert_eq!(
            query("select $2, $1, $3, $4, $5, '$1'", &values),
            "SELECT (-7), 'it''s; $2', CAST(8 AS BIGINT), CAST('2020-01-02' AS DATE), CAST(NULL AS BOOLEAN), '$1'"
        );
    }

    #[test]
    fn a_number_without_a_value_is_an_error_where_it_stands() {
        let parsed = parse_with_parameters("select $2", ParseOptions::default(), Parameters::Values(&[]));
        let error = parsed.expect_err("there is no value");
        assert_eq!((error.state, error.position), (SqlState::UndefinedParameter, Some(8)));
    }

    #[test]
    fn numerics_are_written_out() {
        let text = |number: &str| {
            decimal(number).map(|tokens| tokens.iter().map(ToString::to_string).collect::<String>())
        };
        for (given, written) in
            [("1.50", "1.50"), ("-1E+3", "(-1000)"), ("12e-4", "0.0012"), (".5", "0.5"), ("7", "7")]
        {
            assert_eq!(text(given).as_deref(), Ok(written));
        }
        for wrong in ["NaN", "", "1e999999", "1.2.3", "."] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }
}
