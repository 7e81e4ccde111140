//! stl_mv_state: what happened to the tables below materialized views (the guide's page STL_MV_STATE). Made from the log of
//! statements and the views as they are now.

use dwh_common::RedshiftType::{BigInt, Char, Timestamp};
use dwh_common::SqlError;
use dwh_sql::statement::{AlterTableAction, AttributeSpec, Statement, TableName};
use dwh_storage::{StatementRecord, StatementStatus};

use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const RECOMPUTE: &str = "Recompute";
const UNREFRESHABLE: &str = "Unrefreshable";

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_mv_state",
    columns: &[
        ("userid", BigInt),
        ("starttime", Timestamp),
        ("xid", BigInt),
        ("event_desc", Char(500)),
        ("db_name", Char(128)),
        ("base_table_schema", Char(128)),
        ("base_table_name", Char(128)),
        ("mv_schema", Char(128)),
        ("mv_name", Char(128)),
        ("state", Char(32)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let tables = view.transaction.tables();
    let materialized: Vec<_> =
        tables.iter().filter(|table| table.definition.materialized.is_some()).collect();
    if materialized.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for statement in ended(view)? {
        let Some((table, event, state)) = event(&statement) else { continue };
        let schema = table.schema.as_deref().unwrap_or("public");
        for made in &materialized {
            let query = made.definition.materialized.as_ref();
            let reads = query.is_some_and(|query| {
                query.depends_on.iter().any(|(s, name)| s == schema && *name == table.name)
            });
            if reads {
                rows.push(vec![
                    statement.user_id.into(),
                    statement.started_at.into(),
                    statement.transaction_id.into(),
                    event.into(),
                    statement.database.clone().into(),
                    schema.into(),
                    table.name.clone().into(),
                    made.definition.schema.clone().into(),
                    made.definition.name.clone().into(),
                    state.into(),
                ]);
            }
        }
    }
    Ok(rows)
}

/// What a statement did to a table, and what that means for views of it.
fn event(statement: &StatementRecord) -> Option<(TableName, &'static str, &'static str)> {
    let word = statement.text.split_whitespace().next()?;
    let may_be = ["truncate", "alter", "vacuum"].iter().any(|known| word.eq_ignore_ascii_case(known));
    if !may_be || statement.status != StatementStatus::Success {
        return None;
    }
    match dwh_sql::parse(&statement.text).ok()?.pop()?.statement {
        Statement::Truncate(table) => Some((table, "TRUNCATE", RECOMPUTE)),
        Statement::Vacuum(table) => Some((table?, "Vacuum", RECOMPUTE)),
        Statement::AlterTable { table, action } => {
            let (event, state) = match action {
                AlterTableAction::DropColumn { .. } => ("Column was dropped", UNREFRESHABLE),
                AlterTableAction::RenameColumn { .. } => ("Column was renamed", UNREFRESHABLE),
                AlterTableAction::AlterType { .. } => ("Column type was changed", UNREFRESHABLE),
                AlterTableAction::AlterAttributes(AttributeSpec { distribution: Some(_), .. }) => {
                    ("ALTER TABLE ALTER DISTSTYLE", RECOMPUTE)
                }
                AlterTableAction::AlterAttributes(_) => ("ALTER TABLE ALTER SORTKEY", RECOMPUTE),
                _ => return None,
            };
            Some((table, event, state))
        }
        _ => None,
    }
}
