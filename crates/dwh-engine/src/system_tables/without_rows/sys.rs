//! Monitoring of what never happens here (the guide's pages SYS_…).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp, Varchar};

use super::{TEXT, none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // Nothing is changed unless it is asked for, no statement is rewritten, no quota is enforced.
    sys_auto_table_optimization: transaction_id BigInt, session_id Integer, table_id Integer,
        alter_table_type Char(32), status Char(128), event_time Timestamp, alter_from Char(200);
    sys_automatic_optimization: session_id Integer, database_name Char(128), object_type Char(30),
        object_ids Char(512), task_type Char(100), event Char(50), event_time Timestamp, status Char(512),
        compute_type Char(100), task_details Char(512);
    sys_child_query_text: user_id Integer, query_id BigInt, child_query_sequence Integer, sequence Integer,
        text Char(200), query_uuid Char(36);
    sys_schema_quota_violations: owner_id Integer, user_id Integer, transaction_id BigInt,
        session_id Integer, schema_id Integer, schema_name Char(128), quota Integer, disk_usage Integer,
        record_time Timestamp;

    // Loads run when they are asked for.
    sys_copy_job: job_id BigInt, job_name Char(128), iam_role Char(128), job_text Char(256),
        is_auto Integer, on_error_suspend Integer;
    sys_copy_job_detail: user_id Integer, database_name TEXT, job_id Integer, job_name TEXT,
        file_location TEXT, file_name TEXT, file_size BigInt, file_etag TEXT, job_text Char(256),
        modification_time Timestamp, enqueue_time Timestamp, status Char(1);
    sys_copy_job_info: job_id BigInt, job_name Char(128), database_name Char(128), record_time Timestamp,
        message Char(512);

    // There are no datashares.
    sys_datashare_change_log: user_id Integer, user_name Varchar(128), session_id Integer,
        transaction_id BigInt, share_id Integer, share_name Varchar(128), source_database_id Integer,
        source_database_name Varchar(128), consumer_database_id Integer,
        consumer_database_name Varchar(128), arn Varchar(192), record_time Timestamp, action Varchar(128),
        status Integer, share_object_type Varchar(64), share_object_id Integer,
        share_object_name Varchar(128), target_user_type Varchar(16), target_user_id Integer,
        target_user_name Varchar(128), consumer_account Varchar(16), consumer_namespace Varchar(64),
        producer_account Varchar(16), producer_namespace Varchar(64), attribute_name Varchar(64),
        attribute_value Varchar(128), message Varchar(512);
    sys_datashare_cross_region_usage: query_id Integer, child_query_sequence Integer, segment_id BigInt,
        start_time Timestamp, end_time Timestamp, transferred_data BigInt, source_region Char(25),
        query_uuid Char(36);
    sys_datashare_usage_consumer: user_id Integer, session_id Integer, transaction_id BigInt,
        request_id Varchar(50), request_type Varchar(25), transaction_uid Varchar(50),
        record_time Timestamp, status Integer, error Varchar(512);
    sys_datashare_usage_producer: share_id Integer, share_name Varchar(128), request_id Varchar(50),
        request_type Varchar(25), object_type Varchar(64), object_oid Integer, object_name Varchar(128),
        consumer_account Varchar(16), consumer_namespace Varchar(64), consumer_transaction_uid Varchar(50),
        record_time Timestamp, status Integer, error Varchar(512), consumer_region Char(64);

    // There are no external schemas, nor federated ones.
    sys_external_query_detail: user_id Integer, query_id BigInt, transaction_id BigInt,
        child_query_sequence Integer, segment_id Integer, source_type Char(32), start_time Timestamp,
        end_time Timestamp, duration BigInt, total_partitions Integer, qualified_partitions Integer,
        scanned_files BigInt, returned_rows BigInt, returned_bytes BigInt, file_format TEXT,
        file_location TEXT, external_query_text TEXT, warning_message Char(4000), table_name Char(136),
        is_recursive Char(1), is_nested Char(1), s3list_time BigInt, get_partition_time BigInt,
        query_uuid Char(36);
    sys_external_query_error: user_id Integer, query_id BigInt, file_location Char(256), rowid Char(2100),
        column_name Char(127), original_value Char(1024), modified_value Char(1024), trigger Char(128),
        action Char(128), action_value Char(128), error_code Integer, query_uuid Char(36);

    // Nothing flows in by itself.
    sys_integration_activity: integration_id Char(128), target_database Char(128), source Char(128),
        checkpoint_name Char(128), checkpoint_type Char(16), checkpoint_bytes BigInt,
        last_commit_timestamp Timestamp, modified_tables Integer, integration_start_time Timestamp,
        integration_end_time Timestamp;
    sys_integration_table_state_change: integration_id Char(128), database_name Char(128),
        schema_name Char(128), table_name Char(128), new_state Char(128),
        table_last_replicated_checkpoint Char(128), state_change_reason Char(256), record_time Timestamp;
    sys_stream_scan_errors: external_schema_name Char(128), stream_name Char(255), mv_name Char(128),
        transaction_id BigInt, query_id BigInt, stream_timestamp_type Char(1), stream_timestamp Timestamp,
        record_time Timestamp, partition_id Char(128), position Char(128), error_code Integer,
        error_reason Char(128);
    sys_stream_scan_states: external_schema_name Char(128), stream_name Char(255), mv_name Char(128),
        transaction_id BigInt, query_id BigInt, record_time Timestamp, partition_id Char(128),
        latest_position Char(128), scanned_rows BigInt, skipped_rows BigInt, scanned_bytes BigInt,
        stream_record_time_min Timestamp, stream_record_time_max Timestamp;

    // Shapefiles are not loaded, and there are no functions in Python.
    sys_spatial_simplify: query_id BigInt, line_number BigInt, maximum_tolerance Double,
        initial_size BigInt, simplified Char(1), final_size BigInt, final_tolerance Double;
    sys_udf_log: query_id BigInt, function_name TEXT, record_time Timestamp, sequence Integer, message TEXT,
        query_uuid Char(36);

    // A warehouse is neither resized nor metered.
    sys_restore_log: event_time Timestamp, database_name Char(128), schema_name Char(128),
        table_name Char(128), table_id Integer, action Char(128), table_size BigInt,
        total_data_processed BigInt, delta_data_processed BigInt, message Char(512),
        redistribution_type Char(32);
    sys_restore_state: user_id Integer, database_name Char(64), schema_id Integer, table_id Integer,
        table_name Char(128), redistribution_status Char(128), percentage_redistributed Double,
        redistribution_type Char(32);
    sys_serverless_usage: start_time Timestamp, end_time Timestamp, compute_seconds Double,
        compute_capacity Double, data_storage BigInt, cross_region_transferred_data BigInt,
        charged_seconds BigInt, charged_extra_compute_for_automatic_optimization_seconds BigInt;
};
