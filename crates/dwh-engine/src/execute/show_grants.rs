//! SHOW GRANTS and SHOW COLUMN GRANTS (the guide's pages of these names).

use dwh_common::{RedshiftType, SqlError};
use dwh_sql::statement::GrantsOf;
use dwh_storage::{Grantee, Securable};

use super::grant::{check_database, grantee, schema_id};
use super::{function, procedure};
use crate::access::{describe, identity};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::system_tables::rows::Value;

const NAME: RedshiftType = RedshiftType::Varchar(127);

/// Columns of the guide's page SHOW GRANTS.
pub(super) const COLUMNS: &[(&str, RedshiftType)] = &[
    ("database_name", NAME),
    ("schema_name", NAME),
    ("object_name", NAME),
    ("object_type", NAME),
    ("privilege_type", NAME),
    ("identity_id", RedshiftType::Integer),
    ("identity_name", NAME),
    ("identity_type", NAME),
    ("admin_option", RedshiftType::Boolean),
    ("privilege_scope", NAME),
    ("grantor_name", NAME),
];

/// Columns of the guide's page SHOW COLUMN GRANTS.
pub(super) const COLUMN_GRANT_COLUMNS: &[(&str, RedshiftType)] = &[
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
/// user's roles.
pub(super) fn rows(context: &StatementContext<'_>, of: &GrantsOf) -> Result<Vec<Vec<Value>>, SqlError> {
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
    let mut rows = Vec::new();
    for (key, grant) in &access.grants {
        let Some(grant) = grant else { continue };
        if !selected(key.on, key.to) || !visible(key.to) {
            continue;
        }
        let Some(described) = describe(context.transaction, context.engine.database(), key.on) else {
            continue;
        };
        let with_column = matches!(of, GrantsOf::Columns(_));
        let mut row: Vec<Value> =
            vec![context.engine.database().into(), described.schema.into(), described.name.into()];
        if with_column {
            row.push(described.column.into());
        }
        let (id, kind) = identity(key.to);
        row.extend([
            described.kind.into(),
            key.privilege.name().into(),
            id.into(),
            access.grantee_name(key.to).into(),
            kind.into(),
            grant.with_option.into(),
            described.kind.into(),
            access.grantee_name(Grantee::User(grant.grantor)).into(),
        ]);
        rows.push(row);
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
        GrantsOf::Grantee(name) => {
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
