//! Users, grants and functions, to and from the `dwh_` tables. They are few, so a commit that changes a
//! table of them writes it anew.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::attributes::json_column;
use super::write::Pen;
use super::{policies, procedures, time_of_text, time_text};
use crate::access::{
    Access, DefaultGrant, DefaultKey, DefaultObjects, FunctionDefinition, Grant, GrantKey, Grantee, Group,
    PasswordVerifiers, Privilege, Role, RoleGrant, Securable, User, Volatility,
};

/// All of it; what every warehouse has if nothing was ever written.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Access> {
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'dwh_user'";
    let mut access = Access::default();
    if connection.query_row(sql, [], |_| Ok(())).optional()?.is_none() {
        return Ok(access);
    }
    each(connection, "SELECT * FROM dwh_user", |row| {
        let user = user(row)?;
        access.users.insert(user.id, user);
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_group", |row| {
        let members = json_column(row, "members", |text| serde_json::from_str(text))?;
        let group = Group { id: row.get("group_id")?, name: row.get("name")?, members };
        access.groups.insert(group.id, group);
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_role", |row| {
        let role = Role {
            id: row.get("role_id")?,
            name: row.get("name")?,
            owner: row.get("owner_id")?,
            external_id: row.get("external_id")?,
        };
        access.roles.insert(role.id, role);
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_role_member", |row| {
        if let Some(member) = grantee(row)? {
            let grant = RoleGrant { admin: row.get("admin_option")?, grantor: row.get("grantor_id")? };
            access.role_members.insert((row.get("role_id")?, member), grant);
        }
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_owner", |row| {
        if let Some(object) = securable(row)? {
            access.owners.insert(object, row.get("owner_id")?);
        }
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_grant", |row| {
        if let (Some(on), Some(privilege), Some(to)) = (securable(row)?, privilege(row)?, grantee(row)?) {
            let grant = match row.get("granted")? {
                true => {
                    Some(Grant { grantor: row.get("grantor_id")?, with_option: row.get("grant_option")? })
                }
                false => None,
            };
            access.grants.insert(GrantKey { on, privilege, to }, grant);
        }
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_default_privilege", |row| {
        if let (Some(privilege), Some(to)) = (privilege(row)?, grantee(row)?) {
            let key = DefaultKey {
                creator: row.get("creator_id")?,
                schema: row.get("schema_id")?,
                objects: match row.get("on_functions")? {
                    0 => DefaultObjects::Relations,
                    1 => DefaultObjects::Functions,
                    _ => DefaultObjects::Procedures,
                },
                privilege,
                to,
            };
            let grant = match row.get("granted")? {
                true => Some(DefaultGrant { with_option: row.get("grant_option")? }),
                false => None,
            };
            access.default_privileges.insert(key, grant);
        }
        Ok(())
    })?;
    each(connection, "SELECT * FROM dwh_function", |row| {
        if let Some(function) = function(row)? {
            access.functions.insert(row.get("function_id")?, function);
        }
        Ok(())
    })?;
    access.procedures = procedures::read(connection)?;
    each(connection, "SELECT * FROM dwh_property", |row| {
        let (kind, key, value): (String, String, String) =
            (row.get("kind")?, row.get("name")?, row.get("value")?);
        match kind.as_str() {
            "comment" => drop(access.comments.insert(key, value)),
            "database" => drop(access.database.insert(key, value)),
            "quota" => {
                if let (Ok(schema), Ok(megabytes)) = (key.parse(), value.parse()) {
                    access.quotas.insert(schema, megabytes);
                }
            }
            kind => {
                let error = || {
                    let name = rusqlite::types::Type::Text;
                    rusqlite::Error::InvalidColumnType(0, format!("{kind} {key}"), name)
                };
                policies::read(kind, &key, &value, &mut access).ok_or_else(error)?;
            }
        }
        Ok(())
    })?;
    Ok(access)
}

fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let password = PasswordVerifiers {
        scram: row.get("scram_sha_256")?,
        md5: row.get("md5")?,
        sha256: row.get("sha256")?,
    };
    let valid_until: Option<String> = row.get("valid_until")?;
    Ok(User {
        id: row.get("user_id")?,
        name: row.get("name")?,
        password: Some(password).filter(|password| *password != PasswordVerifiers::default()),
        create_db: row.get("create_db")?,
        superuser: row.get("superuser")?,
        valid_until: valid_until.as_deref().and_then(time_of_text),
        connection_limit: row.get("connection_limit")?,
        syslog_unrestricted: row.get("syslog_unrestricted")?,
        session_timeout_seconds: row.get("session_timeout_seconds")?,
        settings: json_column(row, "settings", |text| serde_json::from_str(text))?,
        external_id: row.get("external_id")?,
    })
}

fn function(row: &Row<'_>) -> rusqlite::Result<Option<FunctionDefinition>> {
    let arguments: Vec<String> = json_column(row, "arguments", |text| serde_json::from_str(text))?;
    let arguments: Result<Vec<_>, _> = arguments.iter().map(|name| name.parse()).collect();
    let returns: String = row.get("returns")?;
    let volatility: String = row.get("volatility")?;
    let (Ok(arguments), Ok(returns), Some(volatility)) =
        (arguments, returns.parse(), Volatility::from_name(&volatility))
    else {
        return Ok(None);
    };
    Ok(Some(FunctionDefinition {
        schema: row.get("schema_name")?,
        name: row.get("name")?,
        arguments,
        returns,
        volatility,
        body: row.get("body")?,
    }))
}

/// Writes what differs.
pub(super) fn write(pen: &Pen<'_>, old: &Access, new: &Access) -> rusqlite::Result<()> {
    if old.users != new.users {
        pen.run("DELETE FROM dwh_user", [])?;
        new.users.values().try_for_each(|user| insert_user(pen, user))?;
    }
    if old.groups != new.groups {
        pen.run("DELETE FROM dwh_group", [])?;
        for group in new.groups.values() {
            let sql = "INSERT INTO dwh_group(group_id, name, members) VALUES (?, ?, ?)";
            pen.run(sql, params![group.id, group.name, json!(group.members).to_string()])?;
        }
    }
    if old.roles != new.roles {
        pen.run("DELETE FROM dwh_role", [])?;
        for role in new.roles.values() {
            let sql = "INSERT INTO dwh_role(role_id, name, owner_id, external_id) VALUES (?, ?, ?, ?)";
            pen.run(sql, params![role.id, role.name, role.owner, role.external_id])?;
        }
    }
    if old.role_members != new.role_members {
        pen.run("DELETE FROM dwh_role_member", [])?;
        for ((role, member), grant) in &new.role_members {
            let sql =
                "INSERT INTO dwh_role_member(role_id, grantee_kind, grantee_id, admin_option, grantor_id)
                       VALUES (?, ?, ?, ?, ?)";
            let (kind, id) = grantee_columns(*member);
            pen.run(sql, params![role, kind, id, grant.admin, grant.grantor])?;
        }
    }
    if old.owners != new.owners {
        pen.run("DELETE FROM dwh_owner", [])?;
        for (object, owner) in &new.owners {
            let sql = "INSERT INTO dwh_owner(object_kind, object_id, part_id, owner_id) VALUES (?, ?, ?, ?)";
            let (kind, id, part) = securable_columns(*object);
            pen.run(sql, params![kind, id, part, owner])?;
        }
    }
    if old.grants != new.grants {
        pen.run("DELETE FROM dwh_grant", [])?;
        new.grants.iter().try_for_each(|(key, grant)| insert_grant(pen, key, grant.as_ref()))?;
    }
    if old.default_privileges != new.default_privileges {
        pen.run("DELETE FROM dwh_default_privilege", [])?;
        for (key, grant) in &new.default_privileges {
            let sql = "INSERT INTO dwh_default_privilege(creator_id, schema_id, on_functions, privilege,
                           grantee_kind, grantee_id, granted, grant_option) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
            let (kind, id) = grantee_columns(key.to);
            let with_option = grant.is_some_and(|grant| grant.with_option);
            let name = key.privilege.name();
            pen.run(
                sql,
                params![
                    key.creator,
                    key.schema,
                    match key.objects {
                        DefaultObjects::Relations => 0,
                        DefaultObjects::Functions => 1,
                        DefaultObjects::Procedures => 2,
                    },
                    name,
                    kind,
                    id,
                    grant.is_some(),
                    with_option
                ],
            )?;
        }
    }
    if old.functions != new.functions {
        pen.run("DELETE FROM dwh_function", [])?;
        for (id, function) in &new.functions {
            let sql =
                "INSERT INTO dwh_function(function_id, schema_name, name, arguments, returns, volatility,
                           body) VALUES (?, ?, ?, ?, ?, ?, ?)";
            let arguments: Vec<String> = function.arguments.iter().map(ToString::to_string).collect();
            pen.run(
                sql,
                params![
                    id,
                    function.schema,
                    function.name,
                    json!(arguments).to_string(),
                    function.returns.to_string(),
                    function.volatility.name(),
                    function.body,
                ],
            )?;
        }
    }
    procedures::write(pen, &old.procedures, &new.procedures)?;
    properties(pen, "comment", &old.comments, &new.comments)?;
    properties(pen, "database", &old.database, &new.database)?;
    let quotas = |access: &Access| -> BTreeMap<String, String> {
        access.quotas.iter().map(|(schema, quota)| (schema.to_string(), quota.to_string())).collect()
    };
    properties(pen, "quota", &quotas(old), &quotas(new))?;
    let (old, new) = (policies::properties(old), policies::properties(new));
    old.iter().zip(&new).try_for_each(|((kind, old), (_, new))| properties(pen, kind, old, new))
}

fn properties(
    pen: &Pen<'_>,
    kind: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> rusqlite::Result<()> {
    if old == new {
        return Ok(());
    }
    pen.run("DELETE FROM dwh_property WHERE kind = ?", [kind])?;
    for (name, value) in new {
        pen.run("INSERT INTO dwh_property(kind, name, value) VALUES (?, ?, ?)", params![kind, name, value])?;
    }
    Ok(())
}

fn insert_user(pen: &Pen<'_>, user: &User) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_user(user_id, name, scram_sha_256, md5, sha256, create_db, superuser,
                   valid_until, connection_limit, syslog_unrestricted, session_timeout_seconds, settings,
                   external_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let password = user.password.clone().unwrap_or_default();
    pen.run(
        sql,
        params![
            user.id,
            user.name,
            password.scram,
            password.md5,
            password.sha256,
            user.create_db,
            user.superuser,
            user.valid_until.map(time_text),
            user.connection_limit,
            user.syslog_unrestricted,
            user.session_timeout_seconds,
            json!(user.settings).to_string(),
            user.external_id,
        ],
    )
}

fn insert_grant(pen: &Pen<'_>, key: &GrantKey, grant: Option<&Grant>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_grant(object_kind, object_id, part_id, privilege, grantee_kind, grantee_id,
                   granted, grantor_id, grant_option) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let (kind, id, part) = securable_columns(key.on);
    let (grantee_kind, grantee) = grantee_columns(key.to);
    let (grantor, with_option) = grant.map_or((0, false), |grant| (grant.grantor, grant.with_option));
    let name = key.privilege.name();
    pen.run(sql, params![kind, id, part, name, grantee_kind, grantee, grant.is_some(), grantor, with_option])
}

fn privilege(row: &Row<'_>) -> rusqlite::Result<Option<Privilege>> {
    let name: String = row.get("privilege")?;
    Ok(Privilege::from_name(&name))
}

fn grantee(row: &Row<'_>) -> rusqlite::Result<Option<Grantee>> {
    let (kind, id): (String, i64) = (row.get("grantee_kind")?, row.get("grantee_id")?);
    Ok(match kind.as_str() {
        "public" => Some(Grantee::Public),
        "user" => Some(Grantee::User(id)),
        "group" => Some(Grantee::Group(id)),
        "role" => Some(Grantee::Role(id)),
        _ => None,
    })
}

fn grantee_columns(grantee: Grantee) -> (&'static str, i64) {
    match grantee {
        Grantee::Public => ("public", 0),
        Grantee::User(id) => ("user", id),
        Grantee::Group(id) => ("group", id),
        Grantee::Role(id) => ("role", id),
    }
}

fn securable(row: &Row<'_>) -> rusqlite::Result<Option<Securable>> {
    let (kind, id): (String, i64) = (row.get("object_kind")?, row.get("object_id")?);
    Ok(match kind.as_str() {
        "system" => Some(Securable::System),
        "database" => Some(Securable::Database),
        "schema" => Some(Securable::Schema(id)),
        "relation" => Some(Securable::Relation(id)),
        "column" => Some(Securable::Column(id, row.get("part_id")?)),
        "function" => Some(Securable::Function(id)),
        "procedure" => Some(Securable::Procedure(id)),
        "language" => Some(Securable::Language(id)),
        _ => None,
    })
}

fn securable_columns(securable: Securable) -> (&'static str, i64, i64) {
    match securable {
        Securable::System => ("system", 0, 0),
        Securable::Database => ("database", 0, 0),
        Securable::Schema(id) => ("schema", id, 0),
        Securable::Relation(id) => ("relation", id, 0),
        Securable::Column(relation, column) => ("column", relation, column),
        Securable::Function(id) => ("function", id, 0),
        Securable::Procedure(id) => ("procedure", id, 0),
        Securable::Language(id) => ("language", id, 0),
    }
}
