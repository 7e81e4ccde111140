//! `information_schema._pg_expandarray(list)` in a SELECT list, as pgjdbc asks for the columns of keys: a row for each
//! element, with the element as `x` and its place from 1 on as `n` (PostgreSQL's information_schema.sql).
//!
//! The places become a table of the FROM; the call itself, a value of two fields, becomes a SUPER object.

use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, Expr, Ident, Select, visit_expressions_mut,
};

use super::build::{alone, binary, call, conjunction, derived, number, positional, query, table_alias, text};

const FUNCTION: &str = "_pg_expandarray";
/// Alias of the table of places; no SQL text can have it.
const PLACES: &str = "dwh: places";
const PLACE: &str = "place";
/// A list of columns is no longer than a table is wide (RS 3.1).
const MOST_ELEMENTS: u32 = 1600;

/// Expands the calls of a SELECT list. Several go through the same places, as PostgreSQL steps through the functions
/// of a list together.
pub(super) fn rewrite(select: &mut Select) -> Result<(), SqlError> {
    let mut lists: Vec<Expr> = Vec::new();
    let _ = visit_expressions_mut(&mut select.projection, |expr| {
        // A call is visited before the field around it, so that calls without one have to wait.
        if let Some((list, field)) = field_of_call(expr) {
            *expr = if field == "n" { place() } else { element(list.clone()) };
            lists.push(list);
        }
        ControlFlow::<()>::Continue(())
    });
    let _ = visit_expressions_mut(&mut select.projection, |expr| {
        if let Some(list) = list_of_call(expr) {
            *expr = call("object", vec![text("x"), element(list.clone()), text("n"), place()]);
            lists.push(list);
        }
        ControlFlow::<()>::Continue(())
    });
    if lists.is_empty() {
        return Ok(());
    }
    let places = query(&format!("SELECT value AS {PLACE} FROM __generate_series(1, {MOST_ELEMENTS})"))?;
    select.from.push(alone(derived(places, Some(table_alias(PLACES, &[PLACE])))));
    let in_list = |list| binary(place(), BinaryOperator::LtEq, call("array_upper", vec![list, number(1)]));
    lists.dedup();
    let in_lists =
        lists.into_iter().map(in_list).reduce(|left, right| binary(left, BinaryOperator::Or, right));
    select.selection = conjunction(select.selection.take().into_iter().chain(in_lists));
    Ok(())
}

fn place() -> Expr {
    Expr::CompoundIdentifier(vec![Ident::with_quote('"', PLACES), Ident::with_quote('"', PLACE)])
}

/// The element at the place, a number in the lists of the catalog.
fn element(list: Expr) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(call("__element", vec![list, place()])),
        data_type: DataType::Integer(None),
        array: false,
        format: None,
    }
}

fn list_of_call(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Nested(inner) => list_of_call(inner),
        Expr::Function(function) => {
            let name = function.name.0.last()?.as_ident()?;
            match (name.value == FUNCTION, &positional(function)?[..]) {
                (true, [list]) => Some((*list).clone()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `(_pg_expandarray(list)).field`
fn field_of_call(expr: &Expr) -> Option<(Expr, String)> {
    let Expr::CompoundFieldAccess { root, access_chain } = expr else { return None };
    let [AccessExpr::Dot(Expr::Identifier(field))] = &access_chain[..] else { return None };
    Some((list_of_call(root)?, field.value.clone())).filter(|_| matches!(field.value.as_str(), "x" | "n"))
}
