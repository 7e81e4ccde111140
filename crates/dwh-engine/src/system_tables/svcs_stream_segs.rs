//! svcs_stream_segs: stl_stream_segs without the universal number of the query (the guide's page SVCS_STREAM_SEGS).

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;

use super::rows::Value;
use super::svcs::without;
use super::{PG_CATALOG, SystemTable, SystemView, stl_stream_segs};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svcs_stream_segs",
    columns: &[("userid", Integer), ("query", Integer), ("stream", Integer), ("segment", Integer)],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    without(view, &stl_stream_segs::TABLE, "query_uuid")
}
