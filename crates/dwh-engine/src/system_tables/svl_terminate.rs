//! svl_terminate: what CANCEL, PG_CANCEL_BACKEND and PG_TERMINATE_BACKEND were asked to end (the guide's page
//! SVL_TERMINATE), as the texts of the statements tell it.

use dwh_common::RedshiftType::{Integer, Timestamp, Varchar};
use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StatementStatus};

use super::log_rows::ended;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svl_terminate",
    columns: &[("pid", Integer), ("eventtime", Timestamp), ("userid", Integer), ("type", Varchar(65535))],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |statement: StatementRecord| {
        let (process, kind) =
            asked(&statement.text).filter(|_| statement.status == StatementStatus::Success)?;
        Some(vec![process.into(), statement.ended_at.into(), statement.user_id.into(), kind.into()])
    };
    Ok(ended(view)?.into_iter().filter_map(row).collect())
}

/// The process that a statement is to end, and how.
fn asked(text: &str) -> Option<(i64, &'static str)> {
    let text = text.to_ascii_lowercase();
    let forms =
        [("pg_cancel_backend(", "CANCEL"), ("pg_terminate_backend(", "TERMINATE"), ("cancel ", "CANCEL")];
    forms.into_iter().find_map(|(form, kind)| {
        let (before, behind) = text.split_once(form)?;
        let is_command = form.ends_with('(') || before.trim().is_empty();
        let digits = behind.trim_start().split(|letter: char| !letter.is_ascii_digit()).next()?;
        Some((digits.parse().ok().filter(|_| is_command)?, kind))
    })
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn commands_and_functions_are_found() {
        assert_eq!(asked("CANCEL 8324 'too long'"), Some((8324, "CANCEL")));
        assert_eq!(asked("select pg_cancel_backend( 17 )"), Some((17, "CANCEL")));
        assert_eq!(asked("SELECT PG_TERMINATE_BACKEND(18)"), Some((18, "TERMINATE")));
        assert_eq!(asked("select 'to cancel 3'"), None);
        assert_eq!(asked("select pg_terminate_backend(pid) from stv_inflight"), None);
    }
}
