//! The dialect handed to sqlparser: Redshift's lexical rules and operators (RS 3.4, 4.3).

use std::any::TypeId;

use sqlparser::ast::{Expr, Ident, ObjectName, TrimWhereField, UnaryOperator};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Redshift for sqlparser.
///
/// It says that it is PostgreSQL's dialect where sqlparser asks for an identity: only then does it take
/// `|/`, `||/`, `@` as prefix operators, `^` as power, and `CURRENT_USER` as a function. sqlparser's own
/// Redshift dialect gets the operator precedences of a generic database instead.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RedshiftDialect;

impl Dialect for RedshiftDialect {
    fn dialect(&self) -> TypeId {
        TypeId::of::<PostgreSqlDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('"')
    }

    /// A leading `#` names a temporary table.
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || matches!(ch, '_' | '#') || !ch.is_ascii()
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || matches!(ch, '_' | '$' | '#') || !ch.is_ascii()
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        keyword != Keyword::INTERVAL && PostgreSqlDialect {}.is_reserved_for_identifier(keyword)
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        PostgreSqlDialect {}.prec_value(precedence)
    }

    /// `x NOT NULL` is no expression, or else `DEFAULT 0 NOT NULL` would be one; `x ISNULL` and `x NOTNULL`
    /// are (RS 4.3).
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        let [next, behind] = parser.peek_tokens_ref::<2>().map(|t| &t.token);
        if is_word(next, "not") && is_word(behind, "null") {
            return Some(Ok(self.prec_unknown()));
        }
        if is_word(next, "isnull") || is_word(next, "notnull") {
            return Some(Ok(self.prec_value(Precedence::Is)));
        }
        PostgreSqlDialect {}.get_next_precedence(parser)
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        expr: &Expr,
        _precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        let operator = &parser.peek_token_ref().token;
        let test = if is_word(operator, "isnull") {
            Expr::IsNull
        } else if is_word(operator, "notnull") {
            Expr::IsNotNull
        } else {
            return None;
        };
        parser.advance_token();
        Some(Ok(test(Box::new(expr.clone()))))
    }

    /// `APPROXIMATE f(…)` is read as the function `approximate_f(…)`; the rewrites map it on. A sign binds more
    /// closely than any operator but `::` and `[]`, as in PostgreSQL.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let sign = match parser.peek_token_ref().token {
            Token::Minus => Some(UnaryOperator::Minus),
            Token::Plus => Some(UnaryOperator::Plus),
            _ => None,
        };
        if let Some(op) = sign {
            parser.advance_token();
            let operand = parser.parse_subexpr(self.prec_value(Precedence::Caret));
            return Some(operand.map(|operand| Expr::UnaryOp { op, expr: Box::new(operand) }));
        }
        if let Some(trim_where) = trim_of_blanks(parser) {
            return Some(trimmed_blanks(parser, trim_where));
        }
        let [first, second, third] = parser.peek_tokens_ref::<3>().map(|t| &t.token);
        if is_word(first, "grouping") && is_word(second, "sets") && *third == Token::LParen {
            return Some(grouping_sets(parser));
        }
        if !(is_word(first, "approximate") && matches!(second, Token::Word(_)) && *third == Token::LParen) {
            return None;
        }
        parser.advance_token();
        Some(parser.parse_prefix().map(|expr| match expr {
            Expr::Function(mut function) => {
                function.name = ObjectName::from(vec![Ident::new(format!("approximate_{}", function.name))]);
                Expr::Function(function)
            }
            other => other,
        }))
    }

    fn supports_outer_join_operator(&self) -> bool {
        true
    }

    /// Escapes in `'…'` are on (RS 3.4); the lexer undoes them itself, so that octal escapes work too.
    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn supports_string_escape_constant(&self) -> bool {
        true
    }

    fn supports_string_literal_concatenation_with_newline(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn convert_type_before_value(&self) -> bool {
        true
    }

    fn supports_connect_by(&self) -> bool {
        true
    }

    fn supports_top_before_distinct(&self) -> bool {
        true
    }

    fn supports_partiql(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn supports_select_wildcard_exclude(&self) -> bool {
        true
    }

    fn supports_select_exclude(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_interval_options(&self) -> bool {
        true
    }
}

/// `GROUPING SETS (…)` inside another GROUPING SETS.
fn grouping_sets(parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.advance_token();
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let sets = parser.parse_comma_separated(|parser| {
        if parser.consume_tokens(&[Token::LParen, Token::RParen]) {
            return Ok(Vec::new());
        }
        Ok(match parser.parse_expr()? {
            Expr::Tuple(columns) => columns,
            Expr::Nested(column) => vec![*column],
            other => vec![other],
        })
    })?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::GroupingSets(sets))
}

/// The side of `TRIM(side FROM …)`, which names no characters: sqlparser reads those with characters only.
fn trim_of_blanks(parser: &Parser) -> Option<TrimWhereField> {
    let [trim, parenthesis, side, from] = parser.peek_tokens_ref::<4>().map(|t| &t.token);
    if !(is_word(trim, "trim") && *parenthesis == Token::LParen && is_word(from, "from")) {
        return None;
    }
    [
        ("both", TrimWhereField::Both),
        ("leading", TrimWhereField::Leading),
        ("trailing", TrimWhereField::Trailing),
    ]
    .into_iter()
    .find_map(|(word, field)| is_word(side, word).then_some(field))
}

fn trimmed_blanks(parser: &mut Parser, trim_where: TrimWhereField) -> Result<Expr, ParserError> {
    for _ in 0..4 {
        parser.advance_token();
    }
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Trim { expr, trim_where: Some(trim_where), trim_what: None, trim_characters: None })
}

/// Whether a token is this unquoted word.
pub(crate) fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
}
