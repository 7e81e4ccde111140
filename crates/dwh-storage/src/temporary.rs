//! A session's temporary tables: the same `Table` as any other, never in the catalog.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::TableId;
use crate::snapshot::Table;

/// The temporary tables of one session. A cheap clone; the session keeps them between transactions,
/// hands them to `begin` and takes them back from `commit` or `rollback`. Their files go when the last
/// clone that knows them is dropped.
#[derive(Debug, Clone, Default)]
pub struct TemporaryTables {
    tables: Arc<BTreeMap<String, Arc<Table>>>,
}

impl TemporaryTables {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// All of them, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    pub(crate) fn table_by_id(&self, id: TableId) -> Option<&Arc<Table>> {
        self.tables.values().find(|table| table.id == id)
    }

    pub(crate) fn put(&mut self, table: Arc<Table>) {
        Arc::make_mut(&mut self.tables).insert(table.definition.name.clone(), table);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.tables).remove(name);
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tables, &other.tables)
    }
}
