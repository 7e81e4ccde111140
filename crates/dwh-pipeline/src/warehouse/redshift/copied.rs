//! What a COPY read and rejected, from Redshift's system views (RS 2.1, 2.2).

use dwh_common::SqlError;

use crate::warehouse::{CopiedObject, ResultSet};

/// The views that the user may read: on Serverless an ordinary user sees the newer ones only (RS 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadViews {
    Stl,
    Sys,
}

impl LoadViews {
    /// Fails where only the newer views may be read.
    pub(super) const PROBE: &str =
        "SELECT c.query FROM stl_load_commits c JOIN stl_load_errors e ON e.query = c.query LIMIT 1";

    /// Lines and errors of each file of the session's last COPY; a large file may have been read in parts.
    pub(super) fn files_of_last_copy(self) -> &'static str {
        match self {
            Self::Stl => {
                "SELECT TRIM(filename) AS url, SUM(lines_scanned) AS lines, SUM(errors) AS errors \
                 FROM stl_load_commits WHERE query = pg_last_copy_id() GROUP BY TRIM(filename) ORDER BY 1"
            }
            Self::Sys => {
                "SELECT TRIM(d.file_name) AS url, SUM(d.lines_scanned) AS lines, \
                 (SELECT COUNT(*) FROM sys_load_error_detail e \
                 WHERE e.query_id = pg_last_copy_id() AND TRIM(e.file_name) = TRIM(d.file_name)) AS errors \
                 FROM sys_load_detail d WHERE d.query_id = pg_last_copy_id() GROUP BY TRIM(d.file_name) ORDER BY 1"
            }
        }
    }

    /// What the COPY that runs in a session has done: one row, or none yet. Compressed bytes count as stored.
    pub(super) fn running_load(self, session: i64) -> String {
        match self {
            Self::Stl => format!(
                "SELECT query, SUM(num_files_complete) AS files, \
                 SUM(CASE WHEN bytes_to_load_compressed > 0 THEN bytes_loaded_compressed ELSE bytes_loaded END) AS bytes, \
                 SUM(lines) AS loaded, 0 AS rejected \
                 FROM stv_load_state WHERE session = {session} GROUP BY query ORDER BY query DESC LIMIT 1"
            ),
            Self::Sys => format!(
                "SELECT query_id AS query, file_count_scanned AS files, file_bytes_scanned AS bytes, \
                 loaded_rows AS loaded, error_count AS rejected \
                 FROM sys_load_history WHERE session_id = {session} AND status = 'running' ORDER BY 1 DESC LIMIT 1"
            ),
        }
    }

    /// The records that the session's last COPY rejected, as far as people read: CHAR columns are padded.
    pub(super) fn errors_of_session(self) -> &'static str {
        match self {
            Self::Stl => {
                "SELECT TRIM(filename) AS file, line_number AS line, TRIM(colname) AS \"column\", \
                 TRIM(err_reason) AS reason, TRIM(raw_field_value) AS value \
                 FROM stl_load_errors WHERE session = pg_backend_pid() \
                 AND query = (SELECT MAX(query) FROM stl_load_errors WHERE session = pg_backend_pid()) \
                 ORDER BY filename, line_number LIMIT 5"
            }
            Self::Sys => {
                "SELECT TRIM(file_name) AS file, line_number AS line, TRIM(column_name) AS \"column\", \
                 TRIM(error_message) AS reason, NULL AS value \
                 FROM sys_load_error_detail WHERE session_id = pg_backend_pid() \
                 AND query_id = (SELECT MAX(query_id) FROM sys_load_error_detail WHERE session_id = pg_backend_pid()) \
                 ORDER BY file_name, line_number LIMIT 5"
            }
        }
    }
}

/// The objects with their rows. The views count lines, which are the records of most files; where they are
/// not (JSON over several lines), the rows that were loaded are shared out by the lines.
pub(super) fn objects(files: &ResultSet, count: &ResultSet) -> Result<Vec<CopiedObject>, SqlError> {
    let total = number(count.value(0, "row_count"))?;
    let mut objects = Vec::with_capacity(files.rows.len());
    for row in 0..files.rows.len() {
        let lines = number(files.value(row, "lines"))?;
        let rejected = number(files.value(row, "errors"))?;
        objects.push(CopiedObject {
            url: files.value(row, "url").unwrap_or_default().to_owned(),
            rows_loaded: lines.saturating_sub(rejected),
            rows_rejected: rejected,
        });
    }
    share_out(total, &mut objects);
    Ok(objects)
}

fn number(text: Option<&str>) -> Result<u64, SqlError> {
    text.unwrap_or("0").parse().map_err(|_| {
        SqlError::internal(format!("a system view gave {:?} where a count must be", text.unwrap_or_default()))
    })
}

/// Makes the objects' rows add up to `total`, in proportion; the first object gets what is left.
fn share_out(total: u64, objects: &mut [CopiedObject]) {
    let lines: u64 = objects.iter().map(|object| object.rows_loaded).sum();
    if lines == total {
        return;
    }
    let mut left = total;
    for object in objects.iter_mut() {
        let share = (u128::from(object.rows_loaded) * u128::from(total)).checked_div(u128::from(lines));
        object.rows_loaded = share.and_then(|share| u64::try_from(share).ok()).unwrap_or_default();
        left = left.saturating_sub(object.rows_loaded);
    }
    if let Some(first) = objects.first_mut() {
        first.rows_loaded += left;
    }
}

#[cfg(test)]
mod tests {
    use super::share_out;
    use crate::warehouse::CopiedObject;

    fn shared(total: u64, lines: &[u64]) -> Vec<u64> {
        let object = |lines: &u64| CopiedObject { url: String::new(), rows_loaded: *lines, rows_rejected: 0 };
        let mut objects: Vec<CopiedObject> = lines.iter().map(object).collect();
        share_out(total, &mut objects);
        objects.iter().map(|object| object.rows_loaded).collect()
    }

    #[test]
    fn rows_add_up_to_what_was_loaded() {
        assert_eq!(shared(7, &[3, 4]), [3, 4], "lines are records");
        assert_eq!(shared(7, &[30, 41]), [3, 4], "records of ten lines");
        assert_eq!(shared(5, &[0, 0]), [5, 0], "a view that lags");
        assert_eq!(shared(0, &[1]), [0]);
        assert_eq!(shared(3, &[]), [] as [u64; 0]);
    }
}
