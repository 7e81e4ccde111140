//! States that are never had here (the guide's pages STV_…).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp};

use super::{none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // Nothing is restored when a warehouse is opened, and intermediate results are not tables.
    stv_startup_recovery_state: db_id Integer, table_id Integer, table_name Char(137);
    stv_tbl_trans: slice Integer, id Integer, rows BigInt, size BigInt, query_id BigInt, ref_cnt Integer,
        from_suspended Integer, prep_swap Integer;

    // There is one queue without rules, in which nobody waits.
    stv_wlm_qmr_config: service_class Integer, rule_name Char(256), action Char(256), metric_name Char(256),
        metric_operator Char(256), metric_value Double, action_value Char(256);
    stv_wlm_query_queue_state: service_class Integer, position Integer, task Integer, query Integer,
        slot_count Integer, start_time Timestamp, queue_time BigInt;
};
