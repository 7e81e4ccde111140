//! sys_mv_refresh_history: the refreshes that were asked for (the guide's page SYS_MV_REFRESH_HISTORY).

use dwh_common::RedshiftType::{self, BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_sql::statement::Statement;
use dwh_storage::{StatementClass, StatementRecord, StatementStatus};

use super::log_rows::{ended, micros};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_mv_refresh_history",
    columns: &[
        ("user_id", Integer),
        ("session_id", Integer),
        ("transaction_id", BigInt),
        ("database_name", Char(128)),
        ("schema_name", Char(128)),
        ("mv_name", Char(128)),
        ("refresh_type", Char(32)),
        ("status", TEXT),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("duration", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(ended(view)?.into_iter().filter_map(row).collect())
}

fn row(statement: StatementRecord) -> Option<Vec<Value>> {
    if statement.class != StatementClass::Utility || !starts_with_refresh(&statement.text) {
        return None;
    }
    let parsed = dwh_sql::parse(&statement.text).ok()?.pop()?;
    let Statement::RefreshMaterializedView { name, .. } = parsed.statement else { return None };
    let status = match statement.status {
        StatementStatus::Success => "Refresh successfully recomputed MV from scratch".to_owned(),
        _ => format!("Refresh failed. {}", statement.error_message.unwrap_or_default()),
    };
    Some(vec![
        statement.user_id.into(),
        statement.session_id.into(),
        statement.transaction_id.into(),
        statement.database.into(),
        name.schema.unwrap_or_else(|| "public".to_owned()).into(),
        name.name.into(),
        "Manual".into(),
        status.into(),
        statement.started_at.into(),
        statement.ended_at.into(),
        micros(statement.started_at, statement.ended_at).into(),
    ])
}

fn starts_with_refresh(text: &str) -> bool {
    text.trim_start().get(..7).is_some_and(|word| word.eq_ignore_ascii_case("refresh"))
}
