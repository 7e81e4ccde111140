//! stl_analyze: the tables that ANALYZE was asked for (the guide's page STL_ANALYZE). Statistics are exact at all times:
//! rows are counted as they are, changes since the last ANALYZE are not.

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::log_rows::analyses;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_analyze",
    columns: &[
        ("userid", Integer),
        ("xid", BigInt),
        ("database", Char(30)),
        ("table_id", Integer),
        ("status", Char(15)),
        ("rows", Double),
        ("modified_rows", Double),
        ("threshold_percent", Integer),
        ("is_auto", Char(1)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("prevtime", Timestamp),
        ("num_predicate_cols", Integer),
        ("num_new_predicate_cols", Integer),
        ("is_background", Char(1)),
        ("auto_analyze_phase", Char(100)),
        ("schema_name", Char(128)),
        ("table_name", Char(136)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let all = analyses(view)?;
    let mut rows = Vec::with_capacity(all.len());
    for (place, done) in all.iter().enumerate() {
        let before = all[..place].iter().rfind(|before| before.table_id == done.table_id);
        rows.push(vec![
            done.user_id.into(),
            done.transaction_id.into(),
            done.database.clone().into(),
            relation_oid(done.table_id).into(),
            "Full".into(),
            ((done.after.rows - done.after.deleted_rows) as f64).into(),
            Value::Null,
            Value::Null,
            "f".into(),
            done.started_at.into(),
            done.ended_at.into(),
            before.map(|before| before.ended_at).into(),
            Value::Null,
            Value::Null,
            "f".into(),
            Value::Null,
            done.schema_name.clone().into(),
            done.table_name.clone().into(),
        ]);
    }
    Ok(rows)
}
