//! GROUPING SETS within GROUPING SETS, ROLLUP or CUBE: each of them is the list of the sets that it stands for
//! (guide: aggregation extensions, nested grouping).

use sqlparser::ast::{Expr, GroupByExpr};

use super::build::{simple_name, take_positional};

/// Spells out what stands inside GROUPING SETS.
pub(super) fn rewrite(group_by: &mut GroupByExpr) {
    let GroupByExpr::Expressions(exprs, _) = group_by else { return };
    for expr in exprs {
        if let Expr::GroupingSets(sets) = expr {
            *sets = std::mem::take(sets).into_iter().flat_map(spelled_out).collect();
        }
    }
}

/// The sets that one element stands for.
fn spelled_out(mut set: Vec<Expr>) -> Vec<Vec<Expr>> {
    let [element] = set.as_mut_slice() else { return vec![set] };
    match element {
        Expr::GroupingSets(sets) => return std::mem::take(sets).into_iter().flat_map(spelled_out).collect(),
        Expr::Rollup(parts) => return rollup(parts),
        Expr::Cube(parts) => return cube(parts),
        Expr::Function(function) => {
            let name = simple_name(function).map(str::to_owned);
            if let Some("rollup" | "cube") = name.as_deref()
                && let Some(arguments) = take_positional(function)
            {
                let parts: Vec<Vec<Expr>> = arguments.into_iter().map(columns).collect();
                return if name.as_deref() == Some("cube") { cube(&parts) } else { rollup(&parts) };
            }
        }
        _ => {}
    }
    vec![set]
}

/// `(a, b)` are the columns of one part.
fn columns(part: Expr) -> Vec<Expr> {
    match part {
        Expr::Tuple(columns) => columns,
        Expr::Nested(inner) => columns(*inner),
        other => vec![other],
    }
}

/// `ROLLUP (a, b)`: `(a, b), (a), ()`.
fn rollup(parts: &[Vec<Expr>]) -> Vec<Vec<Expr>> {
    (0..=parts.len()).rev().map(|length| parts[..length].concat()).collect()
}

/// `CUBE (a, b)`: `(a, b), (a), (b), ()`.
fn cube(parts: &[Vec<Expr>]) -> Vec<Vec<Expr>> {
    parts.split_first().map_or_else(
        || vec![Vec::new()],
        |(first, rest)| {
            let without = cube(rest);
            let with = without.iter().map(|set| [first.clone(), set.clone()].concat());
            with.chain(without.iter().cloned()).collect()
        },
    )
}
