//! pg_settings: the parameters of the session.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_settings",
    columns: &[
        ("name", NAME),
        ("setting", RedshiftType::Varchar(65535)),
        ("category", NAME),
        ("short_desc", RedshiftType::Varchar(65535)),
        ("extra_desc", RedshiftType::Varchar(65535)),
        ("context", NAME),
        ("vartype", NAME),
        ("source", NAME),
        ("min_val", NAME),
        ("max_val", NAME),
        ("boot_val", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(name, value, default): (&str, &str, &str)| {
        let kind = if value.parse::<i64>().is_ok() { "integer" } else { "string" };
        vec![
            name.into(),
            value.into(),
            "Session".into(),
            Value::Null,
            Value::Null,
            "user".into(),
            kind.into(),
            "session".into(),
            Value::Null,
            Value::Null,
            default.into(),
        ]
    };
    let limits = [("max_index_keys", "32"), ("max_identifier_length", "127")]
        .map(|(name, value)| (name, value, value));
    let mut rows: Vec<_> = view.settings.all_with_defaults().chain(limits).map(row).collect();
    rows.sort_by(|a, b| format!("{:?}", a[0]).cmp(&format!("{:?}", b[0])));
    Ok(rows)
}
