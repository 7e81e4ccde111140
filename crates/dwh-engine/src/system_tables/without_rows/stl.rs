//! Logs of what never happens here (the guide's pages STL_…).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp};

use super::{none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // Nothing of the kind happens here: sessions are not moved, no quota or limit is enforced, nothing is
    // read over SSH.
    stl_disk_full_diag: currenttime BigInt, node_num BigInt, query_id BigInt, temp_blocks BigInt;
    stl_restarted_sessions: currenttime Timestamp, dbname Char(50), newpid Integer, oldpid Integer,
        username Char(50), remotehost Char(45), remoteport Char(32), parkedtime Timestamp,
        session_vars Char(2000);
    stl_schema_quota_violations: ownerid Integer, xid BigInt, pid Integer, userid Integer,
        schema_id Integer, schema_name Char(128), quota Integer, disk_usage Integer, disk_usage_pct Double,
        timestamp Timestamp;
    stl_sshclient_error: userid Integer, query Integer, slice Integer, recordtime Timestamp, pid Integer,
        ssh_username Char(1024), endpoint Char(1024), command Char(4096), error Char(1024);
    stl_usage_control: eventtime Timestamp, query Integer, xid BigInt, pid Integer, usage_limit_id Char(40),
        feature_type Char(30);

    // There is one queue without rules.
    stl_wlm_error: userid Integer, recordtime Timestamp, pid Integer, error_string Char(256);
    stl_wlm_rule_action: userid Integer, query Integer, service_class Integer, rule Char(256),
        action Char(256), recordtime Timestamp, action_value Char(256), service_class_name Char(64);

    // Rows are not sent to all slices: the slices share their memory.
    stl_bcast: userid Integer, query Integer, slice Integer, segment Integer, step Integer,
        starttime Timestamp, endtime Timestamp, tasknum Integer, rows BigInt, bytes BigInt, packets Integer;
};
