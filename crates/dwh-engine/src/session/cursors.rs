//! DECLARE, FETCH, CLOSE: one cursor at a time, inside a transaction block (RS 5.1).

use arrow::datatypes::SchemaRef;
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::FetchCount;

use crate::result::{Outcome, Rows};

/// The cursor of a block, if one is open.
#[derive(Default)]
pub(super) struct Cursors(Option<(String, Rows)>);

impl Cursors {
    /// Refuses a second cursor.
    pub(super) fn check_free(&self, name: &str) -> Result<(), SqlError> {
        match &self.0 {
            None => Ok(()),
            Some((open, _)) if open == name => {
                Err(SqlError::new(SqlState::DuplicateCursor, format!("cursor \"{name}\" already exists")))
            }
            Some((open, _)) => {
                Err(SqlError::new(SqlState::InvalidCursorState, "only one cursor can be open at a time")
                    .with_hint(format!("CLOSE {open} first.")))
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// DECLARE: keeps the rows to come.
    pub(super) fn open(&mut self, name: &str, rows: Rows) -> Outcome {
        // Each FETCH has its own time.
        self.0 = Some((name.to_owned(), rows.unlimited()));
        Outcome::done("DECLARE CURSOR")
    }

    /// FETCH.
    pub(super) async fn fetch(&mut self, name: &str, count: FetchCount) -> Result<Outcome, SqlError> {
        let rows = match &mut self.0 {
            Some((open, rows)) if open == name => rows,
            _ => return Err(undefined(name)),
        };
        let count = match count {
            FetchCount::Rows(count) => count,
            FetchCount::All => u64::MAX,
        };
        let fetched = rows.take(count).await?;
        Ok(Outcome::rows("FETCH", fetched))
    }

    /// Labels and types of a cursor's rows.
    pub(super) fn schema(&self, name: &str) -> Result<SchemaRef, SqlError> {
        match &self.0 {
            Some((open, rows)) if open == name => Ok(rows.schema.clone()),
            _ => Err(undefined(name)),
        }
    }

    /// CLOSE.
    pub(super) fn close(&mut self, name: &str) -> Result<Outcome, SqlError> {
        match &self.0 {
            Some((open, _)) if open == name => {
                self.0 = None;
                Ok(Outcome::done("CLOSE CURSOR"))
            }
            _ => Err(undefined(name)),
        }
    }
}

fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::InvalidCursorName, format!("cursor \"{name}\" does not exist"))
}

/// 25P01, outside a transaction block.
pub(super) fn outside_block(command: &str) -> SqlError {
    SqlError::new(
        SqlState::NoActiveSqlTransaction,
        format!("{command} may only be used in begin/end transaction blocks"),
    )
}
