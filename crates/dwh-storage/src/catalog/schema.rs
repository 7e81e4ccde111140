//! The tables of the catalog: DuckLake's, as DuckDB itself creates them in SQLite, and ours beside them.

/// DuckLake 1.0 (<https://ducklake.select/docs/stable/specification/tables/overview>), declared as the
/// `ducklake` extension of DuckDB 1.5 declares it.
pub(crate) const DUCKLAKE_TABLES: &str = r#"
    CREATE TABLE ducklake_metadata(
        "key" VARCHAR NOT NULL, "value" VARCHAR NOT NULL, "scope" VARCHAR, scope_id BIGINT);
    CREATE TABLE ducklake_snapshot(
        snapshot_id BIGINT PRIMARY KEY, snapshot_time VARCHAR, schema_version BIGINT,
        next_catalog_id BIGINT, next_file_id BIGINT);
    CREATE TABLE ducklake_snapshot_changes(
        snapshot_id BIGINT PRIMARY KEY, changes_made VARCHAR, author VARCHAR, commit_message VARCHAR,
        commit_extra_info VARCHAR);
    CREATE TABLE ducklake_schema(
        schema_id BIGINT PRIMARY KEY, schema_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT,
        schema_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
    CREATE TABLE ducklake_table(
        table_id BIGINT, table_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT,
        table_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
    CREATE TABLE ducklake_view(
        view_id BIGINT, view_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT,
        view_name VARCHAR, dialect VARCHAR, "sql" VARCHAR, column_aliases VARCHAR);
    CREATE TABLE ducklake_tag(
        object_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, "key" VARCHAR, "value" VARCHAR);
    CREATE TABLE ducklake_column_tag(
        table_id BIGINT, column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, "key" VARCHAR,
        "value" VARCHAR);
    CREATE TABLE ducklake_data_file(
        data_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT,
        file_order BIGINT, path VARCHAR, path_is_relative BIGINT, file_format VARCHAR,
        record_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, row_id_start BIGINT,
        partition_id BIGINT, encryption_key VARCHAR, mapping_id BIGINT, partial_max BIGINT);
    CREATE TABLE ducklake_file_column_stats(
        data_file_id BIGINT, table_id BIGINT, column_id BIGINT, column_size_bytes BIGINT,
        value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BIGINT,
        extra_stats VARCHAR);
    CREATE TABLE ducklake_file_variant_stats(
        data_file_id BIGINT, table_id BIGINT, column_id BIGINT, variant_path VARCHAR,
        shredded_type VARCHAR, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT,
        min_value VARCHAR, max_value VARCHAR, contains_nan BIGINT, extra_stats VARCHAR);
    CREATE TABLE ducklake_delete_file(
        delete_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT,
        data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, format VARCHAR, delete_count BIGINT,
        file_size_bytes BIGINT, footer_size BIGINT, encryption_key VARCHAR, partial_max BIGINT);
    CREATE TABLE ducklake_column(
        column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, table_id BIGINT,
        column_order BIGINT, column_name VARCHAR, column_type VARCHAR, initial_default VARCHAR,
        default_value VARCHAR, nulls_allowed BIGINT, parent_column BIGINT, default_value_type VARCHAR,
        default_value_dialect VARCHAR);
    CREATE TABLE ducklake_table_stats(
        table_id BIGINT, record_count BIGINT, next_row_id BIGINT, file_size_bytes BIGINT);
    CREATE TABLE ducklake_table_column_stats(
        table_id BIGINT, column_id BIGINT, contains_null BIGINT, contains_nan BIGINT, min_value VARCHAR,
        max_value VARCHAR, extra_stats VARCHAR);
    CREATE TABLE ducklake_partition_info(
        partition_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
    CREATE TABLE ducklake_partition_column(
        partition_id BIGINT, table_id BIGINT, partition_key_index BIGINT, column_id BIGINT,
        "transform" VARCHAR);
    CREATE TABLE ducklake_file_partition_value(
        data_file_id BIGINT, table_id BIGINT, partition_key_index BIGINT, partition_value VARCHAR);
    CREATE TABLE ducklake_files_scheduled_for_deletion(
        data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, schedule_start VARCHAR);
    CREATE TABLE ducklake_inlined_data_tables(table_id BIGINT, table_name VARCHAR, schema_version BIGINT);
    CREATE TABLE ducklake_column_mapping(mapping_id BIGINT, table_id BIGINT, "type" VARCHAR);
    CREATE TABLE ducklake_name_mapping(
        mapping_id BIGINT, column_id BIGINT, source_name VARCHAR, target_field_id BIGINT,
        parent_column BIGINT, is_partition BIGINT);
    CREATE TABLE ducklake_schema_versions(begin_snapshot BIGINT, schema_version BIGINT, table_id BIGINT);
    CREATE TABLE ducklake_macro(
        schema_id BIGINT, macro_id BIGINT, macro_name VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT);
    CREATE TABLE ducklake_macro_impl(
        macro_id BIGINT, impl_id BIGINT, dialect VARCHAR, "sql" VARCHAR, "type" VARCHAR);
    CREATE TABLE ducklake_macro_parameters(
        macro_id BIGINT, impl_id BIGINT, column_id BIGINT, parameter_name VARCHAR, parameter_type VARCHAR,
        default_value VARCHAR, default_value_type VARCHAR);
    CREATE TABLE ducklake_sort_info(
        sort_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
    CREATE TABLE ducklake_sort_expression(
        sort_id BIGINT, table_id BIGINT, sort_key_index BIGINT, expression VARCHAR, dialect VARCHAR,
        sort_direction VARCHAR, null_order VARCHAR);
"#;

/// What Redshift knows and DuckLake has no place for. These hold the latest state only, so a reader takes
/// them in the same SQLite transaction as the rest.
pub(crate) const DWH_TABLES: &str = r#"
    CREATE TABLE dwh_table(
        table_id INTEGER PRIMARY KEY, created_at TEXT NOT NULL,
        dist_style TEXT NOT NULL, dist_key TEXT,
        sort_style TEXT NOT NULL, sort_key TEXT NOT NULL,
        primary_key TEXT NOT NULL, unique_keys TEXT NOT NULL, foreign_keys TEXT NOT NULL,
        backup_no INTEGER NOT NULL);
    CREATE TABLE dwh_column(
        table_id INTEGER NOT NULL, column_id INTEGER NOT NULL,
        redshift_type TEXT NOT NULL, default_sql TEXT,
        identity_seed INTEGER, identity_step INTEGER, identity_by_default INTEGER,
        encoding TEXT, case_insensitive INTEGER NOT NULL,
        PRIMARY KEY (table_id, column_id)) WITHOUT ROWID;
    CREATE TABLE dwh_identity(
        table_id INTEGER NOT NULL, column_id INTEGER NOT NULL, next_value INTEGER NOT NULL,
        PRIMARY KEY (table_id, column_id)) WITHOUT ROWID;
    CREATE TABLE dwh_view(
        view_id INTEGER PRIMARY KEY, created_at TEXT NOT NULL,
        column_names TEXT NOT NULL, column_types TEXT NOT NULL,
        late_binding INTEGER NOT NULL, depends_on TEXT NOT NULL);
    CREATE INDEX dwh_file_statistics ON ducklake_file_column_stats(data_file_id);
    CREATE TABLE dwh_load(
        query_id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL, database TEXT NOT NULL,
        table_schema TEXT NOT NULL, table_name TEXT NOT NULL, table_id INTEGER NOT NULL,
        status TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,
        query_text TEXT NOT NULL, data_source TEXT NOT NULL, file_format TEXT NOT NULL,
        loaded_rows INTEGER NOT NULL, loaded_bytes INTEGER NOT NULL,
        source_file_count INTEGER NOT NULL, source_file_bytes INTEGER NOT NULL,
        error_count INTEGER NOT NULL);
    CREATE TABLE dwh_load_error(
        load_error_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, slice INTEGER NOT NULL,
        table_id INTEGER NOT NULL, started_at TEXT NOT NULL, session_id INTEGER NOT NULL,
        file_name TEXT NOT NULL, line_number INTEGER NOT NULL,
        column_name TEXT NOT NULL, column_type TEXT NOT NULL, column_length TEXT NOT NULL,
        position INTEGER NOT NULL, raw_line TEXT NOT NULL, raw_field_value TEXT NOT NULL,
        err_code INTEGER NOT NULL, err_reason TEXT NOT NULL);
    CREATE TABLE dwh_load_error_field(
        load_error_id INTEGER NOT NULL, field INTEGER NOT NULL,
        column_name TEXT NOT NULL, value TEXT NOT NULL, is_null INTEGER NOT NULL,
        column_type TEXT NOT NULL, column_length TEXT NOT NULL,
        PRIMARY KEY (load_error_id, field)) WITHOUT ROWID;
"#;

/// Tables that warehouses of earlier versions lack; made whenever one is opened for writing.
pub(crate) const ADDED_TABLES: &str = r#"
    CREATE TABLE IF NOT EXISTS dwh_load_files(
        load_files_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, files INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_load_replacement(
        load_replacement_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, file_name TEXT NOT NULL,
        line_number INTEGER NOT NULL, column_name TEXT NOT NULL, raw_line TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_load_transfer_fault(
        load_transfer_fault_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, at TEXT NOT NULL,
        http_method TEXT NOT NULL, object_url TEXT NOT NULL, error TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_unload(
        query_id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL, database TEXT NOT NULL, status TEXT NOT NULL,
        started_at TEXT NOT NULL, ended_at TEXT, query_text TEXT NOT NULL,
        file_format TEXT NOT NULL, compression TEXT NOT NULL, destination TEXT NOT NULL,
        unloaded_rows INTEGER NOT NULL, unloaded_files INTEGER NOT NULL, unloaded_bytes INTEGER NOT NULL,
        error_message TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_unload_file(
        unload_file_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, slice INTEGER NOT NULL,
        file_name TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_user(
        user_id INTEGER PRIMARY KEY, name TEXT NOT NULL, scram_sha_256 TEXT, md5 TEXT, sha256 TEXT,
        create_db INTEGER NOT NULL, superuser INTEGER NOT NULL, valid_until TEXT, connection_limit INTEGER,
        syslog_unrestricted INTEGER NOT NULL, session_timeout_seconds INTEGER, settings TEXT NOT NULL,
        external_id TEXT);
    CREATE TABLE IF NOT EXISTS dwh_group(
        group_id INTEGER PRIMARY KEY, name TEXT NOT NULL, members TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_role(
        role_id INTEGER PRIMARY KEY, name TEXT NOT NULL, owner_id INTEGER NOT NULL, external_id TEXT);
    CREATE TABLE IF NOT EXISTS dwh_role_member(
        role_id INTEGER NOT NULL, grantee_kind TEXT NOT NULL, grantee_id INTEGER NOT NULL,
        admin_option INTEGER NOT NULL, grantor_id INTEGER NOT NULL,
        PRIMARY KEY (role_id, grantee_kind, grantee_id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dwh_owner(
        object_kind TEXT NOT NULL, object_id INTEGER NOT NULL, part_id INTEGER NOT NULL,
        owner_id INTEGER NOT NULL, PRIMARY KEY (object_kind, object_id, part_id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dwh_grant(
        object_kind TEXT NOT NULL, object_id INTEGER NOT NULL, part_id INTEGER NOT NULL,
        privilege TEXT NOT NULL, grantee_kind TEXT NOT NULL, grantee_id INTEGER NOT NULL,
        granted INTEGER NOT NULL, grantor_id INTEGER NOT NULL, grant_option INTEGER NOT NULL,
        PRIMARY KEY (object_kind, object_id, part_id, privilege, grantee_kind, grantee_id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dwh_default_privilege(
        creator_id INTEGER NOT NULL, schema_id INTEGER, on_functions INTEGER NOT NULL,
        privilege TEXT NOT NULL, grantee_kind TEXT NOT NULL, grantee_id INTEGER NOT NULL,
        granted INTEGER NOT NULL, grant_option INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_function(
        function_id INTEGER PRIMARY KEY, schema_name TEXT NOT NULL, name TEXT NOT NULL,
        arguments TEXT NOT NULL, returns TEXT NOT NULL, volatility TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_procedure(
        procedure_id INTEGER PRIMARY KEY, schema_name TEXT NOT NULL, name TEXT NOT NULL,
        arguments TEXT NOT NULL, nonatomic INTEGER NOT NULL, security_definer INTEGER NOT NULL,
        settings TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS dwh_property(
        kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (kind, name)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dwh_materialized_view(
        table_id INTEGER PRIMARY KEY, sql TEXT NOT NULL, auto_refresh INTEGER NOT NULL,
        depends_on TEXT NOT NULL);
"#;

/// Columns that tables of earlier versions lack: table, column, declaration. Added whenever a warehouse is opened
/// for writing.
pub(crate) const ADDED_COLUMNS: &[(&str, &str, &str)] =
    &[("dwh_load_replacement", "slice", "INTEGER NOT NULL DEFAULT 0")];

/// A number that changes whenever what is added does (FNV-1a); it is kept in the catalog, so that opening one that has
/// all of it writes nothing.
pub(crate) fn version_of_added() -> i32 {
    let columns =
        ADDED_COLUMNS.iter().flat_map(|(table, column, declaration)| [*table, *column, *declaration]);
    let bytes = [ADDED_TABLES].into_iter().chain(columns).flat_map(str::bytes);
    let version =
        bytes.fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    version as i32
}
