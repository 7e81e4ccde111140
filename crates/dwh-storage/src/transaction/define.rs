//! Changes to schemas, tables, columns and views.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array, new_null_array};
use arrow::compute::take;
use dwh_common::RedshiftType;
use uuid::Uuid;

use super::Transaction;
use crate::access::Securable;
use crate::definition::{
    ColumnDefinition, Constraint, Distribution, MaterializedQuery, SortKey, TableAttributes, TableDefinition,
    TableId, ViewDefinition,
};
use crate::error::StorageError;
use crate::snapshot::{Folder, Relation, Schema, Table, View};
use crate::value::value_of_text;

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

    /// COMMENT ON SCHEMA; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::ReadOnly`].
    pub fn set_schema_comment(&mut self, name: &str, comment: Option<String>) -> Result<(), StorageError> {
        let schema = Schema { comment, ..Schema::clone(self.contents().schema(name)?) };
        self.contents_mut()?.put_schema(Arc::new(schema));
        Ok(())
    }

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

    /// ALTER TABLE … ADD COLUMN. Rows that are there already get `initial_value`: a value as text (see
    /// [`crate::value_of_text`]), or NULL.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::DuplicateColumn`],
    /// [`StorageError::InvalidValue`], [`StorageError::ReadOnly`].
    pub fn add_column(
        &mut self,
        id: TableId,
        mut column: ColumnDefinition,
        initial_value: Option<String>,
    ) -> Result<(), StorageError> {
        let value: ArrayRef = match &initial_value {
            Some(text) => value_of_text(text, column.data_type)?,
            None => new_null_array(&column.data_type.arrow_type(), 1),
        };
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            if definition.column(&column.name).is_some() {
                return Err(StorageError::DuplicateColumn { table: definition.name, column: column.name });
            }
            column.id = table.next_column_id;
            table.next_column_id += 1;
            if let Some(text) = initial_value {
                Arc::make_mut(&mut table.initial_values).insert(column.id, text);
            }
            definition.columns.push(column);
            table.define(definition);
            table.map_batches(|batch| {
                let same_value = UInt64Array::from_value(0, batch.num_rows());
                let mut columns = batch.columns().to_vec();
                columns.push(take(&value, &same_value, None)?);
                Ok(columns)
            })
        })
    }

    /// ALTER TABLE … DROP COLUMN; keys and constraints that name it go with it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::LastColumn`],
    /// [`StorageError::ReadOnly`].
    pub fn drop_column(&mut self, id: TableId, name: &str) -> Result<(), StorageError> {
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            let position = position_of(&definition, name)?;
            if definition.columns.len() == 1 {
                return Err(StorageError::LastColumn(name.to_owned()));
            }
            let removed = definition.columns.remove(position);
            forget_column(&mut definition.attributes, name);
            Arc::make_mut(&mut table.initial_values).remove(&removed.id);
            table.define(definition);
            table.map_batches(|batch| {
                let mut columns = batch.columns().to_vec();
                columns.remove(position);
                Ok(columns)
            })
        })
    }

    /// ALTER TABLE … RENAME COLUMN; keys and constraints follow.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`],
    /// [`StorageError::DuplicateColumn`], [`StorageError::ReadOnly`].
    pub fn rename_column(&mut self, id: TableId, from: &str, to: &str) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            let position = position_of(definition, from)?;
            if definition.column(to).is_some() {
                let table = definition.name.clone();
                return Err(StorageError::DuplicateColumn { table, column: to.to_owned() });
            }
            definition.columns[position].name = to.to_owned();
            for name in attribute_columns(&mut definition.attributes) {
                if name == from {
                    *name = to.to_owned();
                }
            }
            Ok(())
        })
    }

    /// ALTER TABLE … ALTER COLUMN … TYPE: the length of a VARCHAR (RS 3.5). Whether the rows fit a
    /// shorter one is the caller's to check.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`],
    /// [`StorageError::ColumnTypeChange`], [`StorageError::ReadOnly`].
    pub fn alter_column_type(
        &mut self,
        id: TableId,
        column: &str,
        data_type: RedshiftType,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            if !matches!((column.data_type, data_type), (RedshiftType::Varchar(_), RedshiftType::Varchar(_)))
            {
                return Err(StorageError::ColumnTypeChange {
                    column: column.name.clone(),
                    from: column.data_type.to_string(),
                    to: data_type.to_string(),
                });
            }
            column.data_type = data_type;
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

    /// ALTER TABLE … ALTER COLUMN … ENCODE; `None` is automatic.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::ReadOnly`].
    pub fn set_encoding(
        &mut self,
        id: TableId,
        column: &str,
        encoding: Option<String>,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            column.encoding = encoding;
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

    /// ALTER TABLE … RENAME TO of a view.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::DuplicateRelation`], [`StorageError::ReadOnly`].
    pub fn rename_view(&mut self, schema: &str, name: &str, to: &str) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        self.contents().check_free(schema, to)?;
        to.clone_into(&mut view.definition.name);
        let contents = self.contents_mut()?;
        contents.remove_view(view.id);
        contents.put_view(Arc::new(view));
        Ok(())
    }

    /// Puts another text and other dependencies in place of a view's, after what it reads was renamed.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_view_query(
        &mut self,
        schema: &str,
        name: &str,
        sql: String,
        depends_on: Vec<(String, String)>,
    ) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        view.definition.sql = sql;
        view.definition.depends_on = depends_on;
        self.contents_mut()?.put_view(Arc::new(view));
        Ok(())
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

    /// COMMENT ON COLUMN; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::ReadOnly`].
    pub fn set_column_comment(
        &mut self,
        id: TableId,
        column: &str,
        comment: Option<String>,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            column.comment = comment;
            Ok(())
        })
    }

    /// CREATE VIEW, with `replace` CREATE OR REPLACE VIEW (the view keeps its id and comment).
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::DuplicateRelation`], [`StorageError::ReadOnly`].
    pub fn create_view(
        &mut self,
        mut definition: ViewDefinition,
        replace: bool,
    ) -> Result<Arc<View>, StorageError> {
        let old = self.view(&definition.schema, &definition.name).filter(|_| replace);
        let view = match old {
            Some(old) => {
                definition.comment = definition.comment.or_else(|| old.definition.comment.clone());
                View { definition, ..View::clone(&old) }
            }
            None => {
                self.contents().check_free(&definition.schema, &definition.name)?;
                View {
                    id: self.warehouse.next_object_id(),
                    definition,
                    created_at: self.warehouse.clock.now(),
                    uuid: Uuid::now_v7().to_string(),
                }
            }
        };
        let view = Arc::new(view);
        self.contents_mut()?.put_view(Arc::clone(&view));
        Ok(view)
    }

    /// DROP VIEW.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn drop_view(&mut self, schema: &str, name: &str) -> Result<(), StorageError> {
        let id = self.existing_view(schema, name)?.id;
        self.contents_mut()?.remove_view(id);
        self.forget(Securable::Relation(id))
    }

    /// COMMENT ON VIEW; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_view_comment(
        &mut self,
        schema: &str,
        name: &str,
        comment: Option<String>,
    ) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        view.definition.comment = comment;
        self.contents_mut()?.put_view(Arc::new(view));
        Ok(())
    }

    fn existing_view(&self, schema: &str, name: &str) -> Result<Arc<View>, StorageError> {
        self.view(schema, name).ok_or_else(|| StorageError::RelationNotFound(name.to_owned()))
    }

    fn change_definition(
        &mut self,
        id: TableId,
        change: impl FnOnce(&mut TableDefinition) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            change(&mut definition)?;
            table.define(definition);
            // The rows stay as they are; names and types in their schema may be new.
            table.map_batches(|batch| Ok(batch.columns().to_vec()))
        })
    }

    fn change_column(
        &mut self,
        id: TableId,
        column: &str,
        change: impl FnOnce(&mut ColumnDefinition) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            let position = position_of(definition, column)?;
            change(&mut definition.columns[position])
        })
    }
}

impl Table {
    fn map_batches(
        &mut self,
        columns: impl Fn(&RecordBatch) -> Result<Vec<ArrayRef>, StorageError>,
    ) -> Result<(), StorageError> {
        for batch in &mut self.batches {
            *batch = RecordBatch::try_new(Arc::clone(&self.schema), columns(batch)?)?;
        }
        Ok(())
    }
}

fn position_of(definition: &TableDefinition, column: &str) -> Result<usize, StorageError> {
    definition.columns.iter().position(|known| known.name == column).ok_or_else(|| {
        StorageError::ColumnNotFound { table: definition.name.clone(), column: column.to_owned() }
    })
}

/// Every place in the attributes that names a column of the table.
fn attribute_columns(attributes: &mut TableAttributes) -> impl Iterator<Item = &mut String> {
    let distribution = match &mut attributes.distribution {
        Distribution::Key(column) => Some(column),
        _ => None,
    };
    let sort_key = match &mut attributes.sort_key {
        SortKey::Compound(columns) | SortKey::Interleaved(columns) => columns.as_mut_slice(),
        SortKey::Auto => &mut [],
    };
    distribution
        .into_iter()
        .chain(sort_key)
        .chain(attributes.constraints.iter_mut().flat_map(Constraint::columns_mut))
}

/// Drops what names a column that is no more: a key that loses a column is no key.
fn forget_column(attributes: &mut TableAttributes, column: &str) {
    let names_it = |columns: &[String]| columns.iter().any(|name| name == column);
    if matches!(&attributes.distribution, Distribution::Key(key) if key == column) {
        attributes.distribution = Distribution::Auto;
    }
    if let SortKey::Compound(columns) | SortKey::Interleaved(columns) = &attributes.sort_key
        && names_it(columns)
    {
        attributes.sort_key = SortKey::Auto;
    }
    attributes.constraints.retain(|constraint| !names_it(constraint.columns()));
}
