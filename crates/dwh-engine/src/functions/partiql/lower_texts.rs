//! `__super_lower(value)`: the texts of a SUPER value in lower case, at every depth, its attribute names as they are: what
//! a column with COLLATE CASE_INSENSITIVE is compared by (guide, "Operators and functions", its section on collation).

use datafusion::logical_expr::Expr;

use super::arguments::{build_super, super_argument};
use super::array::SUPER;
use super::value::Value;
use crate::functions::function::{Function, Parameter};

pub(super) const FUNCTION: Function = Function::new("__super_lower", &[Parameter::Any], SUPER, |call| {
    let values = super_argument(call, 0)?;
    build_super(call, |row| Ok(values.at(row).map(|value| lowered(value).to_json())))
});

/// `__super_lower(value)`.
pub(crate) fn lower_texts(value: Expr) -> Expr {
    FUNCTION.udf().call(vec![value])
}

fn lowered(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Text(text) => Value::Text(text.to_lowercase().into()),
        Value::Array(items) => Value::Array(items.into_iter().map(lowered).collect()),
        Value::Object(attributes) => {
            Value::Object(attributes.into_iter().map(|(name, value)| (name, lowered(value))).collect())
        }
        other => other,
    }
}
