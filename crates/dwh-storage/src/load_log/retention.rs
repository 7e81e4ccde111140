//! How much history is kept.

use rusqlite::Transaction;

const MAX_LOADS: i64 = 10_000;
const MAX_FILES: i64 = 1_000_000;
const MAX_ERRORS: i64 = 100_000;

/// Forgets the oldest loads, files and what else was found past their bounds. Files are counted by their chunks; other
/// ids rise by one, so that the bound is a distance from the newest and costs no count.
pub(super) fn forget_old(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "DELETE FROM dwh_load WHERE query_id <= coalesce(
                   (SELECT query_id FROM dwh_load ORDER BY query_id DESC LIMIT 1 OFFSET ?), -1)";
    transaction.execute(sql, [MAX_LOADS])?;
    let sql = "DELETE FROM dwh_load_files WHERE load_files_id IN (
                   SELECT load_files_id FROM (
                       SELECT load_files_id, sum(files) OVER (ORDER BY load_files_id DESC) - files AS newer
                       FROM dwh_load_files)
                   WHERE newer >= ?)
               OR query_id < (SELECT coalesce(min(query_id), 0) FROM dwh_load)";
    transaction.execute(sql, [MAX_FILES])?;
    let oldest = "(SELECT coalesce(min(query_id), 0) FROM dwh_load)";
    for (table, id, bound) in [
        ("dwh_load_error", "load_error_id", MAX_ERRORS),
        ("dwh_load_replacement", "load_replacement_id", MAX_ERRORS),
        ("dwh_load_transfer_fault", "load_transfer_fault_id", MAX_ERRORS),
    ] {
        let sql = format!("DELETE FROM {table} WHERE {id} <= (SELECT max({id}) FROM {table}) - ?");
        transaction.execute(&sql, [bound])?;
        // Ids rise with the loads, so the scan ends at the first row that stays; if none does, all go.
        let sql = format!(
            "DELETE FROM {table} WHERE {id} < coalesce(
                 (SELECT {id} FROM {table} WHERE query_id >= {oldest} ORDER BY {id} LIMIT 1), {})",
            i64::MAX
        );
        transaction.execute(&sql, [])?;
    }
    let sql = "DELETE FROM dwh_load_error_field WHERE load_error_id <
                   (SELECT coalesce(min(load_error_id), 0) FROM dwh_load_error)";
    transaction.execute(sql, []).map(|_| ())
}

/// Forgets the oldest unloads and files past their bounds.
pub(super) fn forget_old_unloads(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "DELETE FROM dwh_unload WHERE query_id <= coalesce(
                   (SELECT query_id FROM dwh_unload ORDER BY query_id DESC LIMIT 1 OFFSET ?), -1)";
    transaction.execute(sql, [MAX_LOADS])?;
    let sql = "DELETE FROM dwh_unload_file
               WHERE unload_file_id <= (SELECT max(unload_file_id) FROM dwh_unload_file) - ?";
    transaction.execute(sql, [MAX_FILES])?;
    // Ids rise with the unloads, so the scan ends at the first row that stays.
    let sql = "DELETE FROM dwh_unload_file WHERE unload_file_id < coalesce(
                   (SELECT unload_file_id FROM dwh_unload_file
                    WHERE query_id >= (SELECT coalesce(min(query_id), 0) FROM dwh_unload)
                    ORDER BY unload_file_id LIMIT 1), ?)";
    transaction.execute(sql, [i64::MAX]).map(|_| ())
}
