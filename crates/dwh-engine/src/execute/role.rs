//! CREATE, ALTER and DROP ROLE; GRANT and REVOKE of roles.

use std::collections::BTreeSet;

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{AlterRoleAction, GranteeName};
use dwh_storage::{Access, Grantee, PrincipalId, Role, RoleGrant};

use super::{grant, user};
use crate::context::StatementContext;
use crate::result::Outcome;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    name: &str,
    external_id: Option<&str>,
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    check_free(access, name)?;
    if let Some(external_id) = external_id {
        check_external_id(access, external_id)?;
    }
    let role = Role {
        id: context.transaction.new_id(),
        name: name.to_owned(),
        owner: context.user_id,
        external_id: external_id.map(ToOwned::to_owned),
    };
    context.transaction.change_access(|access| access.roles.insert(role.id, role))?;
    Ok(Outcome::done("CREATE ROLE"))
}

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    name: &str,
    action: &AlterRoleAction,
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    let mut role = changeable(access, name)?.clone();
    match action {
        AlterRoleAction::Rename(to) => {
            check_free(access, to)?;
            role.name.clone_from(to);
        }
        AlterRoleAction::OwnerTo(owner) => {
            role.owner = access.user(owner).ok_or_else(|| user::undefined(owner))?.id;
        }
        AlterRoleAction::ExternalId(id) => {
            check_external_id(access, id)?;
            role.external_id = Some(id.clone());
        }
    }
    context.transaction.change_access(|access| access.roles.insert(role.id, role))?;
    Ok(Outcome::done("ALTER ROLE"))
}

/// DROP ROLE; FORCE takes it from everybody that has it.
pub(super) fn drop(context: &mut StatementContext<'_>, name: &str, force: bool) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    let id = changeable(access, name)?.id;
    let to = Grantee::Role(id);
    if !force {
        check_unused(access, id)?;
    }
    context.transaction.change_access(|access| {
        access.roles.remove(&id);
        access.role_members.retain(|(role, member), _| *role != id && *member != to);
        access.grants.retain(|key, _| key.to != to);
        access.default_privileges.retain(|key, _| key.to != to);
        access.detach_policies(to);
    })?;
    Ok(Outcome::done("DROP ROLE"))
}

/// A role that anybody has, or that has another role, needs FORCE (the guide's page DROP ROLE).
fn check_unused(access: &Access, id: PrincipalId) -> Result<(), SqlError> {
    let reasons = access.role_members.keys().filter_map(|(role, member)| match member {
        Grantee::Role(member) if *member == id => Some("it depends on another role"),
        Grantee::Role(_) if *role == id => Some("it has been granted on a role"),
        _ if *role == id => Some("it has been granted on a user"),
        _ => None,
    });
    match reasons.min() {
        None => Ok(()),
        Some(reason) => {
            let message = format!("cannot drop this role since {reason}");
            let error = SqlError::new(SqlState::DependentObjectsStillExist, message);
            Err(error.with_hint("Revoke the role first, or use DROP ROLE … FORCE."))
        }
    }
}

/// GRANT ROLE … TO …: by a superuser, the owner of the role, or whoever has it WITH ADMIN OPTION.
pub(super) fn grant_roles(
    context: &mut StatementContext<'_>,
    names: &[String],
    to: &[(GranteeName, bool)],
) -> Result<(), SqlError> {
    for name in names {
        let role = administered(context, name)?;
        for (grantee, admin) in to {
            let access = context.transaction.access();
            let member = grant::grantee(access, grantee)?;
            if matches!(member, Grantee::Public | Grantee::Group(_)) {
                return Err(SqlError::new(
                    SqlState::InvalidGrantOperation,
                    "roles can only be granted to users and roles",
                ));
            }
            if member == Grantee::Role(role)
                || (matches!(member, Grantee::Role(of) if reaches(access, role, of)))
            {
                return Err(SqlError::new(
                    SqlState::InvalidGrantOperation,
                    "cannot grant this role, a circular dependency was detected between these roles",
                ));
            }
            let grant = RoleGrant { admin: *admin, grantor: context.user_id };
            context.transaction.change_access(|access| {
                let kept = access.role_members.entry((role, member)).or_insert(grant);
                kept.admin |= grant.admin;
            })?;
        }
    }
    Ok(())
}

/// REVOKE ROLE … FROM …, or its ADMIN OPTION alone.
pub(super) fn revoke_roles(
    context: &mut StatementContext<'_>,
    names: &[String],
    from: &[(GranteeName, bool)],
    only_option: bool,
) -> Result<(), SqlError> {
    for name in names {
        let role = administered(context, name)?;
        for (grantee, _) in from {
            let member = grant::grantee(context.transaction.access(), grantee)?;
            context.transaction.change_access(|access| {
                if !only_option {
                    access.role_members.remove(&(role, member));
                } else if let Some(kept) = access.role_members.get_mut(&(role, member)) {
                    kept.admin = false;
                }
            })?;
        }
    }
    Ok(())
}

fn administered(context: &StatementContext<'_>, name: &str) -> Result<PrincipalId, SqlError> {
    let rights = context.rights();
    let role = rights.access().role(name).ok_or_else(|| undefined(name))?;
    let has_option = rights
        .access()
        .role_members
        .get(&(role.id, Grantee::User(rights.user_id())))
        .is_some_and(|grant| grant.admin);
    if rights.is_superuser() || role.owner == rights.user_id() || has_option {
        return Ok(role.id);
    }
    Err(SqlError::new(SqlState::InsufficientPrivilege, format!("must have admin option on role \"{name}\"")))
}

/// Whether `role` has `of`, directly or through other roles.
fn reaches(access: &Access, role: PrincipalId, of: PrincipalId) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![role];
    while let Some(next) = open.pop() {
        if next == of {
            return true;
        }
        if seen.insert(next) {
            let has = access.role_members.keys().filter(|(_, member)| *member == Grantee::Role(next));
            open.extend(has.map(|(role, _)| *role));
        }
    }
    false
}

fn changeable<'a>(access: &'a Access, name: &str) -> Result<&'a Role, SqlError> {
    if name.starts_with("sys:") {
        return Err(SqlError::new(
            SqlState::InsufficientPrivilege,
            format!("role \"{name}\" is defined by the system and cannot be changed"),
        ));
    }
    access.role(name).ok_or_else(|| undefined(name))
}

fn check_free(access: &Access, name: &str) -> Result<(), SqlError> {
    // The guide's page CREATE ROLE: a role cannot have the name of a user, and not the system's prefix.
    if name.starts_with("sys:") {
        return Err(SqlError::new(SqlState::ReservedName, "role name prefix \"sys:\" is reserved"));
    }
    match (access.role(name), access.user(name)) {
        (Some(_), _) => {
            Err(SqlError::new(SqlState::DuplicateObject, format!("role \"{name}\" already exists")))
        }
        (_, Some(_)) => {
            Err(SqlError::new(SqlState::DuplicateObject, format!("user \"{name}\" already exists")))
        }
        _ => Ok(()),
    }
}

fn check_external_id(access: &Access, id: &str) -> Result<(), SqlError> {
    match access.roles.values().find(|role| role.external_id.as_deref() == Some(id)) {
        Some(role) => Err(SqlError::new(
            SqlState::DuplicateObject,
            format!("external id \"{id}\" belongs to role \"{}\"", role.name),
        )),
        None => Ok(()),
    }
}

/// 42704 for a role.
pub(super) fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("role \"{name}\" does not exist"))
}
