//! `WHERE a.x = b.x(+)` is an outer join that keeps the rows of `a` (guide: Oracle-style outer joins in the
//! WHERE clause).
//!
//! The conditions with the operator become the ON of a LEFT JOIN of the table they mark; all other conditions
//! stay in WHERE. A `*` is spelled out table by table first, as the order of the tables changes.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    BinaryOperator, Expr, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Spanned, TableWithJoins, Visit, VisitMut, Visitor, VisitorMut,
    WildcardAdditionalOptions,
};

use super::build::{conjunction, conjuncts};
use super::scope::FromColumns;
use crate::lex::position_of;

/// In place of a table that FROM does not have.
const UNKNOWN: usize = usize::MAX;

/// Rewrites a SELECT that has the operator in its WHERE; `from` are the tables of its FROM, in order.
pub(super) fn rewrite(select: &mut Select, from: &FromColumns) -> Result<(), SqlError> {
    let Some(selection) = select.selection.take_if(|selection| has_operator(selection)) else {
        return Ok(());
    };
    if select.from.iter().any(|table| !table.joins.is_empty()) {
        return Err(invalid("the outer join operator (+) cannot stand beside JOIN in FROM", &selection));
    }
    spell_out_wildcards(select, from);
    let mut rest = Vec::new();
    // For each table, what it is joined on and which table it is joined to.
    let mut optional: Vec<Option<Optional>> = select.from.iter().map(|_| None).collect();
    for condition in conjuncts(selection) {
        if !has_operator(&condition) {
            rest.push(condition);
            continue;
        }
        if has_operator_below_or(&condition) {
            return Err(invalid("Outer join operator (+) not allowed in operand of OR or IN.", &condition));
        }
        let sides = Sides::of(&condition, from);
        let [marked] = sides.marked.iter().copied().collect::<Vec<_>>()[..] else {
            return Err(invalid("a condition can outer-join one table only", &condition));
        };
        let Some(slot) = optional.get_mut(marked) else {
            rest.push(without_operator(condition));
            continue;
        };
        let slot = slot.get_or_insert_default();
        slot.to.extend(sides.plain.iter().filter(|table| **table != marked));
        if slot.to.len() > 1 {
            return Err(invalid("A table may be outer joined to at most one other table.", &condition));
        }
        slot.conditions.push(without_operator(condition));
    }
    // That it is not there is for the planner to say.
    optional.iter_mut().flatten().for_each(|slot| slot.to.retain(|table| *table != UNKNOWN));
    select.selection = conjunction(rest);
    select.from = joined(std::mem::take(&mut select.from), optional)?;
    Ok(())
}

/// A table that gets NULLs where it has no match.
#[derive(Default)]
struct Optional {
    conditions: Vec<Expr>,
    to: BTreeSet<usize>,
}

/// Hangs every optional table behind the table that it is joined to.
fn joined(
    from: Vec<TableWithJoins>,
    mut optional: Vec<Option<Optional>>,
) -> Result<Vec<TableWithJoins>, SqlError> {
    let mut relations: Vec<_> = from.into_iter().map(|table| Some(table.relation)).collect();
    let mut result: Vec<TableWithJoins> = Vec::new();
    // In which item of the result each table is.
    let mut place: Vec<Option<usize>> = vec![None; relations.len()];
    for index in 0..relations.len() {
        if optional[index].is_none() {
            place[index] = Some(result.len());
            result.extend(
                relations[index].take().map(|relation| TableWithJoins { relation, joins: Vec::new() }),
            );
        }
    }
    loop {
        let ready = (0..relations.len()).find_map(|index| {
            let slot = optional[index].as_ref()?;
            // Conditions with constants alone join to whatever stands first.
            let to = slot.to.first().map_or((!result.is_empty()).then_some(0), |to| place[*to])?;
            Some((index, to))
        });
        let Some((index, to)) = ready else { break };
        let (Some(slot), Some(relation)) = (optional[index].take(), relations[index].take()) else { break };
        let constraint = conjunction(slot.conditions).map_or(JoinConstraint::None, JoinConstraint::On);
        result[to].joins.push(Join {
            relation,
            global: false,
            join_operator: JoinOperator::LeftOuter(constraint),
        });
        place[index] = Some(to);
    }
    if optional.iter().any(Option::is_some) {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            "two tables cannot be outer-joined to each other with the operator (+)",
        ));
    }
    Ok(result)
}

/// The tables of a condition: those marked, and the others.
#[derive(Default)]
struct Sides {
    marked: BTreeSet<usize>,
    plain: BTreeSet<usize>,
}

impl Sides {
    fn of(condition: &Expr, from: &FromColumns) -> Self {
        struct Finder<'a> {
            from: &'a FromColumns,
            sides: Sides,
            below_operator: usize,
        }
        impl Visitor for Finder<'_> {
            type Break = ();
            fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
                if matches!(expr, Expr::OuterJoin(_)) {
                    self.below_operator += 1;
                }
                let is_qualified = matches!(expr, Expr::CompoundIdentifier(_));
                if let Some(table) = self.from.table_of(expr).or(is_qualified.then_some(UNKNOWN)) {
                    let side =
                        if self.below_operator > 0 { &mut self.sides.marked } else { &mut self.sides.plain };
                    side.insert(table);
                }
                ControlFlow::Continue(())
            }
            fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
                if matches!(expr, Expr::OuterJoin(_)) {
                    self.below_operator -= 1;
                }
                ControlFlow::Continue(())
            }
        }
        let mut finder = Finder { from, sides: Self::default(), below_operator: 0 };
        let _ = condition.visit(&mut finder);
        finder.sides
    }
}

fn has_operator(expr: &Expr) -> bool {
    struct Finder {
        queries: usize,
    }
    impl Visitor for Finder {
        type Break = ();
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.queries += 1;
            ControlFlow::Continue(())
        }
        fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.queries -= 1;
            ControlFlow::Continue(())
        }
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                // What is in a sub-query is the sub-query's.
                Expr::OuterJoin(_) if self.queries == 0 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    expr.visit(&mut Finder { queries: 0 }).is_break()
}

fn has_operator_below_or(condition: &Expr) -> bool {
    sqlparser::ast::visit_expressions(condition, |expr| match expr {
        Expr::BinaryOp { op: BinaryOperator::Or, .. } | Expr::InList { .. } | Expr::InSubquery { .. }
            if has_operator(expr) =>
        {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

fn without_operator(mut condition: Expr) -> Expr {
    struct Remover;
    impl VisitorMut for Remover {
        type Break = ();
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            if let Expr::OuterJoin(inner) = expr {
                *expr = (**inner).clone();
            }
            ControlFlow::Continue(())
        }
    }
    let _ = VisitMut::visit(&mut condition, &mut Remover);
    condition
}

/// `*` → `a.*, b.*`, in the order in which the tables were written.
fn spell_out_wildcards(select: &mut Select, from: &FromColumns) {
    let qualifiers: Option<Vec<_>> = from.tables.iter().map(|table| table.qualifier.clone()).collect();
    let Some(qualifiers) = qualifiers else { return };
    let items = std::mem::take(&mut select.projection).into_iter().flat_map(|item| match item {
        SelectItem::Wildcard(options) if super::scope::is_plain(&options) => qualifiers
            .iter()
            .map(|qualifier| {
                let name = ObjectName::from(vec![qualifier.clone()]);
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    WildcardAdditionalOptions::default(),
                )
            })
            .collect(),
        item => vec![item],
    });
    select.projection = items.collect();
}

fn invalid(message: &str, near: &Expr) -> SqlError {
    let error = SqlError::new(SqlState::FeatureNotSupported, message);
    match position_of(near.span().start) {
        0 => error,
        position => error.at(position),
    }
}
