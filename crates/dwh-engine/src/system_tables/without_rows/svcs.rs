//! SVCS views of what never happens here (the guide's pages SVCS_…): nothing is compiled, nothing scales, there are no
//! external schemas.

use dwh_common::RedshiftType::{self, BigInt, Char, Double, Integer, Timestamp};

use super::{TEXT, none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    svcs_compile: userid Integer, xid BigInt, pid Integer, query Integer, segment Integer, locus Integer,
        starttime Timestamp, endtime Timestamp, compile Integer;
    svcs_concurrency_scaling_usage: start_time Timestamp, end_time Timestamp, queries BigInt,
        usage_in_seconds RedshiftType::Decimal { precision: 27, scale: 0 };
    svcs_s3list: query Integer, segment Integer, node Integer, eventtime Timestamp,
        bucket TEXT, prefix TEXT, recursive Char(1), retrieved_files Integer, max_file_size BigInt,
        avg_file_size Double, generated_splits Integer, avg_split_length Double, duration BigInt;
    svcs_s3log: pid Integer, query Integer, segment Integer, step Integer, node Integer, eventtime Timestamp,
        message Char(512);
    svcs_s3partition_summary: query Integer, segment Integer, assignment Char(1), min_starttime Timestamp,
        max_endtime Timestamp, min_duration BigInt, max_duration BigInt, avg_duration BigInt,
        total_partitions Integer, qualified_partitions Integer, min_assigned_partitions Integer,
        max_assigned_partitions Integer, avg_assigned_partitions BigInt;
    svcs_s3query_summary: userid Integer, query Integer, xid BigInt, pid Integer, segment Integer,
        step Integer, starttime Timestamp, endtime Timestamp, elapsed Integer, aborted Integer,
        external_table_name Char(136), file_format Char(16), is_partitioned Char(1), is_rrscan Char(1),
        is_nested Char(1), s3_scanned_rows BigInt, s3_scanned_bytes BigInt, s3query_returned_rows BigInt,
        s3query_returned_bytes BigInt, files Integer, files_max Integer, files_avg Integer, splits Integer,
        splits_max Integer, splits_avg Integer, total_split_size BigInt, max_split_size BigInt,
        avg_split_size BigInt, total_retries Integer, max_retries Integer, max_request_duration Integer,
        avg_request_duration Double, max_request_parallelism Integer, avg_request_parallelism Double,
        total_slowdown_count BigInt, max_slowdown_count Integer;
};
