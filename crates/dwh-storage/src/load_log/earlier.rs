//! The history as earlier versions kept it.

use rusqlite::{Row, Transaction};

use super::records::{LoadFileRecord, unsigned};
use super::{file_chunks, time};

/// Takes over the files of loads that had a row each, and drops tables that are no longer used.
pub(crate) fn take_over_earlier(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dwh_load_file'";
    if transaction.query_row(sql, [], |row| row.get::<_, i64>(0))? > 0 {
        let mut loads =
            transaction.prepare("SELECT DISTINCT query_id FROM dwh_load_file ORDER BY query_id")?;
        let loads: Vec<i64> = loads.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for load in loads {
            let sql = "SELECT * FROM dwh_load_file WHERE query_id = ? ORDER BY load_file_id";
            let files: Vec<_> =
                transaction.prepare(sql)?.query_map([load], file)?.collect::<rusqlite::Result<_>>()?;
            file_chunks::put(transaction, load, files.into_iter())?;
        }
    }
    transaction.execute_batch("DROP TABLE IF EXISTS dwh_load_file; DROP TABLE IF EXISTS dwh_counter;")
}

/// Where and from when on a file was read was not kept.
fn file(row: &Row<'_>) -> rusqlite::Result<LoadFileRecord> {
    Ok(LoadFileRecord {
        query_id: row.get("query_id")?,
        file_name: row.get::<_, String>("file_name")?.into(),
        bytes: unsigned(row, "bytes")?,
        etag: row.get::<_, Option<String>>("etag")?.map(Into::into),
        rows: unsigned(row, "rows")?,
        lines_scanned: unsigned(row, "lines_scanned")?,
        errors: unsigned(row, "errors")?,
        slice: 0,
        started_at: None,
        transferred_at: None,
        finished_at: time(row, "finished_at")?,
    })
}
