//! A transaction: a base snapshot and private changes on top, seen by nobody else until it commits.
//!
//! Rows are written as staged files (or held in memory while few); a statement inside the transaction
//! reads them with the committed ones. What changed is known by pointers: a table of the transaction
//! that is another `Arc` than the base's has changed.

mod commit;
mod define;
mod locks;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::{Access, Securable};
use crate::definition::{ColumnId, TableId};
use crate::error::StorageError;
use crate::snapshot::{Contents, Schema, Snapshot, Table, View};
use crate::table_writer::TableWriter;
use crate::temporary::TemporaryTables;
use crate::warehouse::{Inner, Mode};

pub(crate) use commit::IdentityValues;
pub(crate) use locks::{HeldLocks, LockTable};
pub use locks::{TableLock, WriteIntent};

/// The schema name that means the session's temporary tables.
pub const TEMPORARY_SCHEMA: &str = "pg_temp";

/// A base snapshot and private changes. Dropping it rolls back.
///
/// Methods that change take effect in this transaction at once, and for others at [`Self::commit`],
/// all together or not at all. Table ids of temporary tables are below zero; the methods take both.
#[derive(Debug)]
pub struct Transaction {
    warehouse: Arc<Inner>,
    id: u64,
    base: Arc<Snapshot>,
    /// `None` until the first change: then a copy of the base's maps.
    changed: Option<Contents>,
    temporary_at_begin: TemporaryTables,
    temporary: TemporaryTables,
    identities: BTreeSet<(TableId, ColumnId)>,
    was_read: bool,
    is_maintenance: bool,
    locks: HeldLocks,
}

impl Transaction {
    pub(crate) fn new(warehouse: Arc<Inner>, base: Arc<Snapshot>, temporary: TemporaryTables) -> Self {
        Self::numbered(warehouse.next_transaction_id(), warehouse, base, temporary)
    }

    pub(crate) fn numbered(
        id: u64,
        warehouse: Arc<Inner>,
        base: Arc<Snapshot>,
        temporary: TemporaryTables,
    ) -> Self {
        let locks = HeldLocks::new(Arc::clone(&warehouse.locks), id);
        Self {
            warehouse,
            id,
            base,
            changed: None,
            temporary_at_begin: temporary.clone(),
            temporary,
            identities: BTreeSet::new(),
            was_read: false,
            is_maintenance: false,
            locks,
        }
    }

    /// The same, for work of storage itself, after which nothing more is to be done.
    pub(crate) fn for_maintenance(self) -> Self {
        Self { is_maintenance: true, ..self }
    }

    /// Number of the transaction, rising within one process and unlike those of others.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The commit that it is based on.
    pub fn base(&self) -> &Arc<Snapshot> {
        &self.base
    }

    /// Whether a commit would change anything, temporary tables included.
    pub fn has_changes(&self) -> bool {
        self.changed.is_some() || !self.temporary.is_same(&self.temporary_at_begin)
    }

    /// Notes that a statement has read from this transaction, so that its base must stay: from now on a
    /// [`Self::lock`] on a table that changed since is a conflict.
    pub fn mark_read(&mut self) {
        self.was_read = true;
    }

    pub(crate) fn contents(&self) -> &Contents {
        self.changed.as_ref().unwrap_or(&self.base.contents)
    }

    pub(crate) fn contents_mut(&mut self) -> Result<&mut Contents, StorageError> {
        if self.warehouse.mode == Mode::ReadOnly {
            return Err(StorageError::ReadOnly);
        }
        Ok(self.changed.get_or_insert_with(|| self.base.contents.clone()))
    }

    /// The table of this name; `pg_temp` names the temporary tables.
    pub fn table(&self, schema: &str, name: &str) -> Option<Arc<Table>> {
        if schema == TEMPORARY_SCHEMA {
            return self.temporary_table(name);
        }
        self.contents().table(schema, name).cloned()
    }

    /// The temporary table of this name.
    pub fn temporary_table(&self, name: &str) -> Option<Arc<Table>> {
        self.temporary.table(name).cloned()
    }

    /// The table of this id, temporary or not.
    pub fn table_by_id(&self, id: TableId) -> Option<Arc<Table>> {
        self.contents().tables.get(&id).or_else(|| self.temporary.table_by_id(id)).cloned()
    }

    /// All tables, the temporary ones first.
    pub fn tables(&self) -> Vec<Arc<Table>> {
        self.temporary.tables().chain(self.contents().tables.values()).cloned().collect()
    }

    /// The view of this name.
    pub fn view(&self, schema: &str, name: &str) -> Option<Arc<View>> {
        self.contents().view(schema, name).cloned()
    }

    /// All views.
    pub fn views(&self) -> Vec<Arc<View>> {
        self.contents().views.values().cloned().collect()
    }

    /// Users, owners and grants.
    pub fn access(&self) -> &Access {
        &self.contents().access
    }

    /// Changes users, owners or grants.
    ///
    /// # Errors
    /// [`StorageError::ReadOnly`].
    pub fn change_access<T>(&mut self, change: impl FnOnce(&mut Access) -> T) -> Result<T, StorageError> {
        Ok(change(Arc::make_mut(&mut self.contents_mut()?.access)))
    }

    /// A number for a new group, role or function.
    pub fn new_id(&self) -> i64 {
        self.warehouse.next_object_id()
    }

    /// Forgets the owner of an object that is dropped, and the privileges on it.
    pub(crate) fn forget(&mut self, gone: Securable) -> Result<(), StorageError> {
        let access = self.access();
        if access.owners.is_empty()
            && access.grants.is_empty()
            && access.comments.is_empty()
            && access.quotas.is_empty()
            && access.is_without_policies()
        {
            return Ok(());
        }
        self.change_access(|access| access.forget(gone))
    }

    /// All schemas by name.
    pub fn schemas(&self) -> Vec<Arc<Schema>> {
        self.contents().schemas().cloned().collect()
    }

    /// Takes the table's write lock, waiting for other transactions; held until this one ends. Temporary
    /// tables need none.
    ///
    /// If the table changed since the base: rows to append go together with it; for the other intents
    /// the transaction moves to the newest snapshot if it has neither read nor changed anything. Dropping
    /// the future gives up the wait.
    ///
    /// # Errors
    /// [`StorageError::SerializationConflict`] if it changed and something was read or changed already;
    /// [`StorageError::RelationDropped`]; [`StorageError::Deadlock`]; [`StorageError::ReadOnly`].
    pub async fn lock(&mut self, table: TableId, intent: WriteIntent) -> Result<(), StorageError> {
        if self.temporary.table_by_id(table).is_some() {
            return Ok(());
        }
        if self.warehouse.mode == Mode::ReadOnly {
            return Err(StorageError::ReadOnly);
        }
        self.locks.acquire(table).await?;
        self.check_base(table, intent)
    }

    /// Takes the write lock only if nobody holds it and the table is as in the base.
    pub(crate) fn lock_now(&mut self, table: TableId) -> bool {
        self.locks.acquire_now(table) && self.check_base(table, WriteIntent::Rewrite).is_ok()
    }

    fn check_base(&mut self, table: TableId, intent: WriteIntent) -> Result<(), StorageError> {
        let Some(base) = self.base.contents.tables.get(&table) else {
            // Created here, or not at all; in neither case can others know it.
            return match self.contents().tables.contains_key(&table) {
                true => Ok(()),
                false => Err(StorageError::RelationNotFound(table.to_string())),
            };
        };
        let newest = self.warehouse.latest();
        let now = newest.contents.tables.get(&table);
        let fits = match now {
            Some(now) if intent == WriteIntent::Append => Arc::ptr_eq(&now.definition, &base.definition),
            Some(now) => Arc::ptr_eq(now, base),
            None => false,
        };
        if fits {
            return Ok(());
        }
        let Some(now) = now else {
            return Err(StorageError::RelationDropped { name: base.qualified_name() });
        };
        if self.was_read || self.changed.is_some() {
            return Err(self.conflict(table, now.changed_by));
        }
        self.base = newest;
        Ok(())
    }

    fn conflict(&self, table: TableId, other: u64) -> StorageError {
        StorageError::SerializationConflict { table, transaction: self.id, other }
    }

    /// A writer of staged files for a table; see [`Self::append_files`].
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn writer(&self, id: TableId) -> Result<TableWriter, StorageError> {
        let table = self.existing_table(id)?;
        if self.warehouse.mode == Mode::ReadOnly && !table.definition.temporary {
            return Err(StorageError::ReadOnly);
        }
        Ok(TableWriter::new(&table))
    }

    /// Ends the transaction without effect; the temporary tables are those at its begin. Staged files
    /// are removed.
    pub fn rollback(self) -> TemporaryTables {
        self.temporary_at_begin
    }

    pub(crate) fn existing_table(&self, id: TableId) -> Result<Arc<Table>, StorageError> {
        self.table_by_id(id).ok_or_else(|| StorageError::RelationNotFound(id.to_string()))
    }

    /// Changes a private copy of a table and puts it in place of the old.
    pub(crate) fn change_table(
        &mut self,
        id: TableId,
        change: impl FnOnce(&mut Table) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut table = Table::clone(&*self.existing_table(id)?);
        change(&mut table)?;
        table.changed_by = self.id;
        self.put_table(Arc::new(table))
    }

    fn put_table(&mut self, table: Arc<Table>) -> Result<(), StorageError> {
        if table.definition.temporary {
            let old_name = self.temporary.table_by_id(table.id).map(|old| old.definition.name.clone());
            if let Some(old_name) = old_name.filter(|old_name| *old_name != table.definition.name) {
                self.temporary.remove(&old_name);
            }
            self.temporary.put(table);
        } else {
            self.contents_mut()?.put_table(table);
        }
        Ok(())
    }
}
