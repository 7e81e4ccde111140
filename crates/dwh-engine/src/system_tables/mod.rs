//! System tables and views with Redshift's names, columns and order (RS 2, 5.3), one a file. They are
//! made anew whenever a statement reads them, from what its transaction sees.

pub(crate) mod built_in;
pub(crate) mod catalog;
pub(crate) mod encodings;
mod info_columns;
mod info_constraint_column_usage;
mod info_key_column_usage;
mod info_referential_constraints;
mod info_schemata;
mod info_table_constraints;
mod info_tables;
mod info_views;
mod key_index;
mod log_rows;
mod pg_am;
mod pg_attrdef;
mod pg_attribute;
mod pg_cast;
mod pg_class;
mod pg_class_info;
mod pg_conf;
mod pg_constraint;
mod pg_database;
mod pg_database_info;
mod pg_default_acl;
mod pg_depend;
mod pg_description;
mod pg_group;
mod pg_index;
mod pg_indexes;
mod pg_language;
mod pg_late_binding_view_cols;
mod pg_locks;
mod pg_namespace;
mod pg_proc;
mod pg_proc_info;
mod pg_rewrite;
mod pg_roles;
mod pg_settings;
mod pg_shadow;
mod pg_stat_activity;
mod pg_statistic_indicator;
mod pg_table_def;
mod pg_tables;
mod pg_tablespace;
mod pg_timezone_abbrevs;
mod pg_timezone_names;
mod pg_type;
mod pg_user;
mod pg_user_info;
mod pg_views;
mod privileges;
mod query_metrics;
pub(crate) mod relations;
pub(crate) mod rows;
mod step_tables;
mod stl_alert_event_log;
mod stl_analyze;
mod stl_analyze_compression;
mod stl_commit_stats;
mod stl_connection_log;
mod stl_ddltext;
mod stl_error;
mod stl_explain;
mod stl_file_scan;
mod stl_load_commits;
mod stl_load_errors;
mod stl_loaderror_detail;
mod stl_mv_state;
mod stl_parse;
mod stl_plan_info;
mod stl_query;
mod stl_query_metrics;
mod stl_querytext;
mod stl_replacements;
mod stl_s3client;
mod stl_s3client_error;
mod stl_sessions;
mod stl_stream_segs;
mod stl_tr_conflict;
mod stl_undone;
mod stl_unload_log;
mod stl_userlog;
mod stl_utilitytext;
mod stl_vacuum;
mod stl_wlm_query;
mod stv_active_cursors;
mod stv_blocklist;
mod stv_cursor_configuration;
mod stv_db_isolation_level;
mod stv_exec_state;
mod stv_inflight;
mod stv_load_state;
mod stv_locks;
mod stv_mv_deps;
mod stv_mv_info;
mod stv_node_storage_capacity;
mod stv_partitions;
mod stv_query_metrics;
mod stv_recents;
mod stv_sessions;
mod stv_slices;
mod stv_tbl_perm;
mod stv_wlm_classification_config;
mod stv_wlm_query_state;
mod stv_wlm_query_task_state;
mod stv_wlm_service_class_config;
mod stv_wlm_service_class_state;
mod svcs;
mod svcs_alert_event_log;
mod svcs_stream_segs;
mod svcs_unload_log;
mod svl_multi_statement_violations;
mod svl_mv_refresh_status;
mod svl_qlog;
mod svl_query_metrics;
mod svl_query_metrics_summary;
mod svl_query_queue_info;
mod svl_query_report;
mod svl_query_summary;
mod svl_statementtext;
mod svl_stored_proc_call;
mod svl_stored_proc_messages;
mod svl_terminate;
mod svl_user_info;
mod svl_vacuum_percentage;
mod svv_all_columns;
mod svv_all_schemas;
mod svv_all_tables;
mod svv_attached_masking_policy;
mod svv_column_privileges;
mod svv_columns;
mod svv_database_privileges;
mod svv_default_privileges;
mod svv_diskusage;
mod svv_function_privileges;
mod svv_interleaved_columns;
mod svv_language_privileges;
mod svv_masking_policy;
mod svv_mv_dependency;
mod svv_mv_info;
mod svv_query_inflight;
mod svv_query_state;
mod svv_redshift_columns;
mod svv_redshift_databases;
mod svv_redshift_functions;
mod svv_redshift_schemas;
mod svv_redshift_tables;
mod svv_relation_privileges;
mod svv_rls_attached_policy;
mod svv_rls_policy;
mod svv_rls_relation;
mod svv_role_grants;
mod svv_roles;
mod svv_schema_privileges;
mod svv_schema_quota_state;
mod svv_system_privileges;
mod svv_table_info;
mod svv_tables;
mod svv_transactions;
mod svv_user_grants;
mod svv_user_info;
mod svv_vacuum_progress;
mod svv_vacuum_summary;
mod sys_analyze_compression_history;
mod sys_analyze_history;
mod sys_connection_log;
mod sys_copy_replacements;
mod sys_load_detail;
mod sys_load_error_detail;
mod sys_load_history;
mod sys_mv_refresh_history;
mod sys_mv_state;
mod sys_procedure_call;
mod sys_procedure_messages;
mod sys_query_detail;
mod sys_query_explain;
mod sys_query_history;
mod sys_query_text;
mod sys_session_history;
mod sys_transaction_history;
mod sys_unload_detail;
mod sys_unload_history;
mod sys_userlog;
mod sys_vacuum_history;
pub(crate) mod types;
mod view;
mod visibility;
mod without_rows;

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use datafusion::datasource::{MemTable, TableProvider};
use dwh_common::{RedshiftType, SqlError};

pub(crate) use pg_proc::{argument_oid, function_oid};
use rows::Value;
pub(crate) use svv_columns::{describe, sizes};
pub(crate) use view::SystemView;

/// A system table.
pub(crate) struct SystemTable {
    pub(crate) schema: &'static str,
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, RedshiftType)],
    /// Its rows, the values in the order of `columns`.
    rows: fn(&SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError>,
}

impl SystemTable {
    /// Its rows with these of its columns, in this order: what a view with other names for them shows.
    pub(crate) fn picked(
        &self,
        columns: &[&str],
        view: &SystemView<'_>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        let rows = (self.rows)(view)?;
        Ok(rows.into_iter().map(|row| self.pick(columns, &row)).collect())
    }

    fn pick(&self, columns: &[&str], row: &[Value]) -> Vec<Value> {
        let value = |name: &&str| {
            let place = self.columns.iter().position(|(of_table, _)| of_table == name);
            debug_assert!(place.is_some(), "{} has no column {name}", self.name);
            row.get(place?).cloned()
        };
        columns.iter().map(|name| value(name).unwrap_or(Value::Null)).collect()
    }
}

/// Those of a file of their own.
const ALL: &[&SystemTable] = &[
    &info_columns::TABLE,
    &info_constraint_column_usage::TABLE,
    &info_key_column_usage::TABLE,
    &info_referential_constraints::TABLE,
    &info_schemata::TABLE,
    &info_table_constraints::TABLE,
    &info_tables::TABLE,
    &info_views::TABLE,
    &pg_am::TABLE,
    &pg_attrdef::TABLE,
    &pg_attribute::TABLE,
    &pg_cast::TABLE,
    &pg_class::TABLE,
    &pg_class_info::TABLE,
    &pg_conf::TABLE,
    &pg_constraint::TABLE,
    &pg_database::TABLE,
    &pg_database_info::TABLE,
    &pg_default_acl::TABLE,
    &pg_depend::TABLE,
    &pg_description::TABLE,
    &pg_group::TABLE,
    &pg_index::TABLE,
    &pg_indexes::TABLE,
    &pg_language::TABLE,
    &pg_late_binding_view_cols::TABLE,
    &pg_locks::TABLE,
    &pg_namespace::TABLE,
    &pg_proc::TABLE,
    &pg_proc_info::TABLE,
    &pg_rewrite::TABLE,
    &pg_roles::TABLE,
    &pg_settings::TABLE,
    &pg_shadow::TABLE,
    &pg_stat_activity::TABLE,
    &pg_statistic_indicator::TABLE,
    &pg_table_def::TABLE,
    &pg_tables::TABLE,
    &pg_tablespace::TABLE,
    &pg_timezone_abbrevs::TABLE,
    &pg_timezone_names::TABLE,
    &pg_type::TABLE,
    &pg_user::TABLE,
    &pg_user_info::TABLE,
    &pg_views::TABLE,
    &stl_alert_event_log::TABLE,
    &stl_analyze::TABLE,
    &stl_analyze_compression::TABLE,
    &stl_commit_stats::TABLE,
    &stl_connection_log::TABLE,
    &stl_ddltext::TABLE,
    &stl_error::TABLE,
    &stl_explain::TABLE,
    &stl_file_scan::TABLE,
    &stl_load_commits::TABLE,
    &stl_load_errors::TABLE,
    &stl_loaderror_detail::TABLE,
    &stl_mv_state::TABLE,
    &stl_parse::TABLE,
    &stl_plan_info::TABLE,
    &stl_query::TABLE,
    &stl_query_metrics::TABLE,
    &stl_querytext::TABLE,
    &stl_replacements::TABLE,
    &stl_s3client::TABLE,
    &stl_s3client_error::TABLE,
    &stl_sessions::TABLE,
    &stl_stream_segs::TABLE,
    &stl_tr_conflict::TABLE,
    &stl_undone::TABLE,
    &stl_unload_log::TABLE,
    &stl_userlog::TABLE,
    &stl_utilitytext::TABLE,
    &stl_vacuum::TABLE,
    &stl_wlm_query::TABLE,
    &stv_active_cursors::TABLE,
    &stv_blocklist::TABLE,
    &stv_cursor_configuration::TABLE,
    &stv_db_isolation_level::TABLE,
    &stv_exec_state::TABLE,
    &stv_inflight::TABLE,
    &stv_load_state::TABLE,
    &stv_locks::TABLE,
    &stv_mv_deps::TABLE,
    &stv_mv_info::TABLE,
    &stv_node_storage_capacity::TABLE,
    &stv_partitions::TABLE,
    &stv_query_metrics::TABLE,
    &stv_recents::TABLE,
    &stv_sessions::TABLE,
    &stv_slices::TABLE,
    &stv_tbl_perm::TABLE,
    &stv_wlm_classification_config::TABLE,
    &stv_wlm_query_state::TABLE,
    &stv_wlm_query_task_state::TABLE,
    &stv_wlm_service_class_config::TABLE,
    &stv_wlm_service_class_state::TABLE,
    &svcs::EXPLAIN,
    &svcs::PLAN_INFO,
    &svcs::QUERY_SUMMARY,
    &svcs_alert_event_log::TABLE,
    &svcs_stream_segs::TABLE,
    &svcs_unload_log::TABLE,
    &svl_multi_statement_violations::TABLE,
    &svl_mv_refresh_status::TABLE,
    &svl_qlog::TABLE,
    &svl_query_metrics::TABLE,
    &svl_query_metrics_summary::TABLE,
    &svl_query_queue_info::TABLE,
    &svl_query_report::TABLE,
    &svl_query_summary::TABLE,
    &svl_statementtext::TABLE,
    &svl_stored_proc_call::TABLE,
    &svl_stored_proc_messages::TABLE,
    &svl_terminate::TABLE,
    &svl_user_info::TABLE,
    &svl_vacuum_percentage::TABLE,
    &svv_all_columns::TABLE,
    &svv_all_schemas::TABLE,
    &svv_all_tables::TABLE,
    &svv_attached_masking_policy::TABLE,
    &svv_column_privileges::TABLE,
    &svv_columns::TABLE,
    &svv_database_privileges::TABLE,
    &svv_default_privileges::TABLE,
    &svv_diskusage::TABLE,
    &svv_function_privileges::TABLE,
    &svv_interleaved_columns::TABLE,
    &svv_language_privileges::TABLE,
    &svv_masking_policy::TABLE,
    &svv_mv_dependency::TABLE,
    &svv_mv_info::TABLE,
    &svv_query_inflight::TABLE,
    &svv_query_state::TABLE,
    &svv_redshift_columns::TABLE,
    &svv_redshift_databases::TABLE,
    &svv_redshift_functions::TABLE,
    &svv_redshift_schemas::TABLE,
    &svv_redshift_tables::TABLE,
    &svv_relation_privileges::TABLE,
    &svv_rls_attached_policy::TABLE,
    &svv_rls_policy::TABLE,
    &svv_rls_relation::TABLE,
    &svv_role_grants::TABLE,
    &svv_roles::TABLE,
    &svv_schema_privileges::TABLE,
    &svv_schema_quota_state::TABLE,
    &svv_system_privileges::TABLE,
    &svv_table_info::TABLE,
    &svv_tables::TABLE,
    &svv_transactions::TABLE,
    &svv_user_grants::TABLE,
    &svv_user_info::TABLE,
    &svv_vacuum_progress::TABLE,
    &svv_vacuum_summary::TABLE,
    &sys_analyze_compression_history::TABLE,
    &sys_analyze_history::TABLE,
    &sys_connection_log::TABLE,
    &sys_copy_replacements::TABLE,
    &sys_load_detail::TABLE,
    &sys_load_error_detail::TABLE,
    &sys_load_history::TABLE,
    &sys_mv_refresh_history::TABLE,
    &sys_mv_state::TABLE,
    &sys_procedure_call::TABLE,
    &sys_procedure_messages::TABLE,
    &sys_query_detail::TABLE,
    &sys_query_explain::TABLE,
    &sys_query_history::TABLE,
    &sys_query_text::TABLE,
    &sys_session_history::TABLE,
    &sys_transaction_history::TABLE,
    &sys_unload_detail::TABLE,
    &sys_unload_history::TABLE,
    &sys_userlog::TABLE,
    &sys_vacuum_history::TABLE,
];

/// The schema of all system tables but the standard's own.
pub(crate) const PG_CATALOG: &str = "pg_catalog";
/// The schema of the SQL standard.
pub(crate) const INFORMATION_SCHEMA: &str = "information_schema";

/// All system tables.
fn all() -> impl Iterator<Item = &'static SystemTable> {
    ALL.iter().copied().chain(step_tables::TABLES).chain(without_rows::all())
}

/// The system table of that name.
pub(crate) fn find(schema: &str, name: &str) -> Option<&'static SystemTable> {
    all().find(|table| table.schema == schema && table.name == name)
}

/// Whether a schema belongs to the system.
pub(crate) fn is_system_schema(schema: &str) -> bool {
    schema == PG_CATALOG || schema == INFORMATION_SCHEMA
}

impl SystemTable {
    /// Whether a cluster's compute nodes have it: the logs and states, not the catalog.
    pub(crate) fn is_of_compute_nodes(&self) -> bool {
        ["stl_", "stv_", "svl_", "sys_"].iter().any(|start| self.name.starts_with(start))
            || matches!(self.name, "svv_diskusage" | "svv_table_info")
    }

    /// Arrow schema of the rows.
    pub(crate) fn arrow_schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|(name, data_type)| data_type.field(*name, true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The table as it is now.
    pub(crate) fn provider(&self, view: &SystemView<'_>) -> Result<Arc<dyn TableProvider>, SqlError> {
        let schema = self.arrow_schema();
        let batch = rows::batch(&schema, (self.rows)(view)?)
            .map_err(|error| SqlError::internal(format!("system table {}: {error}", self.name)))?;
        let table = MemTable::try_new(schema, vec![vec![batch]])
            .map_err(|error| SqlError::internal(format!("system table {}: {error}", self.name)))?;
        Ok(Arc::new(table))
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().map(|table| (table.schema, table.name)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
