//! svcs_alert_event_log: stl_alert_event_log without its slices (the guide's page SVCS_ALERT_EVENT_LOG).

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::svcs::without;
use super::{PG_CATALOG, SystemTable, SystemView, stl_alert_event_log};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svcs_alert_event_log",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("segment", Integer),
        ("step", Integer),
        ("pid", Integer),
        ("xid", BigInt),
        ("event", Char(1024)),
        ("solution", Char(1024)),
        ("event_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    without(view, &stl_alert_event_log::TABLE, "slice")
}
