//! ATTACH and DETACH of policies; ROW LEVEL SECURITY of a relation.

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{AttachMask, ColumnPathName, Conjunction, GranteeName, PolicyKind, TableName};
use dwh_storage::{Access, ColumnPath, Grantee, Mask, MaskKey, Policy, RowConjunction, RowPolicyKey};
use sqlparser::ast::Expr;

use super::{policy, target, undefined_column};
use crate::context::StatementContext;
use crate::execute::grant::grantee;
use crate::plan::parse_query;
use crate::policies::{Protected, filtered, masked, overlap};

pub(super) fn rows(
    context: &mut StatementContext<'_>,
    name: &str,
    relations: &[TableName],
    to: &[GranteeName],
) -> Result<(), SqlError> {
    for relation in relations {
        let target = target(context, relation)?;
        let access = context.transaction.access();
        let attached = policy(access, PolicyKind::Rows, name)?;
        check_rows(access, &target, attached)?;
        plan(context, &filtered(&target, attached))?;
        let mut keys = Vec::new();
        for to in to {
            let to = grantee(access, to)?;
            check_not_administrator(context, to)?;
            let key = RowPolicyKey { relation: target.id, policy: name.to_owned(), to };
            if access.row_policies_on.contains_key(&key) {
                return Err(already(PolicyKind::Rows, name, &target, &access.grantee_name(to)));
            }
            keys.push(key);
        }
        let grantor = context.user_id;
        context.transaction.change_access(|access| {
            access.row_policies_on.extend(keys.into_iter().map(|key| (key, grantor)));
        })?;
    }
    Ok(())
}

/// The columns of WITH are there, the alias is that of the policies before, and no policy reads the relation.
fn check_rows(access: &Access, target: &Protected, policy: &Policy) -> Result<(), SqlError> {
    let (schema, table) = target.name();
    if let Some((column, _)) = policy.columns.iter().find(|(column, _)| target.column(column).is_none()) {
        return Err(undefined_column(target, column));
    }
    let mut others = access
        .row_policies_on
        .keys()
        .filter(|key| key.relation == target.id)
        .filter_map(|key| access.row_policies.get(&key.policy));
    if others.any(|other| other.alias != policy.alias) {
        let message = format!("all RLS policies on \"{}\" must have the same alias", table);
        return Err(SqlError::new(SqlState::InvalidParameterValue, message));
    }
    let reads_it = |policy: &Policy| policy.depends_on.iter().any(|(s, n)| s == schema && n == table);
    match access.row_policies.iter().find(|(_, policy)| reads_it(policy)) {
        None => Ok(()),
        Some((name, _)) => {
            let message = format!("\"{}\" is a lookup table of RLS policy \"{name}\"", table);
            Err(SqlError::new(SqlState::WrongObjectType, message))
        }
    }
}

/// The guide: policies on rows are for neither superusers nor `sys:secadmin`.
fn check_not_administrator(context: &StatementContext<'_>, to: Grantee) -> Result<(), SqlError> {
    let access = context.transaction.access();
    let is_administrator = match to {
        Grantee::User(id) => context.rights().of(id).is_security_administrator(),
        Grantee::Role(_) => matches!(access.grantee_name(to).as_str(), "sys:superuser" | "sys:secadmin"),
        _ => false,
    };
    match is_administrator {
        false => Ok(()),
        true => {
            let message = "RLS policies cannot be attached to superusers or sys:secadmin";
            Err(SqlError::new(SqlState::InvalidGrantOperation, message))
        }
    }
}

pub(super) fn detach_rows(
    context: &mut StatementContext<'_>,
    name: &str,
    relations: &[TableName],
    from: &[GranteeName],
) -> Result<(), SqlError> {
    for relation in relations {
        let target = target(context, relation)?;
        for from in from {
            let access = context.transaction.access();
            policy(access, PolicyKind::Rows, name)?;
            let to = grantee(access, from)?;
            let shown = access.grantee_name(to);
            let key = RowPolicyKey { relation: target.id, policy: name.to_owned(), to };
            let was = context.transaction.change_access(|access| access.row_policies_on.remove(&key))?;
            was.ok_or_else(|| not_attached(PolicyKind::Rows, name, &target, &shown))?;
        }
    }
    Ok(())
}

pub(super) fn mask(context: &mut StatementContext<'_>, attach: &AttachMask) -> Result<(), SqlError> {
    let target = target(context, &attach.relation)?;
    let access = context.transaction.access();
    let policy = policy(access, PolicyKind::Masking, &attach.name)?;
    let outputs = paths(&target, &attach.outputs)?;
    let inputs = if attach.inputs.is_empty() { outputs.clone() } else { paths(&target, &attach.inputs)? };
    count("output", &attach.name, policy.expressions.len(), outputs.len())?;
    count("input", &attach.name, policy.columns.len(), inputs.len())?;
    let to = grantee(access, &attach.to)?;
    let key = MaskKey { relation: target.id, outputs, policy: attach.name.clone(), to };
    for (other, mask) in access.masks.iter().filter(|(other, _)| other.relation == target.id) {
        let same = other.outputs.iter().find(|path| key.outputs.contains(path));
        let Some(path) = same else { continue };
        if other.to == to {
            return Err(already(PolicyKind::Masking, &other.policy, &target, &access.grantee_name(to)));
        }
        // The guide: the same policy may be attached several times with one priority, for others.
        let again = other.policy == key.policy && other.outputs == key.outputs && mask.inputs == inputs;
        if mask.priority == attach.priority && !again {
            let message = format!(
                "masking policy \"{}\" on column \"{}\" has priority {} already",
                other.policy, path.column, mask.priority
            );
            return Err(SqlError::new(SqlState::DuplicateObject, message)
                .with_hint("Give the policy another PRIORITY."));
        }
    }
    let mask = Mask { inputs, priority: attach.priority, grantor: context.user_id };
    context.transaction.change_access(|access| access.masks.insert(key.clone(), mask))?;
    check_mask(context, &target, &key)
}

/// A text that the mask gives must have room in the column, and its values must have the column's type.
fn check_mask(context: &StatementContext<'_>, target: &Protected, key: &MaskKey) -> Result<(), SqlError> {
    let access = context.transaction.access();
    let policy = policy(access, PolicyKind::Masking, &key.policy)?;
    for (path, expression) in key.outputs.iter().zip(&policy.expressions) {
        let bytes = match dwh_sql::parse_expression(expression) {
            Ok(Expr::Value(value)) => value.into_string().map_or(0, |text| text.len()),
            _ => 0,
        };
        if let Some(Some(RedshiftType::Varchar(room) | RedshiftType::Char(room))) =
            target.column(&path.column)
            && bytes > room as usize
        {
            let message = format!(
                "masking policy \"{}\" gives a text of {bytes} bytes, and column \"{}\" has {room}",
                key.policy, path.column
            );
            return Err(SqlError::new(SqlState::DatatypeMismatch, message));
        }
    }
    plan(context, &masked(access, &[key.to], target))
}

/// Plans what stands in the relation's place, so that what does not fit is said now.
fn plan(context: &StatementContext<'_>, sql: &str) -> Result<(), SqlError> {
    let query = parse_query(sql)?;
    let planned = context.with_planner(|planner| planner.query_as_owner(query));
    planned.map(drop).map_err(|error| SqlError { position: None, ..error })
}

pub(super) fn detach_mask(
    context: &mut StatementContext<'_>,
    name: &str,
    relation: &TableName,
    outputs: &[ColumnPathName],
    from: &GranteeName,
) -> Result<(), SqlError> {
    let target = target(context, relation)?;
    let access = context.transaction.access();
    policy(access, PolicyKind::Masking, name)?;
    let to = grantee(access, from)?;
    let shown = access.grantee_name(to);
    let outputs = paths(&target, outputs)?;
    let key = MaskKey { relation: target.id, outputs, policy: name.to_owned(), to };
    let was = context.transaction.change_access(|access| access.masks.remove(&key))?;
    was.map(drop).ok_or_else(|| not_attached(PolicyKind::Masking, name, &target, &shown))
}

/// ROW LEVEL SECURITY ON or OFF (`None`).
pub(in crate::execute) fn row_level_security(
    context: &mut StatementContext<'_>,
    name: &TableName,
    security: Option<Conjunction>,
) -> Result<(), SqlError> {
    let target = target(context, name)?;
    let conjunction = security.map(|conjunction| match conjunction {
        Conjunction::And => RowConjunction::And,
        Conjunction::Or => RowConjunction::Or,
    });
    context.transaction.change_access(|access| match conjunction {
        Some(conjunction) => access.row_security.insert(target.id, conjunction),
        None => access.row_security.remove(&target.id),
    })?;
    Ok(())
}

/// Columns of the relation; only SUPER has parts.
fn paths(target: &Protected, names: &[ColumnPathName]) -> Result<Vec<ColumnPath>, SqlError> {
    let mut paths: Vec<ColumnPath> = Vec::new();
    for name in names {
        let Some(data_type) = target.column(&name.column) else {
            return Err(undefined_column(target, &name.column).at(name.position));
        };
        if !name.path.is_empty() && data_type != Some(RedshiftType::Super) {
            let message = format!("column \"{}\" is not SUPER and has no parts", name.column);
            return Err(SqlError::new(SqlState::WrongObjectType, message).at(name.position));
        }
        let path = ColumnPath { column: name.column.clone(), path: name.path.clone() };
        if paths.iter().any(|other| overlap(other, &path)) {
            let message = format!("column \"{}\" specified more than once", name.column);
            return Err(SqlError::new(SqlState::DuplicateColumn, message).at(name.position));
        }
        paths.push(path);
    }
    Ok(paths)
}

fn count(what: &str, name: &str, wanted: usize, given: usize) -> Result<(), SqlError> {
    if wanted == given {
        return Ok(());
    }
    let message = format!("masking policy \"{name}\" has {wanted} {what} columns, and {given} were given");
    Err(SqlError::new(SqlState::InvalidParameterValue, message))
}

fn already(kind: PolicyKind, name: &str, target: &Protected, grantee: &str) -> SqlError {
    let message =
        format!("{} \"{name}\" is already attached to \"{}\" for {grantee}", kind.name(), target.name().1);
    SqlError::new(SqlState::DuplicateObject, message)
}

fn not_attached(kind: PolicyKind, name: &str, target: &Protected, grantee: &str) -> SqlError {
    let message =
        format!("{} \"{name}\" is not attached to \"{}\" for {grantee}", kind.name(), target.name().1);
    SqlError::new(SqlState::UndefinedObject, message)
}
