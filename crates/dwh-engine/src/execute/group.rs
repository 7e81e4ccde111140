//! CREATE, ALTER and DROP GROUP.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::AlterGroupAction;
use dwh_storage::{Access, Grantee, Group, PrincipalId};

use super::user;
use crate::context::StatementContext;
use crate::result::Outcome;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    name: &str,
    users: &[String],
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    check_free(access, name)?;
    let members = user_ids(access, users)?.into_iter().collect();
    let group = Group { id: context.transaction.new_id(), name: name.to_owned(), members };
    context.transaction.change_access(|access| access.groups.insert(group.id, group))?;
    Ok(Outcome::done("CREATE GROUP"))
}

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    name: &str,
    action: &AlterGroupAction,
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    let mut group = access.group(name).ok_or_else(|| undefined(name))?.clone();
    match action {
        AlterGroupAction::Add(users) => group.members.extend(user_ids(access, users)?),
        AlterGroupAction::Drop(users) => {
            for id in user_ids(access, users)? {
                group.members.remove(&id);
            }
        }
        AlterGroupAction::Rename(to) => {
            check_free(access, to)?;
            group.name.clone_from(to);
        }
    }
    context.transaction.change_access(|access| access.groups.insert(group.id, group))?;
    Ok(Outcome::done("ALTER GROUP"))
}

pub(super) fn drop(context: &mut StatementContext<'_>, name: &str) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    let id = access.group(name).ok_or_else(|| undefined(name))?.id;
    let to = Grantee::Group(id);
    let has = access.grants.keys().any(|key| key.to == to)
        || access.default_privileges.keys().any(|key| key.to == to);
    if has {
        // The guide's page DROP GROUP: its privileges must be revoked first.
        return Err(SqlError::new(
            SqlState::DependentObjectsStillExist,
            format!("group \"{name}\" cannot be dropped because the group has a privilege on some object"),
        ));
    }
    context.transaction.change_access(|access| access.groups.remove(&id))?;
    Ok(Outcome::done("DROP GROUP"))
}

fn check_free(access: &Access, name: &str) -> Result<(), SqlError> {
    match access.group(name) {
        Some(_) => Err(SqlError::new(SqlState::DuplicateObject, format!("group \"{name}\" already exists"))),
        None => Ok(()),
    }
}

/// The numbers of users.
fn user_ids(access: &Access, names: &[String]) -> Result<Vec<PrincipalId>, SqlError> {
    let id = |name: &String| Ok(access.user(name).ok_or_else(|| user::undefined(name))?.id);
    names.iter().map(id).collect()
}

/// 42704 for a group.
pub(super) fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("group \"{name}\" does not exist"))
}
