//! What policies need stays as it is: the tables that they read, and the columns that they name (the guide's page
//! "Policy dependent objects and principles").

use dwh_common::{SqlError, SqlState};
use dwh_storage::{ColumnPath, Policy, Table};

use crate::context::StatementContext;
use crate::execute::drop::reads_column;

/// Refuses to change a table that a policy reads, or of one of its columns what a policy names. `None` stands for the table
/// itself, `what` for the change: `drop`, `rename`, `alter type of`.
pub(in crate::execute) fn check_relation(
    context: &StatementContext<'_>,
    table: &Table,
    column: Option<&str>,
    what: &str,
) -> Result<(), SqlError> {
    let access = context.transaction.access();
    let definition = &table.definition;
    let part = match column {
        Some(column) => format!("column {column} of table {}", definition.name),
        None => format!("table {}", definition.name),
    };
    let refused = |kind: &str, policy: &str| {
        let message = format!("cannot {what} {part} because other objects depend on it");
        SqlError::new(SqlState::DependentObjectsStillExist, message)
            .with_detail(format!("{kind} policy \"{policy}\" depends on {part}"))
            .with_hint("Detach or drop the policy first.")
    };
    let reads = |policy: &Policy| {
        policy.depends_on.iter().any(|(s, n)| *s == definition.schema && *n == definition.name)
            && column.is_none_or(|column| policy.expressions.iter().any(|sql| reads_column(sql, column)))
    };
    for (kind, policies) in [("RLS", &access.row_policies), ("masking", &access.masking_policies)] {
        if let Some((name, _)) = policies.iter().find(|(_, policy)| reads(policy)) {
            return Err(refused(kind, name));
        }
    }
    let Some(column) = column else { return Ok(()) };
    let names_column = |name: &String| {
        access.row_policies.get(name).is_some_and(|policy| policy.columns.iter().any(|(c, _)| c == column))
    };
    let on_rows = access.row_policies_on.keys();
    if let Some(key) = on_rows.filter(|key| key.relation == table.id).find(|key| names_column(&key.policy)) {
        return Err(refused("RLS", &key.policy));
    }
    let is_column = |path: &ColumnPath| path.column == column;
    for (key, mask) in access.masks.iter().filter(|(key, _)| key.relation == table.id) {
        if key.outputs.iter().chain(&mask.inputs).any(is_column) {
            return Err(refused("masking", &key.policy));
        }
    }
    Ok(())
}

/// Refuses to drop or rename (`what`) a function that a policy calls.
pub(in crate::execute) fn check_function(
    context: &StatementContext<'_>,
    what: &str,
    name: &str,
) -> Result<(), SqlError> {
    let access = context.transaction.access();
    let calls = |policy: &Policy| {
        let words = |sql: &String| dwh_sql::words(sql).unwrap_or_default();
        policy.expressions.iter().any(|sql| words(sql).iter().any(|word| word == name))
    };
    let policies = access.row_policies.iter().chain(&access.masking_policies);
    match policies.into_iter().find(|(_, policy)| calls(policy)) {
        None => Ok(()),
        Some((policy, _)) => {
            let message = format!("cannot {what} function {name} because other objects depend on it");
            Err(SqlError::new(SqlState::DependentObjectsStillExist, message)
                .with_detail(format!("policy \"{policy}\" depends on function {name}"))
                .with_hint("Drop the policy first."))
        }
    }
}
