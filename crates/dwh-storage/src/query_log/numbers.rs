//! Numbers of statements, sessions and transactions, given out once among all processes.

use std::ops::Range;
use std::sync::Mutex;

use rusqlite::params;

use super::file::LogFile;
use super::lock;

/// Numbers of one kind. A process takes some at a time from the log's file, and more when they are used up.
#[derive(Debug)]
pub(super) struct Numbers {
    name: &'static str,
    /// How many are taken at a time.
    count: i64,
    left: Mutex<Range<i64>>,
}

impl Numbers {
    /// None below `lowest` is given out.
    pub(super) fn new(name: &'static str, count: i64, lowest: i64) -> Self {
        Self { name, count, left: Mutex::new(lowest..lowest) }
    }

    /// A number that nobody else has. Where the file gives none, some from memory: a log that cannot be written
    /// stops nothing.
    pub(super) fn next(&self, file: &LogFile) -> i64 {
        let mut left = lock(&self.left);
        if left.is_empty() {
            let first = self.reserve(file, left.end).unwrap_or_else(|error| {
                tracing::warn!(name = self.name, %error, "the query log gives no numbers; they come from memory");
                self.reserved(file).unwrap_or_default().max(left.end)
            });
            // A damaged file may hold any number.
            *left = first..first.saturating_add(self.count);
        }
        let number = left.start;
        left.start = number.saturating_add(1);
        number
    }

    /// The first of the numbers taken, at least `lowest`.
    fn reserve(&self, file: &LogFile, lowest: i64) -> rusqlite::Result<i64> {
        let sql = "INSERT INTO counter(name, next) VALUES (?1, ?2 + ?3)
                   ON CONFLICT (name) DO UPDATE SET next = max(next, ?3) + ?2
                   RETURNING next - ?2";
        let values = params![self.name, self.count, lowest];
        file.with(|connection| connection.query_row(sql, values, |row| row.get(0)))
    }

    /// The number above all that were taken; a file that cannot be written may be readable.
    fn reserved(&self, file: &LogFile) -> rusqlite::Result<i64> {
        let sql = "SELECT next FROM counter WHERE name = ?";
        file.with(|connection| connection.query_row(sql, [self.name], |row| row.get(0)))
    }
}
