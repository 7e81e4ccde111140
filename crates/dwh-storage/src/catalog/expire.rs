//! Forgets old snapshots, and knows which files the kept ones need.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::read::resolve;
use super::time_text;

/// Removes the rows of snapshots that were replaced before `before` and returns the files that no kept
/// snapshot has. Column rows of living tables stay: their ids must not be given out again.
pub(super) fn expire(
    connection: &Connection,
    data_dir: &Path,
    before: DateTime<Utc>,
) -> rusqlite::Result<Vec<PathBuf>> {
    // A snapshot is needed until the next one is old enough.
    let sql = "SELECT max(snapshot_id) FROM ducklake_snapshot WHERE snapshot_time <= ?";
    let oldest_kept: Option<i64> = connection.query_row(sql, [time_text(before)], |row| row.get(0))?;
    let Some(oldest_kept) = oldest_kept else { return Ok(Vec::new()) };

    let ended = format!("f.end_snapshot <= {oldest_kept}");
    let mut files = paths(connection, data_dir, "ducklake_data_file", &ended)?;
    files.extend(paths(connection, data_dir, "ducklake_delete_file", &ended)?);
    let sql = "DELETE FROM ducklake_file_column_stats WHERE data_file_id IN
               (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= ?)";
    connection.execute(sql, [oldest_kept])?;
    for rows in [
        "ducklake_data_file",
        "ducklake_delete_file",
        "ducklake_schema",
        "ducklake_table",
        "ducklake_view",
        "ducklake_tag",
        "ducklake_column_tag",
    ] {
        connection.execute(&format!("DELETE FROM {rows} WHERE end_snapshot <= ?"), [oldest_kept])?;
    }
    let sql = "DELETE FROM ducklake_column WHERE end_snapshot <= ?
               AND table_id NOT IN (SELECT table_id FROM ducklake_table)";
    connection.execute(sql, [oldest_kept])?;
    connection.execute(
        "DELETE FROM ducklake_schema_versions WHERE table_id NOT IN (SELECT table_id FROM ducklake_table)",
        [],
    )?;
    for rows in ["ducklake_snapshot", "ducklake_snapshot_changes"] {
        connection.execute(&format!("DELETE FROM {rows} WHERE snapshot_id < ?"), [oldest_kept])?;
    }
    // Files that DuckDB set aside, on its own clock.
    let scheduled = "SELECT path, path_is_relative FROM ducklake_files_scheduled_for_deletion
                     WHERE schedule_start <= ?";
    let of_row = |row: &rusqlite::Row<'_>| Ok(resolve(data_dir, &row.get::<_, String>(0)?, row.get(1)?));
    let found: rusqlite::Result<Vec<PathBuf>> =
        connection.prepare(scheduled)?.query_map([time_text(before)], of_row)?.collect();
    files.extend(found?);
    let sql = "DELETE FROM ducklake_files_scheduled_for_deletion WHERE schedule_start <= ?";
    connection.execute(sql, [time_text(before)])?;
    Ok(files)
}

pub(super) fn referenced_files(connection: &Connection, data_dir: &Path) -> rusqlite::Result<Vec<PathBuf>> {
    let mut all = paths(connection, data_dir, "ducklake_data_file", "true")?;
    all.extend(paths(connection, data_dir, "ducklake_delete_file", "true")?);
    let sql = "SELECT path, path_is_relative FROM ducklake_files_scheduled_for_deletion";
    let of_row = |row: &rusqlite::Row<'_>| Ok(resolve(data_dir, &row.get::<_, String>(0)?, row.get(1)?));
    let scheduled: rusqlite::Result<Vec<PathBuf>> = connection.prepare(sql)?.query_map([], of_row)?.collect();
    all.extend(scheduled?);
    Ok(all)
}

/// Paths of data or delete files; the table and schema give the folders, in whichever version.
fn paths(
    connection: &Connection,
    data_dir: &Path,
    rows: &str,
    condition: &str,
) -> rusqlite::Result<Vec<PathBuf>> {
    let sql = format!(
        "SELECT DISTINCT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
         FROM {rows} f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
         WHERE {condition}"
    );
    let of_row = |row: &rusqlite::Row<'_>| {
        let schema = resolve(data_dir, &row.get::<_, String>(0)?, row.get(1)?);
        let table = resolve(&schema, &row.get::<_, String>(2)?, row.get(3)?);
        Ok(resolve(&table, &row.get::<_, String>(4)?, row.get(5)?))
    };
    connection.prepare(&sql)?.query_map([], of_row)?.collect()
}
