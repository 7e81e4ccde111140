//! Reads the latest commit from the catalog.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, RowIndex};

use super::{CatalogError, access, attributes, time_of_text, types};
use crate::data_file::{ColumnStatistics, DataFile};
use crate::definition::{
    ColumnDefinition, ColumnId, MaterializedQuery, TableAttributes, TableDefinition, TableId, ViewDefinition,
};
use crate::delete_file::{CommittedDeleteFile, DeletedRows};
use crate::snapshot::{Contents, Folder, Schema, Snapshot, Table, View};

/// A commit, and the counters that a writer goes on from.
pub(crate) struct Loaded {
    pub(crate) snapshot: Snapshot,
    pub(crate) identities: HashMap<(TableId, ColumnId), i64>,
    pub(crate) next_object_id: i64,
    pub(crate) next_file_id: i64,
}

/// Everything that is valid now has no end; older states are not read.
pub(super) fn read(
    connection: &Connection,
    data_dir: &Path,
    known: Option<&Snapshot>,
) -> Result<Loaded, CatalogError> {
    let sql = "SELECT snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id
               FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1";
    let (mut snapshot, next_object_id, next_file_id) = connection.query_row(sql, [], |row| {
        let time: String = row.get(1)?;
        let snapshot = Snapshot {
            id: row.get(0)?,
            committed_at: time_of_text(&time).unwrap_or_default(),
            schema_version: row.get(2)?,
            contents: Contents::default(),
        };
        Ok((snapshot, row.get(3)?, row.get(4)?))
    })?;

    let comments = comments(connection)?;
    let mut schemas: HashMap<i64, Arc<Schema>> = HashMap::new();
    for mut schema in schemas_of(connection, data_dir)? {
        schema.comment = comments.objects.get(&schema.id).cloned();
        let schema = Arc::new(schema);
        schemas.insert(schema.id, Arc::clone(&schema));
        snapshot.contents.put_schema(schema);
    }
    let fallback_time = snapshot.committed_at;
    for table in tables(connection, &schemas, &comments, known, fallback_time)? {
        snapshot.contents.put_table(Arc::new(table));
    }
    for view in views(connection, &schemas, &comments, fallback_time)? {
        snapshot.contents.put_view(Arc::new(view));
    }
    snapshot.contents.access = Arc::new(access::read(connection)?);
    let sql = "SELECT table_id, column_id, next_value FROM dwh_identity";
    let identities = rows(connection, sql, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(Loaded { snapshot, identities: identities.into_iter().collect(), next_object_id, next_file_id })
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], map)?.collect()
}

/// The folder that a row with `path` and `path_is_relative` names.
fn folder(row: &Row<'_>, parent: &Path) -> rusqlite::Result<Folder> {
    let name: String = row.get("path")?;
    let is_relative: bool = row.get("path_is_relative")?;
    let path = resolve(parent, &name, is_relative);
    Ok(Folder { name, is_relative, path })
}

pub(super) fn resolve(parent: &Path, name: &str, is_relative: bool) -> PathBuf {
    let name = name.trim_end_matches('/');
    if is_relative { parent.join(name) } else { PathBuf::from(name) }
}

fn schemas_of(connection: &Connection, data_dir: &Path) -> rusqlite::Result<Vec<Schema>> {
    rows(connection, "SELECT * FROM ducklake_schema WHERE end_snapshot IS NULL", |row| {
        Ok(Schema {
            id: row.get("schema_id")?,
            name: row.get("schema_name")?,
            comment: None,
            uuid: row.get("schema_uuid")?,
            folder: folder(row, data_dir)?,
        })
    })
}

/// COMMENT ON texts: DuckLake tags with the key `comment`.
struct Comments {
    objects: HashMap<i64, String>,
    columns: HashMap<(TableId, ColumnId), String>,
}

fn comments(connection: &Connection) -> rusqlite::Result<Comments> {
    let tags = "SELECT object_id, value FROM ducklake_tag
                WHERE end_snapshot IS NULL AND key = 'comment' AND value IS NOT NULL";
    let column_tags = "SELECT table_id, column_id, value FROM ducklake_column_tag
                       WHERE end_snapshot IS NULL AND key = 'comment' AND value IS NOT NULL";
    let objects = rows(connection, tags, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns = rows(connection, column_tags, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(Comments { objects: objects.into_iter().collect(), columns: columns.into_iter().collect() })
}

struct Column {
    definition: ColumnDefinition,
    initial_value: Option<String>,
}

fn tables(
    connection: &Connection,
    schemas: &HashMap<i64, Arc<Schema>>,
    comments: &Comments,
    known: Option<&Snapshot>,
    fallback_time: DateTime<Utc>,
) -> Result<Vec<Table>, CatalogError> {
    let mut columns = columns(connection, comments)?;
    let sql = "SELECT table_id, max(column_id) FROM ducklake_column GROUP BY table_id";
    let last_columns: HashMap<TableId, ColumnId> =
        rows(connection, sql, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();
    let sql = "SELECT table_id, next_row_id FROM ducklake_table_stats";
    let next_row_ids: HashMap<TableId, i64> =
        rows(connection, sql, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();

    let mut materialized = materialized(connection)?;
    let sql = "SELECT t.*, d.created_at, d.dist_style, d.dist_key, d.sort_style, d.sort_key, d.primary_key,
                      d.unique_keys, d.foreign_keys, d.backup_no
               FROM ducklake_table t LEFT JOIN dwh_table d USING (table_id)
               WHERE t.end_snapshot IS NULL";
    let mut tables = rows(connection, sql, |row| {
        let id: TableId = row.get("table_id")?;
        let schema_id: i64 = row.get("schema_id")?;
        let Some(schema) = schemas.get(&schema_id) else { return Ok(None) };
        let created_at: Option<String> = row.get("created_at")?;
        // A table that another program created has no row of ours.
        let attributes = match created_at {
            Some(_) => attributes::table_attributes(row)?,
            None => TableAttributes::default(),
        };
        let columns = columns.remove(&id).unwrap_or_default();
        let initial_values = columns
            .iter()
            .filter_map(|column| Some((column.definition.id, column.initial_value.clone()?)))
            .collect();
        let definition = TableDefinition {
            schema: schema.name.clone(),
            name: row.get("table_name")?,
            columns: columns.into_iter().map(|column| column.definition).collect(),
            attributes,
            comment: comments.objects.get(&id).cloned(),
            temporary: false,
            materialized: materialized.remove(&id),
        };
        Ok(Some(Table {
            id,
            schema: definition.arrow_schema(),
            definition: Arc::new(definition),
            files: Vec::new(),
            batches: Vec::new(),
            created_at: created_at.as_deref().and_then(time_of_text).unwrap_or(fallback_time),
            initial_values: Arc::new(initial_values),
            next_column_id: last_columns.get(&id).map_or(1, |last| last + 1),
            next_row_id: next_row_ids.get(&id).copied().unwrap_or_default(),
            uuid: row.get("table_uuid")?,
            folder: folder(row, &schema.folder.path)?,
            changed_by: 0,
        }))
    })?
    .into_iter()
    .flatten()
    .collect::<Vec<Table>>();

    let mut files = data_files(connection, &tables, known)?;
    for table in &mut tables {
        table.files = files.remove(&table.id).unwrap_or_default();
    }
    Ok(tables)
}

/// The queries of materialized views, by table; a warehouse of an earlier version has none.
fn materialized(connection: &Connection) -> rusqlite::Result<HashMap<TableId, MaterializedQuery>> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dwh_materialized_view'";
    if connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(HashMap::new());
    }
    let all = rows(connection, "SELECT * FROM dwh_materialized_view", |row| {
        let query = MaterializedQuery {
            sql: row.get("sql")?,
            auto_refresh: row.get("auto_refresh")?,
            depends_on: attributes::pairs(row, "depends_on")?,
        };
        Ok((row.get("table_id")?, query))
    })?;
    Ok(all.into_iter().collect())
}

fn columns(
    connection: &Connection,
    comments: &Comments,
) -> Result<HashMap<TableId, Vec<Column>>, CatalogError> {
    let sql =
        "SELECT c.table_id, c.column_id, c.column_name, c.column_type, c.initial_default, c.nulls_allowed,
                      c.parent_column, d.redshift_type, d.default_sql, d.identity_seed, d.identity_step,
                      d.identity_by_default, d.encoding, coalesce(d.case_insensitive, 0) AS case_insensitive
               FROM ducklake_column c LEFT JOIN dwh_column d USING (table_id, column_id)
               WHERE c.end_snapshot IS NULL
               ORDER BY c.table_id, c.column_order, c.column_id";
    let mut by_table: HashMap<TableId, Vec<Column>> = HashMap::new();
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (table, id): (TableId, ColumnId) = (row.get("table_id")?, row.get("column_id")?);
        let name: String = row.get("column_name")?;
        let ducklake: String = row.get("column_type")?;
        let redshift: Option<String> = row.get("redshift_type")?;
        let is_nested = row.get::<_, Option<i64>>("parent_column")?.is_some();
        let data_type = match redshift {
            Some(redshift) => redshift.parse().ok(),
            None if is_nested => None,
            None => types::redshift_type(&ducklake),
        };
        let Some(data_type) = data_type else {
            return Err(CatalogError::Unsupported(format!(
                "column \"{name}\" of table {table} has type {ducklake}, which Redshift does not have"
            )));
        };
        let definition = ColumnDefinition {
            id,
            name,
            data_type,
            nullable: row.get::<_, Option<bool>>("nulls_allowed")?.unwrap_or(true),
            default: row.get("default_sql")?,
            identity: attributes::identity(row)?,
            encoding: row.get("encoding")?,
            case_insensitive: row.get("case_insensitive")?,
            comment: comments.columns.get(&(table, id)).cloned(),
        };
        let initial_value = row.get("initial_default")?;
        by_table.entry(table).or_default().push(Column { definition, initial_value });
    }
    Ok(by_table)
}

/// Data files with their deleted rows and statistics, in the order of their rows.
fn data_files(
    connection: &Connection,
    tables: &[Table],
    known: Option<&Snapshot>,
) -> rusqlite::Result<HashMap<TableId, Vec<Arc<DataFile>>>> {
    let folders: HashMap<TableId, &Path> =
        tables.iter().map(|table| (table.id, table.folder.path.as_path())).collect();
    let path = |row: &Row<'_>, table: TableId| -> rusqlite::Result<PathBuf> {
        let folder = folders.get(&table).copied().unwrap_or(Path::new(""));
        Ok(resolve(folder, &row.get::<_, String>("path")?, row.get("path_is_relative")?))
    };
    let known: HashMap<i64, &Arc<DataFile>> = known
        .into_iter()
        .flat_map(|snapshot| snapshot.tables().flat_map(|table| &table.files))
        .filter_map(|file| Some((file.id?, file)))
        .collect();

    let sql = "SELECT * FROM ducklake_delete_file WHERE end_snapshot IS NULL";
    let mut deletes: HashMap<i64, DeletedRows> = rows(connection, sql, |row| {
        let data_file: i64 = row.get("data_file_id")?;
        let count: i64 = row.get("delete_count")?;
        let file = CommittedDeleteFile {
            id: row.get("delete_file_id")?,
            path: path(row, row.get("table_id")?)?,
            bytes: unsigned(row, "file_size_bytes")?,
            footer_bytes: unsigned(row, "footer_size")?,
        };
        let before = known.get(&data_file).map(|file| &file.deleted);
        Ok(match before.filter(|deleted| deleted.file() == Some(&file)) {
            Some(same) => (data_file, same.clone()),
            None => (data_file, DeletedRows::in_file(file, count.unsigned_abs())),
        })
    })?
    .into_iter()
    .collect();

    let mut statistics = statistics(connection)?;
    let sql = "SELECT * FROM ducklake_data_file WHERE end_snapshot IS NULL
               ORDER BY table_id, row_id_start, data_file_id";
    let mut by_table: HashMap<TableId, Vec<Arc<DataFile>>> = HashMap::new();
    for (table, file) in rows(connection, sql, |row| {
        let (id, table): (i64, TableId) = (row.get("data_file_id")?, row.get("table_id")?);
        let deleted = deletes.remove(&id).unwrap_or_default();
        if let Some(same) = known.get(&id) {
            let unchanged = same.deleted.is_same(&deleted);
            let file = if unchanged { Arc::clone(same) } else { Arc::new(same.with_deleted(deleted)) };
            return Ok((table, file));
        }
        let file = DataFile {
            id: Some(id),
            path: path(row, table)?,
            rows: unsigned(row, "record_count")?,
            bytes: unsigned(row, "file_size_bytes")?,
            deleted,
            staged: false,
            statistics: Arc::new(statistics.remove(&id).unwrap_or_default()),
            footer_bytes: unsigned(row, "footer_size")?,
            row_id_start: row.get::<_, Option<i64>>("row_id_start")?.unwrap_or_default(),
            metadata: Arc::new(OnceLock::new()),
            owned: None,
        };
        Ok((table, Arc::new(file)))
    })? {
        by_table.entry(table).or_default().push(file);
    }
    Ok(by_table)
}

type FileStatistics = BTreeMap<ColumnId, ColumnStatistics>;

fn statistics(connection: &Connection) -> rusqlite::Result<HashMap<i64, FileStatistics>> {
    let sql = "SELECT s.data_file_id, s.column_id, s.column_size_bytes, s.value_count, s.null_count,
                      s.min_value, s.max_value, s.contains_nan
               FROM ducklake_file_column_stats s JOIN ducklake_data_file f USING (data_file_id)
               WHERE f.end_snapshot IS NULL";
    // By place, not by name: there is a row for each column of each file.
    let mut by_file: HashMap<i64, FileStatistics> = HashMap::new();
    for (file, column, known) in rows(connection, sql, |row| {
        let known = ColumnStatistics {
            size_bytes: unsigned(row, 2)?,
            value_count: unsigned(row, 3)?,
            null_count: unsigned(row, 4)?,
            min: row.get(5)?,
            max: row.get(6)?,
            contains_nan: row.get(7)?,
        };
        Ok((row.get(0)?, row.get(1)?, known))
    })? {
        by_file.entry(file).or_default().insert(column, known);
    }
    Ok(by_file)
}

fn unsigned(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    let value: Option<i64> = row.get(column)?;
    Ok(value.and_then(|value| u64::try_from(value).ok()).unwrap_or_default())
}

fn views(
    connection: &Connection,
    schemas: &HashMap<i64, Arc<Schema>>,
    comments: &Comments,
    fallback_time: DateTime<Utc>,
) -> rusqlite::Result<Vec<View>> {
    let sql = "SELECT v.view_id, v.view_uuid, v.schema_id, v.view_name, v.sql, d.created_at, d.column_names, d.column_types,
                      coalesce(d.late_binding, 0) AS late_binding, d.depends_on
               FROM ducklake_view v LEFT JOIN dwh_view d USING (view_id)
               WHERE v.end_snapshot IS NULL";
    let views = rows(connection, sql, |row| {
        let id: i64 = row.get("view_id")?;
        let Some(schema) = schemas.get(&row.get("schema_id")?) else { return Ok(None) };
        let created_at: Option<String> = row.get("created_at")?;
        // A view that DuckDB made has no row in `dwh_view`.
        let (column_names, column_types, depends_on) = match created_at {
            Some(_) => (
                attributes::names(row, "column_names")?,
                attributes::names(row, "column_types")?,
                attributes::pairs(row, "depends_on")?,
            ),
            None => (Vec::new(), Vec::new(), Vec::new()),
        };
        let definition = ViewDefinition {
            schema: schema.name.clone(),
            name: row.get("view_name")?,
            sql: row.get("sql")?,
            column_names,
            column_types: column_types.iter().filter_map(|name| name.parse().ok()).collect(),
            late_binding: row.get("late_binding")?,
            depends_on,
            comment: comments.objects.get(&id).cloned(),
        };
        let created_at = created_at.as_deref().and_then(time_of_text).unwrap_or(fallback_time);
        Ok(Some(View { id, definition, created_at, uuid: row.get("view_uuid")? }))
    })?;
    Ok(views.into_iter().flatten().collect())
}
