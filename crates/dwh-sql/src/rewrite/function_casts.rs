//! A type's name called like a function, `date(x)`, `float8(x)`: a cast, as in PostgreSQL ("Type Casts"), where the word
//! is one that can be called.

use dwh_common::SqlError;
use sqlparser::ast::{CastKind, DataType, Expr};

use super::build::{function_name, positional, simple_name, take_positional};

/// Names of types that are no words of the grammar, and those that are when they stand in quotes.
const TYPES: [&str; 13] = [
    "bool",
    "bpchar",
    "date",
    "float4",
    "float8",
    "int2",
    "int4",
    "int8",
    "numeric",
    "text",
    "timestamp",
    "timestamptz",
    "timetz",
];

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let Some(name) = simple_name(function).and_then(|name| TYPES.into_iter().find(|known| *known == name))
    else {
        return Ok(());
    };
    if positional(function).map_or(0, |arguments| arguments.len()) != 1 {
        return Ok(());
    }
    let Some(value) = take_positional(function).and_then(|arguments| arguments.into_iter().next()) else {
        return Ok(());
    };
    *expr = Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(value),
        data_type: DataType::Custom(function_name(name), Vec::new()),
        array: false,
        format: None,
    };
    Ok(())
}
