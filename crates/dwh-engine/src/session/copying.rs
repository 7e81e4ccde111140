//! Whether a session is in a COPY, which goes on without its client (RS 1.14).

use std::sync::atomic::{AtomicBool, Ordering};

use dwh_sql::statement::Statement;

/// Set from the beginning of a COPY to its commit.
#[derive(Debug, Default)]
pub(super) struct Copying(AtomicBool);

impl Copying {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets it for a COPY, until the statement is done or dropped.
    pub(super) fn during(&self, statement: &Statement) -> Option<During<'_>> {
        let is_copy = matches!(statement, Statement::Copy(_));
        is_copy.then(|| {
            self.0.store(true, Ordering::Relaxed);
            During(&self.0)
        })
    }
}

/// Ends with the statement.
pub(super) struct During<'a>(&'a AtomicBool);

impl Drop for During<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
