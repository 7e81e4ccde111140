//! Views of logs of what never happens here (the guide's pages SVL_…).

use dwh_common::RedshiftType::{BigInt, Char, Double, Integer, Timestamp, Varchar};

use super::{TEXT, none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // Nothing is changed unless it is asked for, and no statement is compiled.
    svl_auto_worker_action: table_id Integer, type Char(32), status Char(128), eventtime Timestamp,
        sequence Integer, previous_state Char(200);
    svl_compile: userid Integer, xid BigInt, pid Integer, query Integer, segment Integer, locus Integer,
        starttime Timestamp, endtime Timestamp, compile Integer;

    // There are no datashares.
    svl_datashare_change_log: userid Integer, username Varchar(128), pid Integer, xid BigInt,
        share_id Integer, share_name Varchar(128), source_database_id Integer,
        source_database_name Varchar(128), consumer_database_id Integer,
        consumer_database_name Varchar(128), arn Varchar(192), recordtime Timestamp, action Varchar(128),
        status Integer, share_object_type Varchar(64), share_object_id Integer,
        share_object_name Varchar(128), target_user_type Varchar(16), target_userid Integer,
        target_username Varchar(128), consumer_account Varchar(16), consumer_namespace Varchar(64),
        producer_account Varchar(16), producer_namespace Varchar(64), attribute_name Varchar(64),
        attribute_value Varchar(128), message Varchar(512);
    svl_datashare_usage_consumer: userid Integer, pid Integer, xid BigInt, request_id Varchar(50),
        request_type Varchar(25), transaction_uid Varchar(50), recordtime Timestamp, status Integer,
        error Varchar(512);
    svl_datashare_usage_producer: share_id Integer, share_name Varchar(128), request_id Varchar(50),
        request_type Varchar(25), object_type Varchar(64), object_oid Integer, object_name Varchar(128),
        consumer_account Varchar(16), consumer_namespace Varchar(64), consumer_transaction_uid Varchar(50),
        recordtime Timestamp, status Integer, error Varchar(512), consumer_region Char(64);

    // There are no external schemas, nor federated ones.
    svl_federated_query: userid Integer, xid BigInt, pid Integer, query Integer, sourcetype Char(32),
        recordtime Timestamp, querytext Char(4000), num_rows BigInt, num_bytes BigInt, duration BigInt;
    svl_s3list: query Integer, segment Integer, node Integer, slice Integer, eventtime Timestamp,
        bucket TEXT, prefix TEXT, recursive Char(1), retrieved_files Integer, max_file_size BigInt,
        avg_file_size Double, generated_splits Integer, avg_split_length Double, duration BigInt;
    svl_s3log: pid Integer, query Integer, segment Integer, step Integer, node Integer, slice Integer,
        eventtime Timestamp, message TEXT;
    svl_s3partition: query Integer, segment Integer, node Integer, slice Integer, starttime Timestamp,
        endtime Timestamp, duration BigInt, total_partitions Integer, qualified_partitions Integer,
        assigned_partitions Integer, assignment Char(1);
    svl_s3partition_summary: query Integer, segment Integer, assignment Char(1), min_starttime Timestamp,
        max_endtime Timestamp, min_duration BigInt, max_duration BigInt, avg_duration BigInt,
        total_partitions Integer, qualified_partitions Integer, min_assigned_partitions Integer,
        max_assigned_partitions Integer, avg_assigned_partitions BigInt;
    svl_s3query: userid Integer, query Integer, segment Integer, step Integer, node Integer, slice Integer,
        starttime Timestamp, endtime Timestamp, elapsed Integer, external_table_name Char(136),
        is_partitioned Char(1), is_rrscan Char(1), s3_scanned_rows BigInt, s3_scanned_bytes BigInt,
        s3query_returned_rows BigInt, s3query_returned_bytes BigInt, files Integer, splits Integer,
        total_split_size BigInt, max_split_size BigInt, total_retries Integer, max_retries Integer,
        max_request_duration Integer, avg_request_duration Double, max_request_parallelism Integer,
        avg_request_parallelism Double;
    svl_s3query_summary: userid Integer, query Integer, xid BigInt, pid Integer, segment Integer,
        step Integer, starttime Timestamp, endtime Timestamp, elapsed Integer, aborted Integer,
        external_table_name Char(136), file_format Char(16), is_partitioned Char(1), is_rrscan Char(1),
        is_nested Char(1), s3_scanned_rows BigInt, s3_scanned_bytes BigInt, s3query_returned_rows BigInt,
        s3query_returned_bytes BigInt, files Integer, files_max Integer, files_avg Integer, splits Integer,
        splits_max Integer, splits_avg Integer, total_split_size BigInt, max_split_size BigInt,
        avg_split_size BigInt, total_retries Integer, max_retries Integer, max_request_duration Integer,
        avg_request_duration Double, max_request_parallelism Integer, avg_request_parallelism Double,
        total_slowdown_count BigInt, max_slowdown_count Integer;
    svl_s3retries: query Integer, segment Integer, node Integer, slice Integer, eventtime Timestamp,
        retries Integer, successful_fetches Integer, file_size BigInt, location TEXT, message TEXT;
    svl_spectrum_scan_error: userid Integer, query Integer, location Char(128), rowid Char(128),
        colname Char(128), original_value Char(128), modified_value Char(128), trigger Char(128),
        action Char(128), action_value Char(128), error_code Integer;

    // Shapefiles are not loaded, and there are no functions in Python.
    svl_spatial_simplify: query Integer, line_number Integer, maximum_tolerance Double,
        initial_size Integer, simplified Char(1), final_size Integer, final_tolerance Double;
    svl_udf_log: query BigInt, message Char(4096), created Timestamp, traceback Char(4096),
        funcname Char(256), node Integer, slice Integer, seq Integer;
};
