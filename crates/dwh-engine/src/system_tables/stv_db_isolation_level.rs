//! stv_db_isolation_level: how transactions of each database see one another (the guide's page
//! STV_DB_ISOLATION_LEVEL).

use dwh_common::RedshiftType::Char;
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_db_isolation_level",
    columns: &[("db_name", Char(128)), ("isolation_level", Char(20))],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![view.database.into(), isolation_level(view).into()]])
}

/// What ALTER DATABASE has set.
pub(super) fn isolation_level(view: &SystemView<'_>) -> String {
    let set = view.transaction.access().database.get("isolation_level");
    match set.map(String::as_str) {
        Some("serializable") => "Serializable".to_owned(),
        _ => "Snapshot Isolation".to_owned(),
    }
}
