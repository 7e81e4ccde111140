//! pg_timezone_names(): the names that time zones go by, with what holds in them now (guide, "TIMESTAMPTZ").

use chrono::{Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, TZ_VARIANTS};
use dwh_common::{RedshiftType, SqlError};

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_timezone_names",
    columns: &[("name", NAME), ("abbrev", NAME), ("utc_offset", NAME), ("is_dst", RedshiftType::Boolean)],
    rows,
};

fn rows(_: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let now = Utc::now().naive_utc();
    let row = |zone: &chrono_tz::Tz| {
        let offset = zone.offset_from_utc_datetime(&now);
        let seconds = i64::from(offset.fix().local_minus_utc());
        vec![
            zone.name().into(),
            offset.abbreviation().map_or(Value::Null, Value::from),
            interval_text(seconds).into(),
            (!offset.dst_offset().is_zero()).into(),
        ]
    };
    Ok(TZ_VARIANTS.iter().map(row).collect())
}

/// Seconds east of Greenwich as PostgreSQL prints an interval: `-03:30:00`.
pub(super) fn interval_text(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.abs();
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
