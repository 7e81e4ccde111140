//! SHOW GRANTS and SHOW COLUMN GRANTS (the guide's pages of these names).

use dwh_common::{RedshiftType, SqlError};
use dwh_sql::statement::{GranteeName, GrantsOf};
use dwh_storage::{Grantee, Securable};

use super::grant::{check_database, grantee, schema_id};
use super::{function, procedure};
use crate::access::{describe, identity};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::system_tables::rows::Value;

const NAME: RedshiftType = RedshiftType::Varchar(127);

/// The columns, which differ by what is asked for, as the guide's pages show them.
pub(super) fn columns(of: &GrantsOf) -> &'static [(&'static str, RedshiftType)] {
    match of {
        GrantsOf::Database(_) => OF_DATABASE,
        GrantsOf::Grantee { .. } => OF_GRANTEE,
        GrantsOf::Columns(_) => OF_COLUMNS,
        _ => OF_OBJECT,
    }
}

/// The one that names the object.
pub(super) fn name_column(of: &GrantsOf) -> &'static str {
    match of {
        GrantsOf::Database(_) => "database_name",
        GrantsOf::Columns(_) => "column_name",
        _ => "object_name",
    }
}

const OF_OBJECT: &[(&str, RedshiftType)] = &[
    ("schema_name", NAME),
    ("object_name", NAME),
    ("object_type", NAME),
    ("privilege_type", NAME),
    ("identity_id", RedshiftType::Integer),
    ("identity_name", NAME),
    ("identity_type", NAME),
    ("admin_option", RedshiftType::Boolean),
    ("privilege_scope", NAME),
    ("database_name", NAME),
    ("grantor_name", NAME),
];

const OF_DATABASE: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("privilege_type", NAME),
    ("identity_id", RedshiftType::Integer),
    ("identity_name", NAME),
    ("identity_type", NAME),
    ("admin_option", RedshiftType::Boolean),
    ("privilege_scope", NAME),
    ("grantor_name", NAME),
];

const OF_GRANTEE: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("schema_name", NAME),
    ("object_name", NAME),
    ("object_type", NAME),
    ("privilege_type", NAME),
    ("identity_id", RedshiftType::Integer),
    ("identity_name", NAME),
    ("identity_type", NAME),
    ("privilege_scope", NAME),
    ("grantor_name", NAME),
];

const OF_COLUMNS: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("schema_name", NAME),
    ("table_name", NAME),
    ("column_name", NAME),
    ("object_type", NAME),
    ("privilege_type", NAME),
    ("identity_id", RedshiftType::Integer),
    ("identity_name", NAME),
    ("identity_type", NAME),
    ("admin_option", RedshiftType::Boolean),
    ("privilege_scope", NAME),
    ("grantor_name", NAME),
];

/// The grants that the user may see: all for a superuser, otherwise the user's own and those of the
/// user's roles. FOR behind an object keeps those to one grantee.
pub(super) fn rows(
    context: &StatementContext<'_>,
    of: &GrantsOf,
    to: Option<&GranteeName>,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let rights = context.rights();
    let access = rights.access();
    let roles = rights.roles();
    let visible = |to: Grantee| match to {
        _ if rights.is_superuser() => true,
        Grantee::Public => true,
        Grantee::User(id) => id == rights.user_id(),
        Grantee::Role(id) => {
            roles.contains(&id) || access.roles.get(&id).is_some_and(|r| r.owner == rights.user_id())
        }
        Grantee::Group(id) => access.groups.get(&id).is_some_and(|g| g.members.contains(&rights.user_id())),
    };
    let selected = selection(context, of)?;
    let to = to.map(|name| grantee(access, name)).transpose()?;
    let mut rows = Vec::new();
    for (key, grant) in &access.grants {
        let Some(grant) = grant else { continue };
        if !selected(key.on, key.to) || !visible(key.to) || to.is_some_and(|to| to != key.to) {
            continue;
        }
        let Some(described) = describe(context.transaction, context.engine.database(), key.on) else {
            continue;
        };
        let (id, kind) = identity(key.to);
        // Of a schema or database that one grantee has something on, the object stays empty.
        let is_container = matches!(key.on, Securable::Schema(_) | Securable::Database)
            && matches!(of, GrantsOf::Grantee { .. });
        let value = |column: &str| match column {
            "database_name" => context.engine.database().into(),
            "schema_name" => described.schema.clone().into(),
            "object_name" if is_container => Value::Null,
            "object_name" | "table_name" => described.name.clone().into(),
            "column_name" => described.column.clone().into(),
            "object_type" | "privilege_scope" => described.kind.into(),
            "privilege_type" => match key.privilege.name() {
                "TEMPORARY" => "TEMP",
                name => name,
            }
            .into(),
            "identity_id" => id.into(),
            "identity_name" => access.grantee_name(key.to).into(),
            "identity_type" => kind.into(),
            "admin_option" => grant.with_option.into(),
            "grantor_name" => access.grantee_name(Grantee::User(grant.grantor)).into(),
            _ => Value::Null,
        };
        rows.push(columns(of).iter().map(|(column, _)| value(column)).collect());
    }
    Ok(rows)
}

type Selection = Box<dyn Fn(Securable, Grantee) -> bool>;

fn selection(context: &StatementContext<'_>, of: &GrantsOf) -> Result<Selection, SqlError> {
    let exactly = |wanted: Securable| -> Selection { Box::new(move |on, _| on == wanted) };
    Ok(match of {
        GrantsOf::Table(name) => exactly(Securable::Relation(relation_id(context, name)?)),
        GrantsOf::Columns(name) => {
            let wanted = relation_id(context, name)?;
            Box::new(move |on, _| matches!(on, Securable::Column(relation, _) if relation == wanted))
        }
        GrantsOf::Schema(name) => exactly(Securable::Schema(schema_id(context, name)?)),
        GrantsOf::Database(name) => {
            check_database(context, name)?;
            exactly(Securable::Database)
        }
        GrantsOf::Function(signature) => exactly(Securable::Function(function::resolve(context, signature)?)),
        GrantsOf::Procedure(signature) => {
            exactly(Securable::Procedure(procedure::resolve(context, signature)?))
        }
        GrantsOf::Grantee { name, database } => {
            database.iter().try_for_each(|database| check_database(context, database))?;
            let wanted = grantee(context.transaction.access(), name)?;
            Box::new(move |_, to| to == wanted)
        }
    })
}

fn relation_id(
    context: &StatementContext<'_>,
    name: &dwh_sql::statement::TableName,
) -> Result<i64, SqlError> {
    match context.names().resolve(name)? {
        Relation::Table(table) => Ok(table.id),
        Relation::View(view) => Ok(view.id),
        Relation::System(_) => Err(SqlError::unsupported("SHOW GRANTS ON a system table")),
    }
}
