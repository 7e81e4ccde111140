//! stv_load_state: how far the COPYs that run are (the guide's page STV_LOAD_STATE). The slices load together; slice 0
//! stands for them. Bytes are those that are stored, compressed or not.

use chrono::Utc;
use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::log_rows::running;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::statement_log::Running;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_load_state",
    columns: &[
        ("userid", Integer),
        ("session", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("pid", Integer),
        ("recordtime", Timestamp),
        ("bytes_to_load", BigInt),
        ("bytes_loaded", BigInt),
        ("bytes_to_load_compressed", BigInt),
        ("bytes_loaded_compressed", BigInt),
        ("lines", Integer),
        ("num_files", Integer),
        ("num_files_complete", Integer),
        ("current_file", Char(256)),
        ("pct_complete", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |running: &Running| {
        let copied = running.copied()?;
        let now = running.now();
        let percent = (copied.bytes_done.min(copied.bytes_total) * 100).checked_div(copied.bytes_total);
        Some(vec![
            now.user_id.into(),
            now.session_id.into(),
            now.query_id.into(),
            0.into(),
            now.session_id.into(),
            Utc::now().into(),
            copied.bytes_total.into(),
            copied.bytes_done.into(),
            0.into(),
            0.into(),
            copied.rows.into(),
            copied.objects_total.into(),
            copied.objects_done.into(),
            "".into(),
            percent.unwrap_or_default().into(),
        ])
    };
    Ok(running(view).iter().filter_map(|running| row(running)).collect())
}
