//! What privileges are on and whose they are, in words: for SHOW GRANTS and the privilege views.

use dwh_storage::{Access, Grantee, ProcedureDefinition, Securable, Transaction};

use super::language_name;
use crate::system_tables::types::{format_type, oid_and_modifier};

/// What a privilege is on.
pub(crate) struct Described {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    pub(crate) column: Option<String>,
    /// `TABLE`, `VIEW`, `COLUMN`, `SCHEMA`, `DATABASE`, `FUNCTION`, `PROCEDURE` or `LANGUAGE`.
    pub(crate) kind: &'static str,
}

/// `None` for what is no more, and for system privileges.
pub(crate) fn describe(transaction: &Transaction, database: &str, on: Securable) -> Option<Described> {
    let whole =
        |schema: Option<String>, name: String, kind| Some(Described { schema, name, column: None, kind });
    match on {
        Securable::Relation(id) => relation(transaction, id),
        Securable::Column(id, column) => {
            let of = relation(transaction, id)?;
            let name = column_name(transaction, id, column)?;
            Some(Described { column: Some(name), kind: "COLUMN", ..of })
        }
        Securable::Schema(id) => {
            let schema = transaction.schemas().into_iter().find(|schema| schema.id == id)?;
            whole(Some(schema.name.clone()), schema.name.clone(), "SCHEMA")
        }
        Securable::Database => whole(None, database.to_owned(), "DATABASE"),
        Securable::Function(id) => {
            let function = transaction.access().functions.get(&id)?;
            whole(Some(function.schema.clone()), function.name.clone(), "FUNCTION")
        }
        Securable::Procedure(id) => {
            let procedure = transaction.access().procedures.get(&id)?;
            whole(Some(procedure.schema.clone()), procedure.name.clone(), "PROCEDURE")
        }
        Securable::Language(id) => whole(None, language_name(id).to_owned(), "LANGUAGE"),
        Securable::System => None,
    }
}

fn relation(transaction: &Transaction, id: i64) -> Option<Described> {
    let (schema, name, kind) = match transaction.table_by_id(id) {
        Some(table) => (table.definition.schema.clone(), table.definition.name.clone(), "TABLE"),
        None => {
            let view = transaction.views().into_iter().find(|view| view.id == id)?;
            (view.definition.schema.clone(), view.definition.name.clone(), "VIEW")
        }
    };
    Some(Described { schema: Some(schema), name, column: None, kind })
}

/// By its id in a table, by its place in a view.
fn column_name(transaction: &Transaction, relation: i64, column: i64) -> Option<String> {
    if let Some(table) = transaction.table_by_id(relation) {
        return table
            .definition
            .columns
            .iter()
            .find(|known| known.id == column)
            .map(|known| known.name.clone());
    }
    let view = transaction.views().into_iter().find(|view| view.id == relation)?;
    view.definition.column_names.get(usize::try_from(column).ok()?.checked_sub(1)?).cloned()
}

/// Types of the arguments of a function or procedure, as `integer, character varying`.
pub(crate) fn signature(access: &Access, on: Securable) -> Option<String> {
    if let Securable::Procedure(id) = on {
        return access.procedures.get(&id).map(ProcedureDefinition::signature);
    }
    let Securable::Function(id) = on else { return None };
    let arguments = access.functions.get(&id)?.arguments.iter();
    let shown = arguments.map(|argument| format_type(oid_and_modifier(*argument).0, None));
    Some(shown.collect::<Vec<_>>().join(", "))
}

/// Number and kind of a grantee.
pub(crate) fn identity(to: Grantee) -> (i64, &'static str) {
    match to {
        Grantee::Public => (0, "public"),
        Grantee::User(id) => (id, "user"),
        Grantee::Group(id) => (id, "group"),
        Grantee::Role(id) => (id, "role"),
    }
}
