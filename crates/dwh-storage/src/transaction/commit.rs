//! Commit: private changes become the next snapshot, on top of whatever others committed meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::Transaction;
use crate::access::Access;
use crate::compact::maintain;
use crate::data_file::{DataFile, OwnedFile, ROW_IDS_AT_COMMIT};
use crate::definition::TableId;
use crate::delete_file::{self, CommittedDeleteFile, DeletedRows};
use crate::error::StorageError;
use crate::snapshot::{Contents, Table};
use crate::table_writer::sync_folder;
use crate::temporary::TemporaryTables;
use crate::warehouse::Inner;

impl Transaction {
    /// Makes the changes durable and visible, all or none, and returns the temporary tables as they are
    /// now. Once begun it runs to its end even if the future is dropped.
    ///
    /// # Errors
    /// [`StorageError::SerializationConflict`], [`StorageError::RelationDropped`],
    /// [`StorageError::DuplicateRelation`] and the like if other transactions were first, and those of
    /// writing. After an error nothing has changed; the temporary tables are those at the begin.
    pub async fn commit(self) -> Result<TemporaryTables, StorageError> {
        if self.changed.is_none() {
            return Ok(self.temporary);
        }
        tokio::task::spawn_blocking(move || self.commit_blocking())
            .await
            .map_err(|error| StorageError::Interrupted(error.to_string()))?
    }

    pub(crate) fn commit_blocking(mut self) -> Result<TemporaryTables, StorageError> {
        let warehouse = Arc::clone(&self.warehouse);
        let mut prepared = Prepared::default();
        let Some(mut contents) = self.changed.take() else { return Ok(self.temporary) };
        self.prepare(&mut contents, &mut prepared)?;
        let identities = warehouse.identity_values(&self.identities);
        let changed_tables =
            warehouse.commit(&identities, |newest| self.merge(&contents, newest), || prepared.keep())?;

        let Self { temporary, locks, is_maintenance, .. } = self;
        drop(locks);
        if !is_maintenance {
            maintain(&warehouse, &changed_tables);
        }
        Ok(temporary)
    }

    /// Writes to disk all that only memory holds, and makes it durable, before the commit itself.
    fn prepare(&self, contents: &mut Contents, prepared: &mut Prepared) -> Result<(), StorageError> {
        let (mut folders, mut new_folders) = (BTreeSet::new(), BTreeSet::new());
        for (id, table) in &mut contents.tables {
            let base = self.base.contents.tables.get(id);
            if base.is_some_and(|base| Arc::ptr_eq(base, table)) {
                continue;
            }
            let mut settled = Table::clone(table);
            settled.spill()?;
            // The first files of a table may have made its folder and those above.
            let is_first = base.is_none_or(|base| base.files.is_empty());
            let folder = &settled.folder.path;
            let to_sync = if is_first { &mut new_folders } else { &mut folders };
            to_sync.insert(folder.clone());
            for file in &mut settled.files {
                if let Some(owned) = &file.owned {
                    prepared.owned.push(Arc::clone(owned));
                }
                if file.id.is_none() || (!file.deleted.is_empty() && file.deleted.file().is_none()) {
                    let deleted = settle_deletes(&self.warehouse, folder, file, prepared)?;
                    let id = file.id.unwrap_or_else(|| self.warehouse.next_file_id());
                    *file = Arc::new(DataFile {
                        id: Some(id),
                        staged: false,
                        owned: None,
                        deleted,
                        ..DataFile::clone(file)
                    });
                }
            }
            *table = Arc::new(settled);
        }
        for folder in new_folders {
            let above = folder.ancestors().take_while(|above| above.starts_with(&self.warehouse.data_dir));
            folders.extend(above.map(Path::to_owned));
        }
        for folder in folders.iter().filter(|folder| folder.exists()) {
            sync_folder(folder)?;
        }
        Ok(())
    }

    /// The newest contents with this transaction's changes, or why they do not go together.
    fn merge(&self, mine: &Contents, newest: &Contents) -> Result<Contents, StorageError> {
        let base = &self.base.contents;
        let mut next = newest.clone();
        let mut arriving: Vec<Arc<Table>> = Vec::new();

        for (id, old) in &base.tables {
            let changed = match mine.tables.get(id) {
                Some(table) if Arc::ptr_eq(table, old) => continue,
                other => other,
            };
            let Some(now) = newest.tables.get(id) else {
                return Err(StorageError::RelationDropped { name: old.qualified_name() });
            };
            let unchanged_by_others = Arc::ptr_eq(now, old);
            match changed {
                Some(table) if unchanged_by_others => arriving.push(Arc::clone(table)),
                Some(table) if is_append(old, table) && Arc::ptr_eq(&now.definition, &old.definition) => {
                    arriving.push(Arc::new(append_to(now, &table.files[old.files.len()..], self.id)));
                }
                None if unchanged_by_others => {}
                _ => return Err(self.conflict(*id, now.changed_by)),
            }
            next.remove_table(*id);
        }
        let created = mine.tables.iter().filter(|(id, _)| !base.tables.contains_key(id));
        arriving.extend(created.map(|(_, table)| Arc::clone(table)));

        let mut arriving_views = Vec::new();
        for (id, old) in &base.views {
            let changed = match mine.views.get(id) {
                Some(view) if Arc::ptr_eq(view, old) => continue,
                other => other,
            };
            match newest.views.get(id) {
                Some(now) if Arc::ptr_eq(now, old) => next.remove_view(*id),
                Some(_) => return Err(self.conflict(*id, 0)),
                None => return Err(StorageError::RelationDropped { name: old.definition.name.clone() }),
            }
            arriving_views.extend(changed.cloned());
        }
        let created = mine.views.iter().filter(|(id, _)| !base.views.contains_key(id));
        arriving_views.extend(created.map(|(_, view)| Arc::clone(view)));

        if !Arc::ptr_eq(&base.access, &mine.access) {
            next.access = Arc::new(Access::merge(&base.access, &mine.access, &newest.access)?);
        }
        merge_schemas(base, mine, &mut next)?;
        for table in arriving {
            next.check_free(&table.definition.schema, &table.definition.name)?;
            next.put_table(Arc::new(with_row_ids(Table::clone(&table))));
        }
        for view in arriving_views {
            next.check_free(&view.definition.schema, &view.definition.name)?;
            next.put_view(view);
        }
        Ok(next)
    }
}

fn merge_schemas(base: &Contents, mine: &Contents, next: &mut Contents) -> Result<(), StorageError> {
    for (name, old) in &base.names {
        let kept = mine.names.get(name).is_some_and(|entry| entry.schema.id == old.schema.id);
        if kept {
            continue;
        }
        let Some(entry) = next.names.get(name) else {
            return Err(StorageError::SchemaNotFound(name.clone()));
        };
        if !entry.relations.is_empty() {
            let contents: Vec<&str> = entry.relations.keys().take(5).map(String::as_str).collect();
            return Err(StorageError::SchemaNotEmpty { name: name.clone(), contents: contents.join(", ") });
        }
        next.names.remove(name);
    }
    for (name, entry) in &mine.names {
        let old = base.names.get(name).filter(|old| old.schema.id == entry.schema.id);
        match old {
            Some(old) if Arc::ptr_eq(&old.schema, &entry.schema) => {}
            Some(_) if !next.names.contains_key(name) => {
                return Err(StorageError::SchemaNotFound(name.clone()));
            }
            None if next.names.contains_key(name) => return Err(StorageError::DuplicateSchema(name.clone())),
            _ => next.put_schema(Arc::clone(&entry.schema)),
        }
    }
    Ok(())
}

/// Whether `new` is `old` with rows added and nothing else.
fn is_append(old: &Table, new: &Table) -> bool {
    Arc::ptr_eq(&old.definition, &new.definition)
        && new.files.len() >= old.files.len()
        && old.files.iter().zip(&new.files).all(|(old, new)| Arc::ptr_eq(old, new))
}

fn append_to(newest: &Table, files: &[Arc<DataFile>], transaction: u64) -> Table {
    let mut table = newest.clone();
    table.files.extend_from_slice(files);
    table.changed_by = transaction;
    table
}

/// Numbers the rows of files that have none yet (DuckLake's row ids).
fn with_row_ids(mut table: Table) -> Table {
    for file in &mut table.files {
        if file.row_id_start == ROW_IDS_AT_COMMIT {
            *file = Arc::new(DataFile { row_id_start: table.next_row_id, ..DataFile::clone(file) });
            table.next_row_id += i64::try_from(file.rows).unwrap_or(i64::MAX - table.next_row_id);
        }
    }
    table
}

/// Files written for a commit: they go if it is given up before the catalog may know them.
#[derive(Default)]
struct Prepared {
    owned: Vec<Arc<OwnedFile>>,
}

impl Prepared {
    fn keep(&self) {
        for file in &self.owned {
            file.keep();
        }
    }
}

/// Writes the delete file of a data file if its deleted rows are only in memory.
fn settle_deletes(
    warehouse: &Inner,
    folder: &Path,
    file: &DataFile,
    prepared: &mut Prepared,
) -> Result<DeletedRows, StorageError> {
    if file.deleted.is_empty() || file.deleted.file().is_some() {
        return Ok(file.deleted.clone());
    }
    std::fs::create_dir_all(folder).map_err(StorageError::io(folder))?;
    let path = folder.join(format!("{}-delete.parquet", Uuid::now_v7()));
    let owned = OwnedFile::new(&path, false);
    let data_file = warehouse.relative_to_data(&file.path);
    let written = delete_file::write(&path, &data_file, &file.deleted.positions()?)?;
    prepared.owned.push(owned);
    Ok(file.deleted.written_to(CommittedDeleteFile {
        id: warehouse.next_file_id(),
        path,
        bytes: written.bytes,
        footer_bytes: written.footer_bytes,
    }))
}

/// Next numbers of IDENTITY columns, to be kept with a commit.
pub(crate) type IdentityValues = BTreeMap<(TableId, crate::definition::ColumnId), i64>;
