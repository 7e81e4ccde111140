//! ALTER DEFAULT PRIVILEGES, and giving them to what is created.

use dwh_common::SqlError;
use dwh_sql::statement::{self, AlterDefaultPrivileges};
use dwh_storage::{DefaultGrant, DefaultKey, DefaultObjects, Grant, GrantKey, Grantee, Privilege, Securable};

use super::{grant, user};
use crate::context::StatementContext;
use crate::result::Outcome;

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    alter: &AlterDefaultPrivileges,
) -> Result<Outcome, SqlError> {
    let (of_kind, kind, objects) = match alter.objects {
        statement::DefaultObjects::Tables => (Privilege::OF_RELATIONS, "relation", DefaultObjects::Relations),
        statement::DefaultObjects::Functions => {
            (Privilege::OF_FUNCTIONS, "function", DefaultObjects::Functions)
        }
        statement::DefaultObjects::Procedures => {
            (Privilege::OF_FUNCTIONS, "procedure", DefaultObjects::Procedures)
        }
    };
    let privileges = grant::privileges(&alter.privileges, of_kind, kind)?;
    let access = context.transaction.access();
    let mut creators = Vec::new();
    for name in &alter.creators {
        creators.push(access.user(name).ok_or_else(|| user::undefined(name))?.id);
    }
    if creators.is_empty() {
        creators.push(context.user_id);
    }
    let mut schemas = Vec::new();
    for name in &alter.schemas {
        schemas.push(Some(grant::schema_id(context, name)?));
    }
    if schemas.is_empty() {
        schemas.push(None);
    }
    let mut changes = Vec::new();
    for creator in &creators {
        for schema in &schemas {
            for (name, with_option) in &alter.to {
                let to = grant::grantee(context.transaction.access(), name)?;
                for privilege in &privileges {
                    let key =
                        DefaultKey { creator: *creator, schema: *schema, objects, privilege: *privilege, to };
                    changes.push((key, *with_option));
                }
            }
        }
    }
    context.transaction.change_access(|access| {
        for (key, with_option) in changes {
            let of_public = key.to == Grantee::Public && key.objects == DefaultObjects::Functions;
            if !alter.revoke {
                access.default_privileges.insert(key, Some(DefaultGrant { with_option }));
            } else if alter.only_option {
                if let Some(Some(kept)) = access.default_privileges.get_mut(&key) {
                    kept.with_option = false;
                }
            } else if of_public {
                access.default_privileges.insert(key, None);
            } else {
                access.default_privileges.remove(&key);
            }
        }
    })?;
    Ok(Outcome::done("ALTER DEFAULT PRIVILEGES"))
}

/// Makes the user the owner of something that it has created, and gives the default privileges on it.
pub(super) fn created(
    context: &mut StatementContext<'_>,
    object: Securable,
    schema: Option<&str>,
) -> Result<(), SqlError> {
    let creator = context.user_id;
    let access = context.transaction.access();
    let objects = match object {
        Securable::Relation(_) => Some(DefaultObjects::Relations),
        Securable::Function(_) => Some(DefaultObjects::Functions),
        Securable::Procedure(_) => Some(DefaultObjects::Procedures),
        _ => None,
    };
    let schema = match schema {
        Some(name) if !access.default_privileges.is_empty() => Some(grant::schema_id(context, name)?),
        _ => None,
    };
    let applies = |key: &DefaultKey| {
        key.creator == creator
            && objects == Some(key.objects)
            && (key.schema.is_none() || key.schema == schema)
    };
    let given: Vec<(GrantKey, Option<Grant>)> = access
        .default_privileges
        .iter()
        .filter(|(key, _)| applies(key))
        .map(|(key, default)| {
            let grant = default.map(|default| Grant { grantor: creator, with_option: default.with_option });
            (GrantKey { on: object, privilege: key.privilege, to: key.to }, grant)
        })
        .collect();
    if given.is_empty() && creator == dwh_storage::OWNER_ID {
        return Ok(());
    }
    context.transaction.change_access(|access| {
        if creator != dwh_storage::OWNER_ID {
            access.owners.insert(object, creator);
        }
        access.grants.extend(given);
    })?;
    Ok(())
}

/// ALTER … OWNER TO.
pub(super) fn set_owner(
    context: &mut StatementContext<'_>,
    object: Securable,
    owner: &str,
) -> Result<(), SqlError> {
    let id = context.transaction.access().user(owner).ok_or_else(|| user::undefined(owner))?.id;
    context.transaction.change_access(|access| {
        if id == dwh_storage::OWNER_ID {
            access.owners.remove(&object);
        } else {
            access.owners.insert(object, id);
        }
    })?;
    Ok(())
}
