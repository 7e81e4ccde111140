//! `__rtrim_blanks(text)`: what comparisons see of a text (RS 3.3).

use std::sync::Arc;

use datafusion::logical_expr::Expr;

use crate::functions::function::{Function, Parameter, Returns};

const FUNCTION: Function = Function::new("__rtrim_blanks", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    // Hardly any value ends in a blank: then the array is its own result.
    if !texts.array().iter().flatten().any(|text| text.ends_with(' ')) {
        return Ok(Arc::new(texts.array().clone()));
    }
    call.build_text(|row| Ok(Some(texts.at(row).trim_end_matches(' '))))
});

/// A text without its trailing blanks.
pub(crate) fn rtrim_blanks(text: Expr) -> Expr {
    match text {
        Expr::ScalarFunction(ref called) if called.func.name() == FUNCTION.name => text,
        text => FUNCTION.udf().call(vec![text]),
    }
}
