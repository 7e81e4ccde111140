//! What VACUUM and ANALYZE leave in the log (the guide's pages STL_VACUUM and STL_ANALYZE).

use chrono::{DateTime, Utc};
use dwh_storage::{LogEntry, MaintenanceRecord, Table, TableSize};

use crate::context::StatementContext;

const MEGABYTE: u64 = 1 << 20;

/// Notes what a statement that began with the table at this time made of it. Where its files are the same
/// there was nothing to do.
pub(super) fn log(
    context: &StatementContext<'_>,
    before: &Table,
    after: &Table,
    is_vacuum: bool,
    started_at: DateTime<Utc>,
) {
    let is_same =
        before.files.len() == after.files.len() && before.newest_file_id() == after.newest_file_id();
    context.engine.log(LogEntry::Maintenance(Box::new(MaintenanceRecord {
        query_id: context.query_id(),
        transaction_id: i64::try_from(context.transaction.id()).unwrap_or(i64::MAX),
        user_id: context.user_id,
        database: context.engine.database().to_owned(),
        table_id: before.id,
        schema_name: crate::system_tables::relations::schema_of(before),
        table_name: before.definition.name.clone(),
        is_vacuum,
        is_skipped: is_vacuum && is_same,
        before: size(before),
        after: size(after),
        started_at,
        ended_at: Utc::now(),
    })));
}

fn size(table: &Table) -> TableSize {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let rows: u64 = table.files.iter().map(|file| file.rows).sum();
    let live: u64 = table.files.iter().map(|file| file.live_rows()).sum();
    TableSize {
        rows: number(rows),
        deleted_rows: number(rows.saturating_sub(live)),
        blocks: number(table.bytes().div_ceil(MEGABYTE)),
    }
}
