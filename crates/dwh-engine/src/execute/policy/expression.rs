//! The expression of a policy: read when the policy is made, kept as text in which tables have their schemas.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::{PolicyKind, TableName};
use dwh_storage::Policy;
use sqlparser::ast::{self, Expr, visit_relations, visit_relations_mut};

use crate::context::StatementContext;
use crate::names::Relation;
use crate::plan::parse_query;
use crate::policies::ROW_ALIAS;

/// Expressions as the catalog keeps them, and the tables that they read.
pub(super) struct Bound {
    pub(super) expressions: Vec<String>,
    pub(super) depends_on: Vec<(String, String)>,
}

/// Gives the tables in the expressions their schemas.
///
/// # Errors
/// A relation that does not exist or that a policy may not read.
pub(super) fn bind(
    context: &StatementContext<'_>,
    kind: PolicyKind,
    expressions: &[Expr],
) -> Result<Bound, SqlError> {
    let mut depends_on = Vec::new();
    let mut bound = Vec::new();
    for expression in expressions {
        let mut failed = None;
        let mut expression = expression.clone();
        let _ = visit_relations(&expression, |name| {
            let name = dwh_sql::table_name_of(name);
            match lookup(context, kind, &name) {
                Ok(found) if !depends_on.contains(&found) => depends_on.push(found),
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            ControlFlow::<()>::Continue(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let _ = visit_relations_mut(&mut expression, |name| {
            let table = dwh_sql::table_name_of(name);
            if let Ok((schema, table)) = lookup(context, kind, &table) {
                *name = ast::ObjectName::from(vec![
                    ast::Ident::with_quote('"', schema),
                    ast::Ident::with_quote('"', table),
                ]);
            }
            ControlFlow::<()>::Continue(())
        });
        bound.push(dwh_sql::to_sql(&expression));
    }
    Ok(Bound { expressions: bound, depends_on })
}

/// A table that a policy reads: a permanent one without row-level security (the guide's page CREATE RLS POLICY).
fn lookup(
    context: &StatementContext<'_>,
    kind: PolicyKind,
    name: &TableName,
) -> Result<(String, String), SqlError> {
    let refused = |what: &str| {
        let message = format!("{} cannot read {what} \"{}\"", kind.name(), name.name);
        let mut error = SqlError::new(SqlState::WrongObjectType, message);
        error.position = name.position;
        error
    };
    let table = match context.names().resolve(name)? {
        Relation::Table(table) if !table.definition.temporary => table,
        Relation::Table(_) => return Err(refused("the temporary table")),
        Relation::View(_) => return Err(refused("the view")),
        Relation::System(_) => return Err(refused("the system table")),
    };
    let access = context.transaction.access();
    let is_protected = access.row_security.contains_key(&table.id)
        || access.row_policies_on.keys().any(|key| key.relation == table.id);
    if is_protected {
        return Err(refused("the table with row-level security"));
    }
    Ok((table.definition.schema.clone(), table.definition.name.clone()))
}

/// Plans the expressions over values of the policy's types, so that what is wrong is said when the policy is made.
pub(super) fn check(
    context: &StatementContext<'_>,
    kind: PolicyKind,
    policy: &Policy,
) -> Result<(), SqlError> {
    let column = |(name, data_type): &(String, dwh_common::RedshiftType)| {
        format!("CAST(NULL AS {data_type}) AS {}", quote_ident(name))
    };
    let mut columns: Vec<String> = policy.columns.iter().map(column).collect();
    if columns.is_empty() {
        columns.push("1 AS __dwh_row".to_owned());
    }
    let alias = quote_ident(policy.alias.as_deref().unwrap_or(ROW_ALIAS));
    let from = format!("(SELECT {}) AS {alias}", columns.join(", "));
    let sql = match kind {
        PolicyKind::Rows => format!("SELECT 1 FROM {from} WHERE {}", policy.expressions.join(" AND ")),
        PolicyKind::Masking => format!("SELECT {} FROM {from}", values(policy)),
    };
    let query = parse_query(&sql)?;
    context
        .with_planner(|planner| planner.query_as_owner(query))
        .map(drop)
        .map_err(|error| SqlError { position: None, ..error })
}

fn values(policy: &Policy) -> String {
    let values = policy.expressions.iter().enumerate();
    values.map(|(at, value)| format!("({value}) AS v{at}")).collect::<Vec<_>>().join(", ")
}
