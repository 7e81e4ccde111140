//! Stored procedures, to and from their table.

use std::collections::BTreeMap;

use dwh_common::ArgumentMode;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::attributes::json_column;
use super::write::Pen;
use crate::access::{Argument, ProcedureDefinition, ProcedureId};

/// All of them; none in a warehouse that an earlier version made and nobody has written since.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<BTreeMap<ProcedureId, ProcedureDefinition>> {
    let mut found = BTreeMap::new();
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'dwh_procedure'";
    if connection.query_row(sql, [], |_| Ok(())).optional()?.is_none() {
        return Ok(found);
    }
    let mut statement = connection.prepare("SELECT * FROM dwh_procedure")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(procedure) = procedure(row)? {
            found.insert(row.get("procedure_id")?, procedure);
        }
    }
    Ok(found)
}

fn procedure(row: &Row<'_>) -> rusqlite::Result<Option<ProcedureDefinition>> {
    let written: Vec<(Option<String>, String, String)> =
        json_column(row, "arguments", |text| serde_json::from_str(text))?;
    let argument = |(name, mode, data_type): (Option<String>, String, String)| {
        let mode = ArgumentMode::from_name(&mode)?;
        Some(Argument { name, mode, data_type: data_type.parse().ok()? })
    };
    let Some(arguments) = written.into_iter().map(argument).collect() else { return Ok(None) };
    Ok(Some(ProcedureDefinition {
        schema: row.get("schema_name")?,
        name: row.get("name")?,
        arguments,
        nonatomic: row.get("nonatomic")?,
        security_definer: row.get("security_definer")?,
        settings: json_column(row, "settings", |text| serde_json::from_str(text))?,
        body: row.get("body")?,
    }))
}

/// Writes what differs.
pub(super) fn write(
    pen: &Pen<'_>,
    old: &BTreeMap<ProcedureId, ProcedureDefinition>,
    new: &BTreeMap<ProcedureId, ProcedureDefinition>,
) -> rusqlite::Result<()> {
    for id in old.keys().filter(|id| old.get(id) != new.get(id)) {
        pen.run("DELETE FROM dwh_procedure WHERE procedure_id = ?", [id])?;
    }
    for (id, procedure) in new.iter().filter(|(id, _)| old.get(id) != new.get(id)) {
        let argument = |argument: &Argument| {
            json!([argument.name, argument.mode.name(), argument.data_type.to_string()])
        };
        let arguments: Vec<_> = procedure.arguments.iter().map(argument).collect();
        let sql = "INSERT INTO dwh_procedure(procedure_id, schema_name, name, arguments, nonatomic,
                       security_definer, settings, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        pen.run(
            sql,
            params![
                id,
                procedure.schema,
                procedure.name,
                json!(arguments).to_string(),
                procedure.nonatomic,
                procedure.security_definer,
                json!(procedure.settings).to_string(),
                procedure.body,
            ],
        )?;
    }
    Ok(())
}
