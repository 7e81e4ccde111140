//! CREATE and DROP TABLE, and what ALTER TABLE changes of the table itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::access::Securable;
use crate::definition::{MaterializedQuery, TableAttributes, TableDefinition, TableId};
use crate::error::StorageError;
use crate::snapshot::{Folder, Table};
use crate::transaction::Transaction;

impl Transaction {
    /// CREATE TABLE. Gives the columns their ids and returns the table with them.
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::DuplicateRelation`] (a temporary table may have
    /// the name of another table), [`StorageError::DuplicateColumn`], [`StorageError::ReadOnly`].
    pub fn create_table(&mut self, mut definition: TableDefinition) -> Result<Arc<Table>, StorageError> {
        let mut next_column_id = 1;
        for position in 0..definition.columns.len() {
            let name = definition.columns[position].name.clone();
            if definition.columns[..position].iter().any(|column| column.name == name) {
                return Err(StorageError::DuplicateColumn { table: definition.name, column: name });
            }
            definition.columns[position].id = next_column_id;
            next_column_id += 1;
        }
        let uuid = Uuid::now_v7().to_string();
        let (id, folder) = if definition.temporary {
            if self.temporary.table(&definition.name).is_some() {
                return Err(StorageError::DuplicateRelation(definition.name));
            }
            let folder = Folder::below(&self.warehouse.temporary_dir, &uuid, &uuid);
            (self.warehouse.next_temporary_id(), folder)
        } else {
            self.contents().check_free(&definition.schema, &definition.name)?;
            let schema = self.contents().schema(&definition.schema)?;
            let folder = Folder::below(&schema.folder.path, &definition.name, &uuid);
            (self.warehouse.next_object_id(), folder)
        };
        let table = Arc::new(Table {
            id,
            schema: definition.arrow_schema(),
            definition: Arc::new(definition),
            files: Vec::new(),
            batches: Vec::new(),
            created_at: self.warehouse.clock.now(),
            initial_values: Arc::new(BTreeMap::new()),
            next_column_id,
            next_row_id: 0,
            uuid,
            folder,
            changed_by: self.id,
        });
        self.put_table(Arc::clone(&table))?;
        Ok(table)
    }

    /// DROP TABLE. Views that read it are the caller's to look after.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn drop_table(&mut self, id: TableId) -> Result<(), StorageError> {
        let table = self.existing_table(id)?;
        if table.definition.temporary {
            self.temporary.remove(&table.definition.name);
        } else {
            self.contents_mut()?.remove_table(id);
            self.forget(Securable::Relation(id))?;
        }
        Ok(())
    }

    /// ALTER TABLE … RENAME TO.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::DuplicateRelation`], [`StorageError::ReadOnly`].
    pub fn rename_table(&mut self, id: TableId, name: &str) -> Result<(), StorageError> {
        let table = self.existing_table(id)?;
        if !table.definition.temporary {
            self.contents().check_free(&table.definition.schema, name)?;
        } else if self.temporary.table(name).is_some() {
            return Err(StorageError::DuplicateRelation(name.to_owned()));
        }
        self.change_definition(id, |definition| {
            definition.name = name.to_owned();
            Ok(())
        })
    }

    /// ALTER TABLE … ALTER DISTSTYLE, SORTKEY, ADD and DROP constraint: replaces all attributes.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_attributes(&mut self, id: TableId, attributes: TableAttributes) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            definition.attributes = attributes;
            Ok(())
        })
    }

    /// Makes a table a materialized view, or changes its query.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_materialized(
        &mut self,
        id: TableId,
        materialized: Option<MaterializedQuery>,
    ) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            definition.materialized = materialized;
            Ok(())
        })
    }

    /// COMMENT ON TABLE; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_table_comment(&mut self, id: TableId, comment: Option<String>) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            definition.comment = comment;
            Ok(())
        })
    }
}
