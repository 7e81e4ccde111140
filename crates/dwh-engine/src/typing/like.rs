//! `like` and `similar_to`: backslash is LIKE's escape unless told otherwise, SIMILAR TO is a SQL
//! pattern over the whole text (RS 4.1).

use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::Like as LikeExpr;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, binary_expr, lit};
use datafusion::optimizer::AnalyzerRule;
use datafusion::scalar::ScalarValue;
use dwh_common::{RedshiftType, SqlError};

use super::rewrite::rewrite_expressions;
use super::super_operators::is_super;
use crate::functions::cast::cast_to;
use crate::functions::external;
use crate::functions::text::similar_to_regex;

/// Rewrites LIKE with another escape character, and SIMILAR TO.
#[derive(Debug)]
pub(super) struct Like;

impl AnalyzerRule for Like {
    fn name(&self) -> &str {
        "redshift_like"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_expressions(plan, &rewrite)
    }
}

fn rewrite(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::SimilarTo(LikeExpr { negated, expr, pattern, escape_char, .. }) => {
            let op = if negated { Operator::RegexNotMatch } else { Operator::RegexMatch };
            let escape = escape_char.unwrap_or('\\').to_string();
            let pattern = similar_to_regex(*pattern, lit(escape));
            let subject = cast_to(*expr, RedshiftType::MAX_VARCHAR);
            Ok(Transformed::yes(binary_expr(subject, op, pattern)))
        }
        Expr::Like(mut like) => {
            let mut changed = false;
            let subject = like.expr.get_type(schema)?;
            if !subject.is_string() || is_super(&subject) {
                like.expr = Box::new(cast_to(*like.expr, RedshiftType::MAX_VARCHAR));
                changed = true;
            }
            if let Some(escape) = like.escape_char.filter(|escape| *escape != '\\') {
                like.pattern = Box::new(with_backslash(*like.pattern, escape)?);
                like.escape_char = None;
                changed = true;
            }
            let expr = Expr::Like(like);
            Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
        }
        other => Ok(Transformed::no(other)),
    }
}

/// A literal pattern with its escape character replaced by the backslash.
fn with_backslash(pattern: Expr, escape: char) -> Result<Expr> {
    let text = match &pattern {
        Expr::Literal(value, _) => match value.try_as_str() {
            Some(Some(text)) => text,
            Some(None) => return Ok(pattern),
            None => return Err(external(SqlError::unsupported("LIKE with a pattern that is no text"))),
        },
        _ => return Err(external(SqlError::unsupported("ESCAPE with a pattern that is not constant"))),
    };
    let mut escaped = String::with_capacity(text.len() + 2);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == escape {
            escaped.push('\\');
            escaped.extend(characters.next());
        } else {
            if character == '\\' {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    Ok(lit(ScalarValue::Utf8View(Some(escaped))))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn like_escapes_with_backslash_or_the_given_character() {
        assert_values(&[
            (r"'a_b' LIKE 'a\\_b'", "t"),
            (r"'axb' LIKE 'a\\_b'", "f"),
            ("'10%' LIKE '10^%' ESCAPE '^'", "t"),
            ("'100' LIKE '10^%' ESCAPE '^'", "f"),
            ("'Start' ILIKE 'start%'", "t"),
            ("2018 LIKE '20%'", "t"),
        ]);
    }

    #[test]
    fn similar_to_matches_the_whole_text() {
        assert_values(&[
            ("'abc' SIMILAR TO 'a%'", "t"),
            ("'abc' SIMILAR TO 'b'", "f"),
            ("'abc' SIMILAR TO '%(b|d)%'", "t"),
            ("'abc' SIMILAR TO '(b|c)%'", "f"),
            ("'a.c' SIMILAR TO 'a.c'", "t"),
            ("'abc' SIMILAR TO 'a.c'", "f"),
            ("'abc' NOT SIMILAR TO 'a_c'", "f"),
        ]);
    }
}
