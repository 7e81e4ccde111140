//! Writes data files, delete files and statistics.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rusqlite::params;

use super::write::Pen;
use crate::data_file::{ColumnStatistics, DataFile};
use crate::delete_file::CommittedDeleteFile;
use crate::snapshot::Table;
use crate::statistics::merge;

/// Writes what differs between the files of two versions of one table.
pub(super) fn files(pen: &mut Pen<'_>, old: Option<&Table>, new: &Table) -> rusqlite::Result<()> {
    let mut before: HashMap<i64, &Arc<DataFile>> =
        old.into_iter().flat_map(|old| &old.files).filter_map(|file| Some((file.id?, file))).collect();
    let (mut inserted, mut deleted) = (false, false);
    for file in &new.files {
        let Some(id) = file.id else { continue };
        match before.remove(&id) {
            Some(same) if Arc::ptr_eq(same, file) => continue,
            Some(_) => {
                pen.end("ducklake_delete_file", "data_file_id", id)?;
            }
            None => {
                insert_data_file(pen, new, id, file)?;
                inserted = true;
            }
        }
        if let Some(delete_file) = file.deleted.file() {
            insert_delete_file(pen, new, id, file, delete_file)?;
            deleted = true;
        }
    }
    for id in before.keys() {
        pen.end("ducklake_data_file", "data_file_id", *id)?;
        pen.end("ducklake_delete_file", "data_file_id", *id)?;
        deleted = true;
    }
    if inserted {
        pen.changes.push(format!("inserted_into_table:{}", new.id));
    }
    if deleted {
        pen.changes.push(format!("deleted_from_table:{}", new.id));
    }
    let defined = old.is_some_and(|old| !Arc::ptr_eq(&old.definition, &new.definition));
    if inserted || deleted || defined {
        table_statistics(pen, new)?;
    }
    Ok(())
}

fn insert_data_file(pen: &Pen<'_>, table: &Table, id: i64, file: &DataFile) -> rusqlite::Result<()> {
    let (path, is_relative) = path_in(&table.folder.path, &file.path);
    let sql = "INSERT INTO ducklake_data_file(data_file_id, table_id, begin_snapshot, path, path_is_relative,
                   file_format, record_count, file_size_bytes, footer_size, row_id_start)
               VALUES (?, ?, ?, ?, ?, 'parquet', ?, ?, ?, ?)";
    pen.run(
        sql,
        params![
            id,
            table.id,
            pen.snapshot(),
            path,
            is_relative,
            signed(file.rows),
            signed(file.bytes),
            signed(file.footer_bytes),
            file.row_id_start,
        ],
    )?;
    let sql = "INSERT INTO ducklake_file_column_stats(data_file_id, table_id, column_id, column_size_bytes,
                   value_count, null_count, min_value, max_value, contains_nan)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for (column, known) in file.statistics.iter() {
        pen.run(
            sql,
            params![
                id,
                table.id,
                column,
                signed(known.size_bytes),
                signed(known.value_count),
                signed(known.null_count),
                known.min,
                known.max,
                known.contains_nan,
            ],
        )?;
    }
    Ok(())
}

fn insert_delete_file(
    pen: &Pen<'_>,
    table: &Table,
    data_file: i64,
    file: &DataFile,
    delete_file: &CommittedDeleteFile,
) -> rusqlite::Result<()> {
    let (path, is_relative) = path_in(&table.folder.path, &delete_file.path);
    let sql = "INSERT INTO ducklake_delete_file(delete_file_id, table_id, begin_snapshot, data_file_id, path,
                   path_is_relative, format, delete_count, file_size_bytes, footer_size)
               VALUES (?, ?, ?, ?, ?, ?, 'parquet', ?, ?, ?)";
    pen.run(
        sql,
        params![
            delete_file.id,
            table.id,
            pen.snapshot(),
            data_file,
            path,
            is_relative,
            signed(file.deleted.count()),
            signed(delete_file.bytes),
            signed(delete_file.footer_bytes),
        ],
    )
}

/// A path as the catalog keeps it: relative to the table's folder if it is in there, so that the
/// warehouse can be moved.
fn path_in(folder: &Path, path: &Path) -> (String, bool) {
    match path.strip_prefix(folder) {
        Ok(relative) => (relative.to_string_lossy().into_owned(), true),
        Err(_) => (path.to_string_lossy().into_owned(), false),
    }
}

/// Counts and bounds over all files of a table. Bounds of deleted rows stay in: they are bounds still.
fn table_statistics(pen: &Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    pen.run("DELETE FROM ducklake_table_stats WHERE table_id = ?", [table.id])?;
    pen.run("DELETE FROM ducklake_table_column_stats WHERE table_id = ?", [table.id])?;
    let rows: u64 = table.files.iter().map(|file| file.rows).sum();
    let bytes: u64 = table.files.iter().map(|file| file.bytes).sum();
    let sql = "INSERT INTO ducklake_table_stats(table_id, record_count, next_row_id, file_size_bytes)
               VALUES (?, ?, ?, ?)";
    pen.run(sql, params![table.id, signed(rows), table.next_row_id, signed(bytes)])?;
    let sql = "INSERT INTO ducklake_table_column_stats(table_id, column_id, contains_null, contains_nan,
                   min_value, max_value) VALUES (?, ?, ?, ?, ?, ?)";
    for (column, known) in column_statistics(table) {
        let contains_null = known.null_count > 0;
        pen.run(sql, params![table.id, column, contains_null, known.contains_nan, known.min, known.max])?;
    }
    Ok(())
}

fn column_statistics(table: &Table) -> BTreeMap<i64, ColumnStatistics> {
    let mut all = BTreeMap::new();
    for column in &table.definition.columns {
        let of_file = |file: &Arc<DataFile>| match file.statistics.get(&column.id) {
            Some(known) => known.clone(),
            // The file is older than the column: all its rows have the initial value, whose place among
            // the others is not worth knowing, or NULL.
            None if table.initial_values.contains_key(&column.id) => {
                ColumnStatistics { value_count: file.rows, ..ColumnStatistics::default() }
            }
            None => ColumnStatistics {
                null_count: file.rows,
                contains_nan: column.data_type.arrow_type().is_floating().then_some(false),
                ..ColumnStatistics::default()
            },
        };
        let merged = table.files.iter().map(of_file).reduce(|a, b| merge(&a, &b, column.data_type));
        if let Some(merged) = merged {
            all.insert(column.id, merged);
        }
    }
    all
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
