//! Writes a commit: the difference between two snapshots, as rows that begin and rows that end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::{access, time_text, write_files, write_tables};
use crate::definition::ViewDefinition;
use crate::snapshot::{Schema, SchemaContents, Snapshot, View};
use crate::transaction::IdentityValues;

/// What a commit writes.
pub(crate) struct Commit<'a> {
    pub(crate) previous: &'a Snapshot,
    /// Its `schema_version` is settled here: see [`Commit::defines`].
    pub(crate) next: &'a Snapshot,
    pub(crate) identities: &'a IdentityValues,
    pub(crate) next_object_id: i64,
    pub(crate) next_file_id: i64,
}

impl Commit<'_> {
    /// Whether anything but rows changes: then DuckLake counts a new schema version.
    pub(crate) fn defines(previous: &Snapshot, next: &Snapshot) -> bool {
        let (old, new) = (&previous.contents, &next.contents);
        let same_tables = old.tables.len() == new.tables.len()
            && old.tables.values().zip(new.tables.values()).all(|(a, b)| {
                a.id == b.id && (Arc::ptr_eq(&a.definition, &b.definition) || a.definition == b.definition)
            });
        let same_views = old.views.len() == new.views.len()
            && old.views.values().zip(new.views.values()).all(|(a, b)| Arc::ptr_eq(a, b));
        let same_schemas = old.names.len() == new.names.len()
            && old.schemas().zip(new.schemas()).all(|(a, b)| Arc::ptr_eq(a, b));
        !(same_tables && same_views && same_schemas)
    }
}

/// The pen: a SQLite transaction, the snapshot that begins, and DuckLake's list of what changed.
pub(super) struct Pen<'a> {
    pub(super) connection: &'a Connection,
    pub(super) next: &'a Snapshot,
    pub(super) changes: Vec<String>,
}

impl Pen<'_> {
    pub(super) fn snapshot(&self) -> i64 {
        self.next.id
    }

    /// Runs a statement that is prepared once and kept.
    pub(super) fn run(&self, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(parameters).map(|_| ())
    }

    /// Ends the rows of a table of the catalog that are valid now and have `id` in `column`.
    pub(super) fn end(&self, table: &str, column: &str, id: i64) -> rusqlite::Result<()> {
        let sql = format!("UPDATE {table} SET end_snapshot = ? WHERE {column} = ? AND end_snapshot IS NULL");
        self.run(&sql, [self.snapshot(), id])
    }

    /// Writes a change of the comment of a schema, table or view.
    pub(super) fn comment(&self, object: i64, old: Option<&str>, new: Option<&str>) -> rusqlite::Result<()> {
        if old == new {
            return Ok(());
        }
        let sql = "UPDATE ducklake_tag SET end_snapshot = ?
                   WHERE object_id = ? AND key = 'comment' AND end_snapshot IS NULL";
        self.run(sql, [self.snapshot(), object])?;
        let Some(text) = new else { return Ok(()) };
        let sql =
            "INSERT INTO ducklake_tag(object_id, begin_snapshot, key, value) VALUES (?, ?, 'comment', ?)";
        self.run(sql, params![object, self.snapshot(), text])
    }
}

/// Writes the difference of the two snapshots of a commit.
pub(super) fn write(connection: &Connection, commit: &Commit<'_>) -> rusqlite::Result<()> {
    let Commit { previous, next, .. } = *commit;
    let mut pen = Pen { connection, next, changes: Vec::new() };
    let (old, new) = (&previous.contents, &next.contents);

    schemas(&mut pen, previous)?;
    for (id, table) in &old.tables {
        if !new.tables.contains_key(id) {
            write_tables::drop(&mut pen, table)?;
        }
    }
    for (id, table) in &new.tables {
        match old.tables.get(id) {
            None => write_tables::create(&mut pen, table)?,
            Some(old) if !Arc::ptr_eq(old, table) => write_tables::alter(&mut pen, old, table)?,
            Some(_) => continue,
        }
        write_files::files(&mut pen, old.tables.get(id).map(AsRef::as_ref), table)?;
    }
    views(&mut pen, previous)?;
    if !Arc::ptr_eq(&old.access, &new.access) {
        access::write(&pen, &old.access, &new.access)?;
    }
    for ((table, column), next_value) in commit.identities {
        if new.tables.contains_key(table) {
            let sql = "INSERT OR REPLACE INTO dwh_identity(table_id, column_id, next_value) VALUES (?, ?, ?)";
            pen.run(sql, [*table, *column, *next_value])?;
        }
    }

    let sql = "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, next_catalog_id,
                                             next_file_id) VALUES (?, ?, ?, ?, ?)";
    let time = time_text(next.committed_at);
    pen.run(sql, params![next.id, time, next.schema_version, commit.next_object_id, commit.next_file_id])?;
    let changes = pen.changes.join(",");
    let sql = "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made) VALUES (?, ?)";
    pen.run(sql, params![next.id, changes])
}

fn schemas(pen: &mut Pen<'_>, previous: &Snapshot) -> rusqlite::Result<()> {
    let (old, new) = (&previous.contents.names, &pen.next.contents.names);
    let id_of = |entry: Option<&SchemaContents>| entry.map(|entry| entry.schema.id);
    for (name, entry) in old {
        let id = entry.schema.id;
        if id_of(new.get(name)) != Some(id) {
            pen.end("ducklake_schema", "schema_id", id)?;
            pen.end("ducklake_tag", "object_id", id)?;
            pen.changes.push(format!("dropped_schema:{id}"));
        }
    }
    for (name, entry) in new {
        let schema = &entry.schema;
        let before = old.get(name).filter(|before| before.schema.id == schema.id);
        if before.is_none() {
            insert_schema(pen, schema)?;
            pen.changes.push(format!("created_schema:{}", quoted(name)));
        }
        let comment = before.and_then(|before| before.schema.comment.as_deref());
        pen.comment(schema.id, comment, schema.comment.as_deref())?;
    }
    Ok(())
}

fn insert_schema(pen: &Pen<'_>, schema: &Schema) -> rusqlite::Result<()> {
    let sql = "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, path,
                                           path_is_relative) VALUES (?, ?, ?, ?, ?, ?)";
    let folder = &schema.folder;
    pen.run(
        sql,
        params![schema.id, schema.uuid, pen.snapshot(), schema.name, folder.name, folder.is_relative],
    )
}

fn views(pen: &mut Pen<'_>, previous: &Snapshot) -> rusqlite::Result<()> {
    let (old, new) = (&previous.contents.views, &pen.next.contents.views);
    for id in old.keys() {
        if !new.contains_key(id) {
            pen.end("ducklake_view", "view_id", *id)?;
            pen.end("ducklake_tag", "object_id", *id)?;
            pen.run("DELETE FROM dwh_view WHERE view_id = ?", [*id])?;
            pen.changes.push(format!("dropped_view:{id}"));
        }
    }
    for (id, view) in new {
        let before = old.get(id);
        if before.is_some_and(|before| Arc::ptr_eq(before, view)) {
            continue;
        }
        let definition = &view.definition;
        let without_comment =
            |definition: &ViewDefinition| ViewDefinition { comment: None, ..definition.clone() };
        if before.is_none_or(|b| without_comment(&b.definition) != without_comment(definition)) {
            pen.end("ducklake_view", "view_id", *id)?;
            insert_view(pen, view)?;
        }
        pen.changes.push(match before {
            Some(_) => format!("altered_view:{id}"),
            None => format!("created_view:{}.{}", quoted(&definition.schema), quoted(&definition.name)),
        });
        let comment = before.and_then(|before| before.definition.comment.as_deref());
        pen.comment(*id, comment, definition.comment.as_deref())?;
    }
    Ok(())
}

fn insert_view(pen: &Pen<'_>, view: &View) -> rusqlite::Result<()> {
    let definition = &view.definition;
    let Ok(schema) = pen.next.contents.schema(&definition.schema) else { return Ok(()) };
    let aliases: Vec<String> = definition.column_names.iter().map(|name| quoted(name)).collect();
    let sql =
        "INSERT INTO ducklake_view(view_id, view_uuid, begin_snapshot, schema_id, view_name, dialect, sql,
                                         column_aliases) VALUES (?, ?, ?, ?, ?, 'redshift', ?, ?)";
    pen.run(
        sql,
        params![
            view.id,
            view.uuid,
            pen.snapshot(),
            schema.id,
            definition.name,
            definition.sql,
            aliases.join(","),
        ],
    )?;
    let sql = "INSERT OR REPLACE INTO dwh_view(view_id, created_at, column_names, column_types, late_binding,
                                               depends_on) VALUES (?, ?, ?, ?, ?, ?)";
    let types: Vec<String> = definition.column_types.iter().map(ToString::to_string).collect();
    pen.run(
        sql,
        params![
            view.id,
            time_text(view.created_at),
            json!(definition.column_names).to_string(),
            json!(types).to_string(),
            definition.late_binding,
            json!(definition.depends_on).to_string(),
        ],
    )
}

/// A name in DuckLake's lists: in double quotes, which are doubled inside.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The rows of a new catalog: its metadata and snapshot 0, which has nothing but what `open` commits next.
pub(super) fn first_snapshot(
    connection: &Connection,
    now: DateTime<Utc>,
    version: &str,
) -> rusqlite::Result<()> {
    let created_by = concat!("dwh ", env!("CARGO_PKG_VERSION"));
    // With a limit of 0, DuckDB too keeps all rows in files.
    let inlining = ("data_inlining_row_limit", "0");
    for (key, value) in [("version", version), ("created_by", created_by), ("encrypted", "false"), inlining] {
        connection.execute("INSERT INTO ducklake_metadata(key, value) VALUES (?, ?)", [key, value])?;
    }
    let sql = "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, next_catalog_id,
                                             next_file_id) VALUES (0, ?, 0, 1, 0)";
    connection.execute(sql, [time_text(now)])?;
    let schema = crate::warehouse::DEFAULT_SCHEMA;
    let sql = "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, path,
                                           path_is_relative) VALUES (0, ?, 0, ?, ?, 1)";
    connection.execute(sql, params![uuid::Uuid::now_v7().to_string(), schema, format!("{schema}/")])?;
    let sql = "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made) VALUES (0, ?)";
    connection.execute(sql, [format!("created_schema:{}", quoted(schema))]).map(|_| ())
}
