//! Rows on their way from the wire to whoever wants them, some at a time.

use std::ops::ControlFlow;

use tokio_postgres::SimpleQueryRow;

use crate::warehouse::redshift::connection::{StatementSink, TextRow};

const MAX_ROWS: usize = 1024;
const MAX_BYTES: usize = 1 << 20;

/// The rows of one statement that were not told yet.
#[derive(Default)]
pub(super) struct Portion {
    rows: Vec<TextRow>,
    bytes: usize,
    /// Nobody wants more of them; they are read, as what comes behind them is wanted.
    is_enough: bool,
}

impl Portion {
    pub(super) fn add(&mut self, row: &SimpleQueryRow, sink: &mut dyn StatementSink) {
        if self.is_enough {
            return;
        }
        let values: TextRow = (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect();
        self.bytes += values.iter().flatten().map(String::len).sum::<usize>();
        self.rows.push(values);
        if self.rows.len() >= MAX_ROWS || self.bytes >= MAX_BYTES {
            self.tell(sink);
        }
    }

    /// Tells what is left.
    pub(super) fn finish(mut self, sink: &mut dyn StatementSink) {
        if !self.rows.is_empty() {
            self.tell(sink);
        }
    }

    fn tell(&mut self, sink: &mut dyn StatementSink) {
        self.bytes = 0;
        self.is_enough = sink.rows(std::mem::take(&mut self.rows)) == ControlFlow::Break(());
    }
}
