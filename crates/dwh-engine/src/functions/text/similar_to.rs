//! SIMILAR TO patterns as regular expressions (RS 4.1; PostgreSQL 9.7.2).

use datafusion::logical_expr::Expr;

use crate::functions::function::{Function, Parameter, Returns};

/// The anchored regular expression of a SQL pattern with this escape character.
pub(crate) fn similar_to_regex(pattern: Expr, escape: Expr) -> Expr {
    Function::new("__similar_to_regex", &[Parameter::Text, Parameter::Text], Returns::Text, |call| {
        let (patterns, escapes) = (call.text(0)?, call.text(1)?);
        call.build_text(|row| Ok(Some(translate(patterns.at(row), escapes.at(row).chars().next()))))
    })
    .udf()
    .call(vec![pattern, escape])
}

fn translate(pattern: &str, escape: Option<char>) -> String {
    let mut regex = String::from("^(?s:");
    let mut in_brackets = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            c if Some(c) == escape => {
                regex.extend(
                    characters.next().map(|c| regex::escape(&c.to_string())).iter().flat_map(|s| s.chars()),
                );
            }
            c if in_brackets => {
                in_brackets = c != ']';
                regex.push(c);
            }
            '[' => {
                in_brackets = true;
                regex.push('[');
            }
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '.' | '^' | '$' | '\\' => {
                regex.push('\\');
                regex.push(character);
            }
            c => regex.push(c),
        }
    }
    regex.push_str(")$");
    regex
}
