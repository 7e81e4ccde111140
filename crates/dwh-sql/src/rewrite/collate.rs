//! `COLLATE(x, 'case_insensitive')`: the comparison it stands in ignores case, as does an ORDER BY.
//!
//! Both sides of the comparison are lowered. Elsewhere the function leaves its text as it is, which is all there is to
//! it; GROUP BY and DISTINCT would have to choose one of several spellings and are refused.

use std::ops::ControlFlow;

use dwh_common::SqlError;
use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, VisitMut,
    VisitorMut,
};

use super::build::{call, literal_text, number, positional, simple_name, take_positional};

/// Comparisons, node by node.
pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::BinaryOp { left, op, right } if is_comparison(op) => lower_all(&mut [left, right]),
        Expr::Like { expr, pattern, .. } | Expr::SimilarTo { expr, pattern, .. } => {
            lower_all(&mut [expr, pattern]);
        }
        Expr::Between { expr, low, high, .. } => lower_all(&mut [expr, low, high]),
        Expr::InList { expr, list, .. } => {
            let mut operands: Vec<&mut Expr> = list.iter_mut().collect();
            operands.push(expr);
            lower_all(&mut operands);
        }
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
            lower_all(&mut [left, right]);
        }
        _ => {}
    }
    Ok(())
}

/// ORDER BY, GROUP BY and DISTINCT of every query in the tree.
pub(super) fn rewrite_clauses(query: &mut Query) -> Result<(), SqlError> {
    struct Clauses;
    impl VisitorMut for Clauses {
        type Break = Box<SqlError>;
        fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Box<SqlError>> {
            if let Some(order_by) = &mut query.order_by
                && let OrderByKind::Expressions(items) = &mut order_by.kind
            {
                for item in items {
                    lower_all(&mut [&mut item.expr]);
                }
            }
            match query.body.as_ref() {
                SetExpr::Select(select) => refuse_grouping(select),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    match query.visit(&mut Clauses) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

fn refuse_grouping(select: &Select) -> ControlFlow<Box<SqlError>> {
    let refuse = |clause: &str| {
        let what = format!("{clause} COLLATE(…, 'case_insensitive')");
        ControlFlow::Break(Box::new(SqlError::unsupported(what).with_hint("group by LOWER(…) instead")))
    };
    if let GroupByExpr::Expressions(items, _) = &select.group_by
        && items.iter().any(ignores_case)
    {
        return refuse("GROUP BY");
    }
    let selected = select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => ignores_case(expr),
        _ => false,
    });
    if selected && matches!(select.distinct, Some(Distinct::Distinct)) {
        return refuse("DISTINCT");
    }
    ControlFlow::Continue(())
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn ignores_case(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => ignores_case(inner),
        Expr::Function(function) if simple_name(function) == Some("collate") => positional(function)
            .is_some_and(|args| {
                matches!(args.as_slice(), [_, name] if literal_text(name).is_some_and(is_case_insensitive))
            }),
        _ => false,
    }
}

fn is_case_insensitive(name: &str) -> bool {
    name.eq_ignore_ascii_case("case_insensitive") || name.eq_ignore_ascii_case("ci")
}

/// If one of the operands ignores case, all are lowered.
fn lower_all(operands: &mut [&mut Expr]) {
    if !operands.iter().any(|operand| ignores_case(operand)) {
        return;
    }
    for operand in operands {
        let mut inner = std::mem::replace(*operand, number(0));
        if ignores_case(&inner) {
            inner = collated(inner);
        }
        **operand = call("lower", vec![inner]);
    }
}

/// The text that COLLATE was called with.
fn collated(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(inner) => collated(*inner),
        Expr::Function(mut function) => match take_positional(&mut function) {
            Some(args) if !args.is_empty() => args.into_iter().next().unwrap_or_else(|| number(0)),
            _ => Expr::Function(function),
        },
        other => other,
    }
}
