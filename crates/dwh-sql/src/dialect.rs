//! The dialect handed to sqlparser: Redshift's lexical rules and operators (RS 3.4, 4.3).

use std::any::TypeId;

use sqlparser::ast::{Expr, Ident, ObjectName};
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
pub struct RedshiftDialect;

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

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        PostgreSqlDialect {}.get_next_precedence(parser)
    }

    /// `APPROXIMATE f(…)` is read as the function `approximate_f(…)`; the rewrites map it on.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let [Token::Word(first), Token::Word(_), Token::LParen] =
            parser.peek_tokens_ref::<3>().map(|t| &t.token)
        else {
            return None;
        };
        if first.quote_style.is_some() || !first.value.eq_ignore_ascii_case("approximate") {
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
