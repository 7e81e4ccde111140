//! stv_wlm_classification_config: every query goes to the one queue (the guide's page STV_WLM_CLASSIFICATION_CONFIG).

use dwh_common::RedshiftType::{Char, Integer};
use dwh_common::SqlError;

use super::log_rows::DEFAULT_QUEUE;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stv_wlm_classification_config",
    columns: &[
        ("id", Integer),
        ("condition", Char(128)),
        ("action_seq", Integer),
        ("action", Char(64)),
        ("action_service_class", Integer),
    ],
    rows,
};

fn rows(_view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(vec![vec![1.into(), "(querytype: any)".into(), 0.into(), "assign".into(), DEFAULT_QUEUE.into()]])
}
