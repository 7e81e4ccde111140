//! What a query may read.

use dwh_common::SqlError;
use dwh_storage::{Privilege, Table, View};

use super::rights::{Rights, allow, denied};
use crate::names::Relation;

/// Whether a relation that a query reads may be read, and which of its columns if not all.
///
/// # Errors
/// 42501.
pub(crate) fn readable(rights: &Rights<'_>, relation: &Relation) -> Result<Option<Vec<bool>>, SqlError> {
    if rights.is_superuser() {
        return Ok(None);
    }
    match relation {
        Relation::Table(table) => of_table(rights, table),
        Relation::View(view) => of_view(rights, view),
        Relation::System(system) => {
            let may = !system.is_for_superusers() || rights.has_system(Privilege::ACCESS_SYSTEM_TABLE);
            allow(may, || denied("relation", system.name)).map(|()| None)
        }
    }
}

fn of_table(rights: &Rights<'_>, table: &Table) -> Result<Option<Vec<bool>>, SqlError> {
    let definition = &table.definition;
    if definition.temporary {
        return Ok(None);
    }
    rights.check_schema(&definition.schema, Privilege::USAGE)?;
    rights.readable_columns(table.id, &definition.name, definition.columns.iter().map(|column| column.id))
}

fn of_view(rights: &Rights<'_>, view: &View) -> Result<Option<Vec<bool>>, SqlError> {
    let definition = &view.definition;
    rights.check_schema(&definition.schema, Privilege::USAGE)?;
    let places = 1..=i64::try_from(definition.column_names.len()).unwrap_or(i64::MAX);
    rights.readable_columns(view.id, &definition.name, places)
}
