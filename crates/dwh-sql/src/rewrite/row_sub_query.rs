//! `(a, b) IN (SELECT x, y …)`: rows compared with the rows of a sub-query.
//!
//! As a condition of WHERE it is EXISTS over the compared rows. Elsewhere, and negated, NULLs in the rows count
//! as well: a comparison that is unknown makes the whole unknown.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Query, SelectItem, UnaryOperator, Value, VisitMut, VisitorMut,
};

use super::build::{
    alone, binary, case, column, conjunction, derived, nested, number, select_from, table_alias,
};

/// Rewrites the conditions that a WHERE joins by AND: they only have to be true.
pub(super) fn rewrite_condition(condition: &mut Expr) {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            rewrite_condition(left);
            rewrite_condition(right);
        }
        Expr::Nested(inner) => rewrite_condition(inner),
        Expr::InSubquery { expr, subquery, negated } => {
            let Some(rows) = Rows::new(expr, subquery) else { return };
            // NOT IN is true only if no comparison is true or unknown.
            *condition =
                if *negated { not(rows.exists(Wanted::TrueOrUnknown)) } else { rows.exists(Wanted::True) };
        }
        _ => {}
    }
}

/// Rewrites the sub-queries of rows anywhere in a tree, outside its own sub-queries.
pub(super) fn rewrite(tree: &mut impl VisitMut) {
    let _ = tree.visit(&mut Everywhere { queries: 0 });
}

struct Everywhere {
    queries: usize,
}

impl VisitorMut for Everywhere {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::InSubquery { expr: row, subquery, negated } = expr else {
            return ControlFlow::Continue(());
        };
        if self.queries > 0 {
            return ControlFlow::Continue(());
        }
        let Some(rows) = Rows::new(row, subquery) else { return ControlFlow::Continue(()) };
        let found = rows.three_valued();
        *expr = if *negated { not(nested(found)) } else { found };
        ControlFlow::Continue(())
    }
}

/// Which comparisons of rows are looked for.
#[derive(Clone, Copy)]
enum Wanted {
    True,
    TrueOrUnknown,
}

struct Rows<'a> {
    row: &'a [Expr],
    sub_query: &'a Query,
}

impl<'a> Rows<'a> {
    fn new(row: &'a Expr, sub_query: &'a Query) -> Option<Self> {
        match row {
            Expr::Tuple(row) => Some(Self { row, sub_query }),
            Expr::Nested(inner) => Self::new(inner, sub_query),
            _ => None,
        }
    }

    /// `EXISTS (SELECT 1 FROM (sub-query) AS r (c0, c1) WHERE c0 = a AND c1 = b)`.
    fn exists(&self, wanted: Wanted) -> Expr {
        let names: Vec<String> = (0..self.row.len()).map(|index| format!("__dwh_row_{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let terms = self.row.iter().zip(&names);
        let terms =
            terms.map(|(value, name)| binary(column(name), BinaryOperator::Eq, nested(value.clone())));
        let condition = match (conjunction(terms), wanted) {
            (Some(equal), Wanted::TrueOrUnknown) => Some(Expr::IsNotFalse(Box::new(nested(equal)))),
            (equal, _) => equal,
        };
        let rows = derived(self.sub_query.clone(), Some(table_alias("__dwh_rows", &names)));
        let found = select_from(vec![SelectItem::UnnamedExpr(number(1))], vec![alone(rows)], condition);
        Expr::Exists { subquery: Box::new(found), negated: false }
    }

    fn three_valued(&self) -> Expr {
        let when = |condition, result| CaseWhen { condition, result: Expr::value(result) };
        let found = when(self.exists(Wanted::True), Value::Boolean(true));
        let unknown = when(self.exists(Wanted::TrueOrUnknown), Value::Null);
        case(vec![found, unknown], Some(Expr::value(Value::Boolean(false))))
    }
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}
