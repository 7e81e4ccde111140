//! Who reads which system table, and which of its columns `*` shows.

use super::{PG_CATALOG, SystemTable};

/// Columns that `*` leaves out: `oid`, which is a system column on a cluster (RS 5.5), and what clients ask of
/// later PostgreSQL.
const HIDDEN: &[(&str, &[&str])] = &[
    ("pg_am", &["oid", "amtype"]),
    ("pg_attrdef", &["oid"]),
    (
        "pg_attribute",
        &[
            "attcollation",
            "attidentity",
            "attgenerated",
            "attacl",
            "attoptions",
            "attfdwoptions",
            "attcompression",
        ],
    ),
    (
        "pg_class",
        &[
            "oid",
            "tableoid",
            "relhastriggers",
            "relrowsecurity",
            "relforcerowsecurity",
            "reloftype",
            "relpersistence",
            "relreplident",
            "relispartition",
            "reloptions",
        ],
    ),
    ("pg_constraint", &["oid", "tableoid", "conindid", "conparentid", "convalidated", "conislocal"]),
    ("pg_cast", &["oid", "tableoid", "castmethod"]),
    ("pg_database", &["oid", "tableoid", "datcollate", "datctype", "datconnlimit"]),
    ("pg_default_acl", &["defaclrole"]),
    ("pg_index", &["oid", "indimmediate"]),
    ("pg_language", &["oid", "tableoid", "lanowner", "laninline"]),
    ("pg_namespace", &["oid", "tableoid"]),
    (
        "pg_proc",
        &["oid", "tableoid", "prokind", "proiswindow", "proallargtypes", "proargmodes", "proargdefaults"],
    ),
    ("pg_rewrite", &["oid", "tableoid"]),
    ("pg_operator", &["oid", "tableoid"]),
    ("pg_settings", &["boot_val"]),
    ("pg_tablespace", &["oid", "spcoptions"]),
    ("pg_trigger", &["oid", "tableoid"]),
    ("pg_type", &["oid", "tableoid", "typarray", "typcategory", "typcollation", "typacl"]),
    ("stv_blocklist", &["id"]),
];

/// Tables that only superusers read (each one's page in the guide).
const FOR_SUPERUSERS: &[&str] = &[
    "pg_shadow",
    "stl_analyze",
    "stl_commit_stats",
    "stl_connection_log",
    "stl_disk_full_diag",
    "stl_error",
    "stl_file_scan",
    "stl_tr_conflict",
    "stl_usage_control",
    "stl_userlog",
    "stl_vacuum",
    "stv_blocklist",
    "stv_cursor_configuration",
    "stv_locks",
    "stv_node_storage_capacity",
    "stv_partitions",
    "stv_tbl_perm",
    "stv_tbl_trans",
    "stv_wlm_classification_config",
    "stv_wlm_qmr_config",
    "stv_wlm_service_class_config",
    "stv_wlm_service_class_state",
    "svcs_concurrency_scaling_usage",
    "svl_auto_worker_action",
    "svl_query_queue_info",
    "svl_terminate",
    "svl_vacuum_percentage",
    "svv_alter_table_recommendations",
    "svv_diskusage",
    "svv_identity_providers",
    "svv_interleaved_columns",
    "svv_table_info",
    "svv_vacuum_progress",
    "svv_vacuum_summary",
    "sys_analyze_history",
    "sys_auto_table_optimization",
    "sys_automatic_optimization",
    "sys_connection_log",
    "sys_datashare_cross_region_usage",
    "sys_integration_activity",
    "sys_restore_log",
    "sys_restore_state",
    "sys_serverless_usage",
    "sys_transaction_history",
    "sys_udf_log",
    "sys_userlog",
];

impl SystemTable {
    /// Whether only superusers, and who has ACCESS SYSTEM TABLE, read it.
    pub(crate) fn is_for_superusers(&self) -> bool {
        FOR_SUPERUSERS.contains(&self.name)
    }

    /// The columns that `*` leaves out.
    pub(crate) fn hidden(&self) -> &'static [&'static str] {
        let found = HIDDEN.iter().find(|(name, _)| *name == self.name && self.schema == PG_CATALOG);
        found.map_or(&[], |(_, columns)| columns)
    }
}
