//! Clauses that the planner would ignore, so that the result would be wrong in silence: refused by name.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    Distinct, JoinConstraint, JoinOperator, Query, Select, SetExpr, SetOperator, SetQuantifier, TableFactor,
    TableWithJoins,
};

use super::scope::constraint;

/// Refuses clauses of a query.
pub(super) fn check_query(query: &Query) -> Result<(), SqlError> {
    if !query.locks.is_empty() {
        return Err(SqlError::unsupported("SELECT FOR UPDATE").with_hint("use LOCK TABLE"));
    }
    check_set_operation(&query.body)
}

/// INTERSECT and EXCEPT take whole inputs, and have no ALL (guide, "UNION, INTERSECT, and EXCEPT").
fn check_set_operation(body: &SetExpr) -> Result<(), SqlError> {
    let SetExpr::SetOperation { op, set_quantifier, left, right } = body else { return Ok(()) };
    if *op != SetOperator::Union {
        if *set_quantifier == SetQuantifier::All {
            return Err(SqlError::unsupported(format!("{op} ALL")));
        }
        let is_cut = |input: &SetExpr| matches!(input, SetExpr::Query(query) if query.limit_clause.is_some() || query.fetch.is_some());
        if is_cut(left) || is_cut(right) {
            return Err(SqlError::new(
                SqlState::FeatureNotSupported,
                "LIMIT may not be used within input to set operations",
            ));
        }
    }
    check_set_operation(left)?;
    check_set_operation(right)
}

/// Refuses clauses of a SELECT.
pub(super) fn check_select(select: &Select) -> Result<(), SqlError> {
    if !select.named_window.is_empty() {
        return Err(SqlError::unsupported("the WINDOW clause").with_hint("write the window behind each OVER"));
    }
    if let Some(Distinct::On(_)) = select.distinct {
        return Err(SqlError::unsupported("SELECT DISTINCT ON")
            .with_hint("use ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) with QUALIFY"));
    }
    select.from.iter().try_for_each(check_tables)
}

fn check_tables(table: &TableWithJoins) -> Result<(), SqlError> {
    check_factor(&table.relation)?;
    table.joins.iter().try_for_each(|join| {
        check_join(&join.join_operator)?;
        check_factor(&join.relation)
    })
}

/// The kinds of joins of the guide's FROM clause; all but CROSS and NATURAL have a condition.
fn check_join(join: &JoinOperator) -> Result<(), SqlError> {
    match (join, constraint(join)) {
        (JoinOperator::CrossJoin(_), _) => Ok(()),
        (_, Some(JoinConstraint::None)) => {
            Err(SqlError::new(SqlState::SyntaxError, "syntax error: a JOIN without ON or USING")
                .with_hint("Write CROSS JOIN for every pair of rows."))
        }
        (_, Some(_)) => Ok(()),
        (_, None) => Err(SqlError::unsupported("this kind of JOIN")
            .with_hint("use INNER, LEFT, RIGHT, FULL or CROSS JOIN, or EXISTS in WHERE")),
    }
}

fn check_factor(factor: &TableFactor) -> Result<(), SqlError> {
    match factor {
        TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
            Err(SqlError::unsupported("TABLESAMPLE"))
        }
        TableFactor::Derived { lateral: true, .. } => Err(SqlError::unsupported("LATERAL")),
        TableFactor::NestedJoin { table_with_joins, .. } => check_tables(table_with_joins),
        _ => Ok(()),
    }
}
