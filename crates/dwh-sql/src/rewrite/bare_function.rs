//! Functions written without parentheses: `SYSDATE`, `CURRENT_DATE`, `CURRENT_USER`, … become calls (RS 4.2).

use dwh_common::SqlError;
use sqlparser::ast::{Expr, FunctionArguments};

use super::build::call;

/// Reserved words of Redshift that sqlparser takes for columns.
const WORDS: &[&str] = &[
    "sysdate",
    "current_aws_account",
    "current_namespace",
    "current_user_id",
    "user",
    "current_user",
    "session_user",
];

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::Identifier(ident) if ident.quote_style.is_none() && WORDS.contains(&ident.value.as_str()) => {
            *expr = call(&ident.value.clone(), Vec::new());
        }
        Expr::Function(function) if function.args == FunctionArguments::None => {
            let name = function.name.to_string();
            *expr = call(&name, Vec::new());
        }
        _ => {}
    }
    Ok(())
}
