//! SHOW GRANTS and SHOW COLUMN GRANTS (the guide's pages of these names).

use dwh_common::{RedshiftType, SqlError};
use dwh_sql::statement::GrantsOf;
use dwh_storage::{Access, Grantee, Securable};

use super::function;
use super::grant::{check_database, grantee, schema_id};
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

/// What the listing names, as `(schema, object, column, kind)`.
struct Described {
    schema: Option<String>,
    name: String,
    column: Option<String>,
    kind: &'static str,
}

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
        let Some(described) = describe(context, key.on) else { continue };
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

fn describe(context: &StatementContext<'_>, on: Securable) -> Option<Described> {
    let transaction = &context.transaction;
    let relation = |id: i64, column: Option<i64>| {
        let kind = if column.is_some() { "COLUMN" } else { "TABLE" };
        if let Some(table) = transaction.table_by_id(id) {
            let definition = &table.definition;
            let column = match column {
                Some(id) => Some(definition.columns.iter().find(|column| column.id == id)?.name.clone()),
                None => None,
            };
            let (schema, name) = (Some(definition.schema.clone()), definition.name.clone());
            return Some(Described { schema, name, column, kind });
        }
        let view = transaction.views().into_iter().find(|view| view.id == id)?;
        let column = match column {
            Some(place) => Some(view.definition.column_names.get(usize::try_from(place).ok()? - 1)?.clone()),
            None => None,
        };
        let (schema, name) = (Some(view.definition.schema.clone()), view.definition.name.clone());
        Some(Described { schema, name, column, kind: if column_is(kind) { kind } else { "VIEW" } })
    };
    match on {
        Securable::Relation(id) => relation(id, None),
        Securable::Column(id, column) => relation(id, Some(column)),
        Securable::Schema(id) => {
            let schema = transaction.schemas().into_iter().find(|schema| schema.id == id)?;
            Some(Described {
                schema: Some(schema.name.clone()),
                name: schema.name.clone(),
                column: None,
                kind: "SCHEMA",
            })
        }
        Securable::Database => {
            let name = context.engine.database().to_owned();
            Some(Described { schema: None, name, column: None, kind: "DATABASE" })
        }
        Securable::Function(id) => {
            let function = transaction.access().functions.get(&id)?;
            let (schema, name) = (Some(function.schema.clone()), function.name.clone());
            Some(Described { schema, name, column: None, kind: "FUNCTION" })
        }
        Securable::Language(_) => {
            Some(Described { schema: None, name: "sql".to_owned(), column: None, kind: "LANGUAGE" })
        }
        Securable::System => None,
    }
}

fn column_is(kind: &str) -> bool {
    kind == "COLUMN"
}

fn identity(to: Grantee) -> (i64, &'static str) {
    match to {
        Grantee::Public => (0, "public"),
        Grantee::User(id) => (id, "user"),
        Grantee::Group(id) => (id, "group"),
        Grantee::Role(id) => (id, "role"),
    }
}

/// The privileges of an object as PostgreSQL writes them in catalogs: `bob=arw/owner`.
pub(super) fn acl(access: &Access, on: Securable) -> Option<String> {
    let mut by_grantee: Vec<(String, String, String)> = Vec::new();
    for (key, grant) in access.grants.iter().filter(|(key, _)| key.on == on) {
        let Some(grant) = grant else { continue };
        let letter = match key.privilege.name() {
            "SELECT" => "r",
            "INSERT" => "a",
            "UPDATE" => "w",
            "DELETE" => "d",
            "REFERENCES" => "x",
            "DROP" => "D",
            "ALTER" => "A",
            "TRUNCATE" => "t",
            "USAGE" => "U",
            "CREATE" => "C",
            "TEMPORARY" => "T",
            "EXECUTE" => "X",
            _ => continue,
        };
        let name = match key.to {
            Grantee::Public => String::new(),
            Grantee::Group(_) => format!("group {}", access.grantee_name(key.to)),
            Grantee::Role(_) => format!("role {}", access.grantee_name(key.to)),
            Grantee::User(_) => access.grantee_name(key.to),
        };
        let grantor = access.grantee_name(Grantee::User(grant.grantor));
        let letter = if grant.with_option { format!("{letter}*") } else { letter.to_owned() };
        match by_grantee.iter_mut().find(|(known, _, by)| *known == name && *by == grantor) {
            Some((_, letters, _)) => letters.push_str(&letter),
            None => by_grantee.push((name, letter, grantor)),
        }
    }
    if by_grantee.is_empty() {
        return None;
    }
    let items: Vec<String> = by_grantee
        .into_iter()
        .map(|(name, letters, grantor)| format!("{name}={letters}/{grantor}"))
        .collect();
    Some(items.join("~"))
}
