//! An immutable state of the warehouse: what one commit left behind.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};

use crate::access::Access;
use crate::data_file::{ColumnStatistics, DataFile};
use crate::definition::{ColumnDefinition, ColumnId, TableDefinition, TableId, ViewDefinition};
use crate::error::StorageError;
use crate::statistics::merge;
use crate::value::value_of_text;

/// Identifies a view for as long as it exists. The DuckLake `view_id`.
pub type ViewId = i64;

/// All schemas, tables and views as of one commit.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) id: i64,
    pub(crate) committed_at: DateTime<Utc>,
    pub(crate) schema_version: i64,
    pub(crate) contents: Contents,
}

impl Snapshot {
    /// DuckLake `snapshot_id`: grows by one with each commit.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// When it was committed.
    pub fn committed_at(&self) -> DateTime<Utc> {
        self.committed_at
    }

    /// Schemas by name.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.contents.schemas()
    }

    /// The table of this name.
    pub fn table(&self, schema: &str, name: &str) -> Option<&Arc<Table>> {
        self.contents.table(schema, name)
    }

    /// The table of this id.
    pub fn table_by_id(&self, id: TableId) -> Option<&Arc<Table>> {
        self.contents.tables.get(&id)
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.contents.tables.values()
    }

    /// The view of this name.
    pub fn view(&self, schema: &str, name: &str) -> Option<&Arc<View>> {
        self.contents.view(schema, name)
    }

    /// Users, owners and grants.
    pub fn access(&self) -> &Arc<Access> {
        &self.contents.access
    }

    /// All views.
    pub fn views(&self) -> impl Iterator<Item = &Arc<View>> {
        self.contents.views.values()
    }
}

/// A schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// DuckLake `schema_id`.
    pub id: i64,
    /// Name.
    pub name: String,
    /// COMMENT ON SCHEMA.
    pub comment: Option<String>,
    pub(crate) uuid: String,
    pub(crate) folder: Folder,
}

/// A folder as the catalog names it, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    /// DuckLake `path`, with a slash at the end.
    pub(crate) name: String,
    /// DuckLake `path_is_relative`: to the folder above.
    pub(crate) is_relative: bool,
    pub(crate) path: PathBuf,
}

impl Folder {
    /// A folder below `parent`: named `name` if that can be a file name everywhere, else `uuid`.
    pub(crate) fn below(parent: &std::path::Path, name: &str, uuid: &str) -> Self {
        let plain = name.len() <= 100
            && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let chosen = if plain { name } else { uuid };
        Self { name: format!("{chosen}/"), is_relative: true, path: parent.join(chosen) }
    }
}

/// A view.
#[derive(Debug, Clone)]
pub struct View {
    /// DuckLake `view_id`.
    pub id: ViewId,
    /// What CREATE VIEW said.
    pub definition: ViewDefinition,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    pub(crate) uuid: String,
}

/// A table: its definition and its rows, which are those of `files` without the deleted ones, then those
/// of `batches`.
#[derive(Debug, Clone)]
pub struct Table {
    /// Stays when the table is renamed. Below zero for temporary tables.
    pub id: TableId,
    /// Columns and attributes.
    pub definition: Arc<TableDefinition>,
    /// Parquet files in the order of their rows.
    pub files: Vec<Arc<DataFile>>,
    /// Rows in memory: uncommitted, or of a temporary table. They have [`Table::schema`].
    pub batches: Vec<RecordBatch>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    pub(crate) schema: SchemaRef,
    /// Values that rows older than an added column have in it; NULL where nothing is said.
    pub(crate) initial_values: Arc<BTreeMap<ColumnId, String>>,
    pub(crate) next_column_id: ColumnId,
    pub(crate) next_row_id: i64,
    pub(crate) uuid: String,
    pub(crate) folder: Folder,
    /// The transaction of this process that made this version; 0 if it was read from the catalog.
    pub(crate) changed_by: u64,
}

impl Table {
    /// Arrow schema of the rows, Redshift types in the metadata of the fields.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The number of the newest committed file of rows or of deletes: they rise with the commits.
    pub fn newest_file_id(&self) -> Option<i64> {
        let of_file = |file: &Arc<DataFile>| file.id.max(file.deleted.file().map(|deleted| deleted.id));
        self.files.iter().filter_map(of_file).max()
    }

    /// Rows, deleted ones not counted.
    pub fn row_count(&self) -> u64 {
        let in_files: u64 = self.files.iter().map(|file| file.live_rows()).sum();
        let in_memory: u64 = self.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        in_files + in_memory
    }

    /// Size of the files, and of the rows in memory.
    pub fn bytes(&self) -> u64 {
        let in_files: u64 = self.files.iter().map(|file| file.bytes).sum();
        let in_memory: u64 = self.batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum();
        in_files + in_memory
    }

    /// What is known of a column's values in all files together, those of deleted rows included; `None` if there are
    /// no files, or one of them is older than the column.
    pub fn statistics(&self, column: &ColumnDefinition) -> Option<ColumnStatistics> {
        let mut of_files = self.files.iter().map(|file| file.statistics.get(&column.id));
        let first = of_files.next()??.clone();
        of_files.try_fold(first, |known, next| Some(merge(&known, next?, column.data_type)))
    }

    /// What a file that lacks `column` holds in it: one value, of the column's Arrow type.
    ///
    /// # Errors
    /// [`StorageError::InvalidValue`] if the catalog's text is no value of the type.
    pub fn initial_value(&self, column: &ColumnDefinition) -> Result<ArrayRef, StorageError> {
        match self.initial_values.get(&column.id) {
            Some(text) => value_of_text(text, column.data_type),
            None => Ok(new_null_array(&column.data_type.arrow_type(), 1)),
        }
    }

    /// `schema.name`, or the name alone for a temporary table.
    pub fn qualified_name(&self) -> String {
        if self.definition.temporary {
            self.definition.name.clone()
        } else {
            format!("{}.{}", self.definition.schema, self.definition.name)
        }
    }

    pub(crate) fn define(&mut self, definition: TableDefinition) {
        self.schema = definition.arrow_schema();
        self.definition = Arc::new(definition);
    }
}

/// The maps behind a snapshot; a transaction changes a private copy. Tables and views share one
/// namespace per schema. Everything hangs on `Arc`s, so that "changed" is "another pointer".
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    pub(crate) names: BTreeMap<String, SchemaContents>,
    pub(crate) tables: BTreeMap<TableId, Arc<Table>>,
    pub(crate) views: BTreeMap<ViewId, Arc<View>>,
    pub(crate) access: Arc<Access>,
}

#[derive(Debug, Clone)]
pub(crate) struct SchemaContents {
    pub(crate) schema: Arc<Schema>,
    pub(crate) relations: BTreeMap<String, Relation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Table(TableId),
    View(ViewId),
}

impl Contents {
    pub(crate) fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.names.values().map(|entry| &entry.schema)
    }

    pub(crate) fn schema(&self, name: &str) -> Result<&Arc<Schema>, StorageError> {
        self.names
            .get(name)
            .map(|entry| &entry.schema)
            .ok_or_else(|| StorageError::SchemaNotFound(name.to_owned()))
    }

    fn relation(&self, schema: &str, name: &str) -> Option<Relation> {
        self.names.get(schema)?.relations.get(name).copied()
    }

    pub(crate) fn table(&self, schema: &str, name: &str) -> Option<&Arc<Table>> {
        match self.relation(schema, name)? {
            Relation::Table(id) => self.tables.get(&id),
            Relation::View(_) => None,
        }
    }

    pub(crate) fn view(&self, schema: &str, name: &str) -> Option<&Arc<View>> {
        match self.relation(schema, name)? {
            Relation::View(id) => self.views.get(&id),
            Relation::Table(_) => None,
        }
    }

    /// Refuses a name that is taken, or whose schema is not there.
    pub(crate) fn check_free(&self, schema: &str, name: &str) -> Result<(), StorageError> {
        self.schema(schema)?;
        match self.relation(schema, name) {
            Some(_) => Err(StorageError::DuplicateRelation(name.to_owned())),
            None => Ok(()),
        }
    }

    pub(crate) fn put_schema(&mut self, schema: Arc<Schema>) {
        match self.names.get_mut(&schema.name) {
            Some(entry) => entry.schema = schema,
            None => {
                let entry = SchemaContents { schema: Arc::clone(&schema), relations: BTreeMap::new() };
                self.names.insert(schema.name.clone(), entry);
            }
        }
    }

    /// Puts a table, new or in place of the version with its id, under its present name.
    pub(crate) fn put_table(&mut self, table: Arc<Table>) {
        if let Some(old) = self.tables.get(&table.id)
            && (old.definition.name != table.definition.name
                || old.definition.schema != table.definition.schema)
        {
            self.remove_table(table.id);
        }
        if let Some(entry) = self.names.get_mut(&table.definition.schema) {
            entry.relations.insert(table.definition.name.clone(), Relation::Table(table.id));
        }
        self.tables.insert(table.id, table);
    }

    pub(crate) fn remove_table(&mut self, id: TableId) {
        if let Some(old) = self.tables.remove(&id)
            && let Some(entry) = self.names.get_mut(&old.definition.schema)
        {
            entry.relations.remove(&old.definition.name);
        }
    }

    pub(crate) fn put_view(&mut self, view: Arc<View>) {
        if let Some(entry) = self.names.get_mut(&view.definition.schema) {
            entry.relations.insert(view.definition.name.clone(), Relation::View(view.id));
        }
        self.views.insert(view.id, view);
    }

    pub(crate) fn remove_view(&mut self, id: ViewId) {
        if let Some(old) = self.views.remove(&id)
            && let Some(entry) = self.names.get_mut(&old.definition.schema)
        {
            entry.relations.remove(&old.definition.name);
        }
    }
}
