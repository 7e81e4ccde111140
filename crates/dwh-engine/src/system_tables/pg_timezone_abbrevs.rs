//! pg_timezone_abbrevs(): the abbreviations of time zones, which are fixed offsets (guide, "TIMESTAMPTZ").

use dwh_common::{RedshiftType, SqlError};

use super::pg_timezone_names::interval_text;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::functions::datetime::zone::ABBREVIATIONS;

/// Abbreviations of daylight saving times.
const SUMMER_TIMES: &[&str] =
    &["adt", "aedt", "akdt", "bst", "cdt", "cest", "edt", "eest", "mdt", "nzdt", "pdt", "west"];

const TEXT: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_timezone_abbrevs",
    columns: &[("abbrev", TEXT), ("utc_offset", TEXT), ("is_dst", RedshiftType::Boolean)],
    rows,
};

fn rows(_: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(name, seconds): &(&str, i64)| {
        let is_dst = SUMMER_TIMES.contains(name);
        vec![name.to_uppercase().into(), interval_text(*seconds).into(), is_dst.into()]
    };
    Ok(ABBREVIATIONS.iter().map(row).collect())
}
