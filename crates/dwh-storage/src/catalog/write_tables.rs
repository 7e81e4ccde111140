//! Writes tables and their columns.

use std::sync::Arc;

use rusqlite::params;
use serde_json::json;

use super::write::{Pen, quoted};
use super::{attributes, time_text, types};
use crate::definition::ColumnDefinition;
use crate::snapshot::Table;

pub(super) fn create(pen: &mut Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    let definition = &table.definition;
    pen.changes.push(format!("created_table:{}.{}", quoted(&definition.schema), quoted(&definition.name)));
    insert_table(pen, table)?;
    for column in &definition.columns {
        insert_column(pen, table, column)?;
        column_comment(pen, table, column.id, None, column.comment.as_deref())?;
    }
    attribute_rows(pen, table)?;
    schema_version(pen, table)?;
    pen.comment(table.id, None, definition.comment.as_deref())
}

/// Writes what differs between two definitions of one table.
pub(super) fn alter(pen: &mut Pen<'_>, old: &Table, new: &Table) -> rusqlite::Result<()> {
    if Arc::ptr_eq(&old.definition, &new.definition) || old.definition == new.definition {
        return Ok(());
    }
    let (before, after) = (&old.definition, &new.definition);
    pen.changes.push(format!("altered_table:{}", new.id));
    if before.name != after.name || before.schema != after.schema {
        pen.end("ducklake_table", "table_id", new.id)?;
        insert_table(pen, new)?;
    }
    for gone in before.columns.iter().filter(|old| after.columns.iter().all(|new| new.id != old.id)) {
        end_column(pen, new, gone.id)?;
        column_comment(pen, new, gone.id, gone.comment.as_deref(), None)?;
    }
    for column in &after.columns {
        let old = before.columns.iter().find(|old| old.id == column.id);
        let is_same = |old: &ColumnDefinition| {
            old.name == column.name
                && old.nullable == column.nullable
                && types::ducklake_type(old.data_type) == types::ducklake_type(column.data_type)
        };
        if !old.is_some_and(is_same) {
            end_column(pen, new, column.id)?;
            insert_column(pen, new, column)?;
        }
        let comment = old.and_then(|old| old.comment.as_deref());
        column_comment(pen, new, column.id, comment, column.comment.as_deref())?;
    }
    attribute_rows(pen, new)?;
    schema_version(pen, new)?;
    pen.comment(new.id, before.comment.as_deref(), after.comment.as_deref())
}

pub(super) fn drop(pen: &mut Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    pen.changes.push(format!("dropped_table:{}", table.id));
    for rows in [
        "ducklake_table",
        "ducklake_column",
        "ducklake_data_file",
        "ducklake_delete_file",
        "ducklake_column_tag",
    ] {
        pen.end(rows, "table_id", table.id)?;
    }
    pen.end("ducklake_tag", "object_id", table.id)?;
    for rows in [
        "dwh_table",
        "dwh_column",
        "dwh_identity",
        "dwh_materialized_view",
        "ducklake_table_stats",
        "ducklake_table_column_stats",
    ] {
        pen.run(&format!("DELETE FROM {rows} WHERE table_id = ?"), [table.id])?;
    }
    Ok(())
}

fn insert_table(pen: &Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    let Ok(schema) = pen.next.contents.schema(&table.definition.schema) else { return Ok(()) };
    let sql = "INSERT INTO ducklake_table(table_id, table_uuid, begin_snapshot, schema_id, table_name, path,
                                          path_is_relative) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let (name, folder) = (&table.definition.name, &table.folder);
    pen.run(
        sql,
        params![table.id, table.uuid, pen.snapshot(), schema.id, name, folder.name, folder.is_relative],
    )
}

fn insert_column(pen: &Pen<'_>, table: &Table, column: &ColumnDefinition) -> rusqlite::Result<()> {
    // DEFAULT is Redshift SQL, which DuckDB need not understand: it is in dwh_column. What DuckDB writes
    // where there is none is the text NULL.
    let sql = "INSERT INTO ducklake_column(column_id, begin_snapshot, table_id, column_order, column_name,
                   column_type, initial_default, default_value, nulls_allowed, default_value_type,
                   default_value_dialect)
               VALUES (?, ?, ?, ?, ?, ?, ?, 'NULL', ?, 'literal', 'duckdb')";
    pen.run(
        sql,
        params![
            column.id,
            pen.snapshot(),
            table.id,
            column.id,
            column.name,
            types::ducklake_type(column.data_type),
            table.initial_values.get(&column.id),
            column.nullable,
        ],
    )
}

fn end_column(pen: &Pen<'_>, table: &Table, column: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE ducklake_column SET end_snapshot = ?
               WHERE table_id = ? AND column_id = ? AND end_snapshot IS NULL";
    pen.run(sql, [pen.snapshot(), table.id, column])
}

fn column_comment(
    pen: &Pen<'_>,
    table: &Table,
    column: i64,
    old: Option<&str>,
    new: Option<&str>,
) -> rusqlite::Result<()> {
    if old == new {
        return Ok(());
    }
    let sql = "UPDATE ducklake_column_tag SET end_snapshot = ?
               WHERE table_id = ? AND column_id = ? AND key = 'comment' AND end_snapshot IS NULL";
    pen.run(sql, [pen.snapshot(), table.id, column])?;
    let Some(text) = new else { return Ok(()) };
    let sql = "INSERT INTO ducklake_column_tag(table_id, column_id, begin_snapshot, key, value)
               VALUES (?, ?, ?, 'comment', ?)";
    pen.run(sql, params![table.id, column, pen.snapshot(), text])
}

/// Our rows of a table, all anew: they hold the latest state only.
fn attribute_rows(pen: &Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    let definition = &table.definition;
    let kept = &definition.attributes;
    let (dist_style, dist_key) = attributes::dist_style(&kept.distribution);
    let (sort_style, sort_key) = attributes::sort_style(&kept.sort_key);
    let [primary_key, unique_keys, foreign_keys] = attributes::constraint_columns(&kept.constraints);
    pen.run("DELETE FROM dwh_table WHERE table_id = ?", [table.id])?;
    pen.run("DELETE FROM dwh_column WHERE table_id = ?", [table.id])?;
    pen.run("DELETE FROM dwh_materialized_view WHERE table_id = ?", [table.id])?;
    if let Some(query) = &definition.materialized {
        let sql = "INSERT INTO dwh_materialized_view(table_id, sql, auto_refresh, depends_on)
                   VALUES (?, ?, ?, ?)";
        let depends_on = json!(query.depends_on).to_string();
        pen.run(sql, params![table.id, query.sql, query.auto_refresh, depends_on])?;
    }
    let sql = "INSERT INTO dwh_table(table_id, created_at, dist_style, dist_key, sort_style, sort_key,
                   primary_key, unique_keys, foreign_keys, backup_no)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    pen.run(
        sql,
        params![
            table.id,
            time_text(table.created_at),
            dist_style,
            dist_key,
            sort_style,
            sort_key,
            primary_key,
            unique_keys,
            foreign_keys,
            kept.backup_no,
        ],
    )?;
    let sql = "INSERT INTO dwh_column(table_id, column_id, redshift_type, default_sql, identity_seed,
                   identity_step, identity_by_default, encoding, case_insensitive)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for column in &definition.columns {
        pen.run(
            sql,
            params![
                table.id,
                column.id,
                column.data_type.to_string(),
                column.default,
                column.identity.map(|identity| identity.seed),
                column.identity.map(|identity| identity.step),
                column.identity.map(|identity| identity.by_default),
                column.encoding,
                column.case_insensitive,
            ],
        )?;
    }
    Ok(())
}

fn schema_version(pen: &Pen<'_>, table: &Table) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version, table_id) VALUES (?, ?, ?)";
    pen.run(sql, [pen.snapshot(), pen.next.schema_version, table.id])
}
