//! CREATE, ALTER, DROP, ATTACH and DETACH of RLS POLICY and MASKING POLICY; ROW LEVEL SECURITY (the guide's chapters
//! "Row-level security" and "Dynamic data masking").

mod attach;
mod define;
mod dependents;
mod expression;
mod show;

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{PolicyKind, PolicyStatement, TableName};
use dwh_storage::{Access, Policy};

pub(super) use self::attach::row_level_security;
pub(super) use self::dependents::{check_function, check_relation};
pub(super) use self::show::{attached, listing};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::policies::Protected;
use crate::result::Outcome;

pub(super) fn execute(
    context: &mut StatementContext<'_>,
    statement: &PolicyStatement,
) -> Result<Outcome, SqlError> {
    match statement {
        PolicyStatement::Create(create) => define::create(context, create)?,
        PolicyStatement::Alter { kind, name, expressions } => {
            define::alter(context, *kind, name, expressions)?;
        }
        PolicyStatement::Drop { kind, name, if_exists, cascade } => {
            define::drop(context, *kind, name, *if_exists, *cascade)?;
        }
        PolicyStatement::AttachRows { name, relations, to, detach: false } => {
            attach::rows(context, name, relations, to)?;
        }
        PolicyStatement::AttachRows { name, relations, to, .. } => {
            attach::detach_rows(context, name, relations, to)?;
        }
        PolicyStatement::AttachMask(attach) => attach::mask(context, attach)?,
        PolicyStatement::DetachMask { name, relation, outputs, from } => {
            attach::detach_mask(context, name, relation, outputs, from)?;
        }
    }
    Ok(Outcome::done(statement.tag()))
}

fn policy<'a>(access: &'a Access, kind: PolicyKind, name: &str) -> Result<&'a Policy, SqlError> {
    let policies = match kind {
        PolicyKind::Rows => &access.row_policies,
        PolicyKind::Masking => &access.masking_policies,
    };
    policies.get(name).ok_or_else(|| {
        let kind = kind.name().to_lowercase().replace("rls", "RLS");
        SqlError::new(SqlState::UndefinedObject, format!("{kind} \"{name}\" does not exist"))
    })
}

/// A table, view or materialized view that policies are attached to.
fn target(context: &StatementContext<'_>, name: &TableName) -> Result<Protected, SqlError> {
    let refused = |what: &str| {
        let message = format!("policies cannot be attached to the {what} \"{}\"", name.name);
        let mut error = SqlError::new(SqlState::WrongObjectType, message);
        error.position = name.position;
        error
    };
    match context.names().resolve(name)? {
        Relation::View(view) if view.definition.column_names.is_empty() => Err(refused("late-binding view")),
        Relation::System(_) => Err(refused("system table")),
        relation => Protected::of(relation).ok_or_else(|| refused("temporary table")),
    }
}

fn undefined_column(target: &Protected, name: &str) -> SqlError {
    SqlError::new(
        SqlState::UndefinedColumn,
        format!("column \"{name}\" of relation \"{}\" does not exist", target.name().1),
    )
}
