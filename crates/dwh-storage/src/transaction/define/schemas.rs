//! CREATE, DROP and ALTER SCHEMA.

use std::sync::Arc;

use uuid::Uuid;

use crate::access::Securable;
use crate::definition::TableDefinition;
use crate::error::StorageError;
use crate::snapshot::{Folder, Relation, Schema, Table, View};
use crate::transaction::Transaction;

impl Transaction {
    /// CREATE SCHEMA.
    ///
    /// # Errors
    /// [`StorageError::DuplicateSchema`], [`StorageError::ReadOnly`].
    pub fn create_schema(&mut self, name: &str) -> Result<Arc<Schema>, StorageError> {
        if self.contents().names.contains_key(name) {
            return Err(StorageError::DuplicateSchema(name.to_owned()));
        }
        let uuid = Uuid::now_v7().to_string();
        let schema = Arc::new(Schema {
            id: self.warehouse.next_object_id(),
            name: name.to_owned(),
            comment: None,
            folder: Folder::below(&self.warehouse.data_dir, name, &uuid),
            uuid,
        });
        self.contents_mut()?.put_schema(Arc::clone(&schema));
        Ok(schema)
    }

    /// DROP SCHEMA; with `cascade` the tables and views in it too.
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::SchemaNotEmpty`], [`StorageError::ReadOnly`].
    pub fn drop_schema(&mut self, name: &str, cascade: bool) -> Result<(), StorageError> {
        let Some(entry) = self.contents().names.get(name) else {
            return Err(StorageError::SchemaNotFound(name.to_owned()));
        };
        let (relations, id) = (entry.relations.clone(), entry.schema.id);
        if !cascade && !relations.is_empty() {
            let contents: Vec<&str> = relations.keys().take(5).map(String::as_str).collect();
            return Err(StorageError::SchemaNotEmpty {
                name: name.to_owned(),
                contents: contents.join(", "),
            });
        }
        let contents = self.contents_mut()?;
        for relation in relations.values() {
            match relation {
                Relation::Table(id) => contents.remove_table(*id),
                Relation::View(id) => contents.remove_view(*id),
            }
        }
        contents.names.remove(name);
        self.forget(Securable::Schema(id))
    }

    /// ALTER SCHEMA … RENAME TO. To DuckLake it is another schema: its tables and views move into it with
    /// their files where they are. Returns its number.
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::DuplicateSchema`], [`StorageError::ReadOnly`].
    pub fn rename_schema(&mut self, name: &str, to: &str) -> Result<i64, StorageError> {
        let old = Arc::clone(self.contents().schema(name)?);
        if self.contents().names.contains_key(to) {
            return Err(StorageError::DuplicateSchema(to.to_owned()));
        }
        let renamed = Schema {
            id: self.warehouse.next_object_id(),
            name: to.to_owned(),
            uuid: Uuid::now_v7().to_string(),
            ..Schema::clone(&old)
        };
        let (id, old_id) = (renamed.id, old.id);
        let transaction = self.id;
        let contents = self.contents_mut()?;
        contents.put_schema(Arc::new(renamed));
        let tables: Vec<Arc<Table>> =
            contents.tables.values().filter(|table| table.definition.schema == name).cloned().collect();
        for table in tables {
            let mut moved = Table::clone(&table);
            let definition =
                TableDefinition { schema: to.to_owned(), ..TableDefinition::clone(&table.definition) };
            moved.define(definition);
            moved.changed_by = transaction;
            contents.put_table(Arc::new(moved));
        }
        let views: Vec<Arc<View>> =
            contents.views.values().filter(|view| view.definition.schema == name).cloned().collect();
        for view in views {
            let mut moved = View::clone(&view);
            contents.remove_view(view.id);
            moved.definition.schema = to.to_owned();
            contents.put_view(Arc::new(moved));
        }
        contents.names.remove(name);
        self.change_access(|access| access.schema_renamed(old_id, id, name, to))?;
        Ok(id)
    }

    /// COMMENT ON SCHEMA; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::ReadOnly`].
    pub fn set_schema_comment(&mut self, name: &str, comment: Option<String>) -> Result<(), StorageError> {
        let schema = Schema { comment, ..Schema::clone(self.contents().schema(name)?) };
        self.contents_mut()?.put_schema(Arc::new(schema));
        Ok(())
    }
}
