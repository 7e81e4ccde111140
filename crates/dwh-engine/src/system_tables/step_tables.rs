//! The logs of the steps of queries, one for each kind of step (the guide's pages STL_AGGR to STL_WINDOW). They
//! differ in their columns only; what a column shows is told once. A step is one row: the slices run it
//! together, and slice 0 stands for them. What the engine does not measure is NULL.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::log_rows::{is_diskbased, steps};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

/// What a cluster calls the table of a step that reads no permanent one.
const WORKTABLE: &str = "Internal Worktable";

/// Tables as `name of step: columns behind those that all have;`.
macro_rules! step_tables {
    ($($name:ident of $step:literal: $($column:ident $data_type:expr),*;)+) => {
        &[$(SystemTable {
            schema: PG_CATALOG,
            name: stringify!($name),
            columns: &[
                ("userid", Integer),
                ("query", Integer),
                ("slice", Integer),
                ("segment", Integer),
                ("step", Integer),
                ("starttime", Timestamp),
                ("endtime", Timestamp),
                ("tasknum", Integer),
                ("rows", BigInt),
                $((stringify!($column), $data_type)),*
            ],
            rows: |view| rows(view, $step, &[$(stringify!($column)),*]),
        }),+]
    };
}

pub(super) const TABLES: &[SystemTable] = step_tables! {
    stl_aggr of "aggregate": bytes BigInt, slots Integer, occupied Integer, maxlength Integer, tbl Integer,
        is_diskbased Char(1), workmem BigInt, type Char(6), resizes Integer, flushable Integer;
    stl_delete of "delete": tbl Integer;
    stl_dist of "distribute": bytes BigInt, packets Integer;
    stl_hash of "hash": bytes BigInt, slots Integer, occupied Integer, maxlength Integer, tbl Integer,
        is_diskbased Char(1), workmem BigInt, num_parts Integer, est_rows BigInt, num_blocks_permitted Integer,
        resizes Integer, checksum BigInt, runtime_filter_size Integer, max_runtime_filter_size Integer;
    stl_hashjoin of "hashjoin": tbl Integer, num_parts Integer, join_type Integer, hash_looped Char(1),
        switched_parts Char(1), used_prefetching Char(1), hash_segment Integer, hash_step Integer,
        checksum BigInt, distribution Integer;
    stl_insert of "insert": tbl Integer, inserted_mega_value Char(1);
    stl_limit of "limit": checksum BigInt;
    stl_mergejoin of "mergejoin": tbl Integer, checksum BigInt;
    stl_merge of "merge":;
    stl_nestloop of "nestloop": tbl Integer, checksum BigInt;
    stl_project of "project": checksum BigInt;
    stl_return of "return": bytes BigInt, packets Integer, checksum BigInt;
    stl_save of "save": bytes BigInt, tbl Integer, is_diskbased Char(1), workmem BigInt;
    stl_scan of "scan": bytes BigInt, fetches BigInt, type Integer, tbl Integer, is_rrscan Char(1),
        is_delayed_scan Char(1), rows_pre_filter BigInt, rows_pre_user_filter BigInt, perm_table_name Char(136),
        is_rlf_scan Char(1), is_rlf_scan_reason Integer, num_em_blocks Integer, checksum BigInt,
        runtime_filtering Char(1), scan_region Integer, num_sortkey_as_predicate Integer,
        row_fetcher_state Integer, consumed_scan_ranges BigInt, work_stealing_reason BigInt,
        is_vectorized_scan Char(1), is_vectorized_scan_reason Integer, row_fetcher_reason BigInt,
        topology_signature BigInt, use_tpm_partition Char(1), is_rrscan_expr Char(1), scanned_mega_value Char(1);
    stl_sort of "sort": bytes BigInt, tbl Integer, is_diskbased Char(1), workmem BigInt, checksum BigInt;
    stl_unique of "unique": type Char(6), is_diskbased Char(1), slots Integer, workmem BigInt,
        max_buffers_used BigInt, resizes Integer, occupied Integer, flushable Integer,
        used_unique_prefetching Char(1), bytes BigInt;
    stl_window of "window": is_diskbased Char(1), workmem BigInt;
};

fn rows(view: &SystemView<'_>, step: &str, own: &[&str]) -> Result<Vec<Vec<Value>>, SqlError> {
    let of_kind = steps(view)?.into_iter().filter(|(_, record)| record.name == step);
    Ok(of_kind.map(|(query, step)| row(&query, &step, own)).collect())
}

fn row(query: &StatementRecord, step: &StepRecord, own: &[&str]) -> Vec<Value> {
    let mut values: Vec<Value> = vec![
        query.user_id.into(),
        query.query_id.into(),
        0.into(),
        step.segment.into(),
        step.step.into(),
        query.started_at.into(),
        query.ended_at.into(),
        Value::Null,
        step.rows.into(),
    ];
    values.extend(own.iter().map(|column| own_value(column, step)));
    values
}

/// A column that not all tables have.
fn own_value(column: &str, step: &StepRecord) -> Value {
    match column {
        "bytes" => step.bytes.into(),
        "tbl" => step.table_id.unwrap_or_default().into(),
        "perm_table_name" => step.table_name.as_deref().unwrap_or(WORKTABLE).into(),
        "is_diskbased" => is_diskbased(step),
        // Scans: 2 is a permanent table, 3 a transient one.
        "type" if step.name == "scan" => if step.table_id.is_some() { 2 } else { 3 }.into(),
        // Nothing goes over a network.
        "packets" => 0.into(),
        // Nobody's rows are kept from others.
        "is_rlf_scan" => "f".into(),
        _ => Value::Null,
    }
}
