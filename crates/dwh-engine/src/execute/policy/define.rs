//! CREATE, ALTER and DROP POLICY.

use std::collections::BTreeMap;

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{CreatePolicy, PolicyKind};
use dwh_storage::{Access, Policy};
use sqlparser::ast::Expr;

use super::expression::{bind, check};
use super::policy;
use crate::context::StatementContext;
use crate::result::Notice;

pub(super) fn create(context: &mut StatementContext<'_>, create: &CreatePolicy) -> Result<(), SqlError> {
    let kind = create.kind;
    let name = &create.name;
    if policy(context.transaction.access(), kind, name).is_ok() {
        let message = format!("{} \"{name}\" already exists", kind.name());
        if create.if_not_exists {
            context.notices.push(Notice::info(message));
            return Ok(());
        }
        return Err(SqlError::new(SqlState::DuplicateObject, message));
    }
    let bound = bind(context, kind, &create.expressions)?;
    let made = Policy {
        columns: create.columns.clone(),
        alias: create.alias.clone(),
        expressions: bound.expressions,
        depends_on: bound.depends_on,
        modified_by: context.user_id,
        modified_at: context.statement_start,
    };
    check(context, kind, &made)?;
    keep(context, kind, name, made)
}

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    kind: PolicyKind,
    name: &str,
    expressions: &[Expr],
) -> Result<(), SqlError> {
    let old = policy(context.transaction.access(), kind, name)?.clone();
    if old.expressions.len() != expressions.len() {
        let message = format!("{} \"{name}\" has {} expressions", kind.name(), old.expressions.len());
        return Err(SqlError::new(SqlState::InvalidParameterValue, message));
    }
    let bound = bind(context, kind, expressions)?;
    let altered = Policy {
        expressions: bound.expressions,
        depends_on: bound.depends_on,
        modified_by: context.user_id,
        modified_at: context.statement_start,
        ..old
    };
    check(context, kind, &altered)?;
    keep(context, kind, name, altered)
}

/// A policy that is attached needs CASCADE.
pub(super) fn drop(
    context: &mut StatementContext<'_>,
    kind: PolicyKind,
    name: &str,
    if_exists: bool,
    cascade: bool,
) -> Result<(), SqlError> {
    let access = context.transaction.access();
    if let Err(error) = policy(access, kind, name) {
        if !if_exists {
            return Err(error);
        }
        context.notices.push(Notice::info(format!("{}, skipping", error.message)));
        return Ok(());
    }
    let is_attached = match kind {
        PolicyKind::Rows => access.row_policies_on.keys().any(|key| key.policy == name),
        PolicyKind::Masking => access.masks.keys().any(|key| key.policy == name),
    };
    if is_attached && !cascade {
        let message = format!("cannot drop {} \"{name}\" because it is attached", kind.name());
        return Err(SqlError::new(SqlState::DependentObjectsStillExist, message)
            .with_hint("Detach it first, or use DROP … CASCADE."));
    }
    context.transaction.change_access(|access| {
        policies(access, kind).remove(name);
        match kind {
            PolicyKind::Rows => access.row_policies_on.retain(|key, _| key.policy != name),
            PolicyKind::Masking => access.masks.retain(|key, _| key.policy != name),
        }
    })?;
    Ok(())
}

fn keep(
    context: &mut StatementContext<'_>,
    kind: PolicyKind,
    name: &str,
    policy: Policy,
) -> Result<(), SqlError> {
    context.transaction.change_access(|access| policies(access, kind).insert(name.to_owned(), policy))?;
    Ok(())
}

fn policies(access: &mut Access, kind: PolicyKind) -> &mut BTreeMap<String, Policy> {
    match kind {
        PolicyKind::Rows => &mut access.row_policies,
        PolicyKind::Masking => &mut access.masking_policies,
    }
}
