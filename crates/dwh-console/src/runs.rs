//! Runs: texts that a page has submitted, while they run and afterwards, with the rows they gave.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{Array, StringArray};
use dwh_common::{SqlError, SqlState};
use tokio::sync::watch;
use uuid::Uuid;

use crate::security::Tab;
use crate::warehouse::{Column, Done, Output};

/// Runs of one login that are kept; the oldest finished ones are forgotten.
const MAX_RUNS: usize = 64;
/// Runs of one login at a time.
const MAX_RUNNING: usize = 16;
/// Rows of all kept runs of one user, in memory, wherever they have signed in.
const MAX_USER_BYTES: usize = 512 << 20;
/// Rows of one run.
const MAX_RUN_BYTES: usize = MAX_USER_BYTES / 2;
/// A cancel request that comes before the warehouse listens is said again.
const CANCEL_AGAIN: Duration = Duration::from_millis(50);

/// What the rows of one user take, in bytes.
#[derive(Default)]
pub(crate) struct Memory(AtomicUsize);

/// The runs of one login, the newest last.
pub(crate) struct Runs {
    memory: Arc<Memory>,
    runs: Mutex<VecDeque<Arc<Run>>>,
}

/// One text.
pub(crate) struct Run {
    pub(crate) id: String,
    started: Instant,
    memory: Arc<Memory>,
    state: Mutex<RunState>,
    /// Counts what has changed, for those who wait.
    changed: watch::Sender<u64>,
    cancel: watch::Sender<bool>,
}

/// What is known of a run.
#[derive(Default)]
pub(crate) struct RunState {
    pub(crate) results: Vec<StatementRows>,
    pub(crate) finished: Option<Finished>,
    bytes: usize,
}

pub(crate) struct Finished {
    pub(crate) elapsed: Duration,
    pub(crate) error: Option<SqlError>,
}

/// What one statement gave.
#[derive(Clone, Default)]
pub(crate) struct StatementRows {
    pub(crate) columns: Option<Arc<[Column]>>,
    /// An array a column; batches one after another.
    pub(crate) batches: Vec<Arc<[StringArray]>>,
    pub(crate) row_count: usize,
    /// Whether there were more rows than the limit.
    pub(crate) truncated: bool,
    pub(crate) done: Option<Done>,
    pub(crate) elapsed: Duration,
}

/// How far a run may go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunLimits {
    /// Rows of one statement.
    pub(crate) rows: usize,
    /// Time of the whole text.
    pub(crate) time: Option<Duration>,
}

impl Memory {
    /// Takes so many bytes; `false` if there are not as many left.
    fn take(&self, bytes: usize) -> bool {
        let grow = |used: usize| used.checked_add(bytes).filter(|used| *used <= MAX_USER_BYTES);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_half_full(&self) -> bool {
        self.0.load(Ordering::Relaxed) > MAX_USER_BYTES / 2
    }
}

impl Runs {
    /// No runs yet, of a user whose rows are counted there.
    pub(crate) fn new(memory: Arc<Memory>) -> Self {
        Self { memory, runs: Mutex::default() }
    }

    /// Where the user's rows are counted.
    pub(crate) fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// Runs a text on a connection, in a task of its own.
    ///
    /// # Errors
    /// 53300 if too many run already.
    pub(crate) fn start(&self, tab: Arc<Tab>, sql: String, limits: RunLimits) -> Result<Arc<Run>, SqlError> {
        let run = Arc::new(Run {
            id: Uuid::new_v4().to_string(),
            started: Instant::now(),
            memory: Arc::clone(&self.memory),
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            cancel: watch::Sender::new(false),
        });
        {
            let mut runs = self.runs();
            if runs.iter().filter(|run| run.is_running()).count() >= MAX_RUNNING {
                let message = format!("{MAX_RUNNING} statements run already; wait, or cancel one");
                return Err(SqlError::new(SqlState::TooManyConnections, message));
            }
            forget_old(&mut runs, &self.memory);
            runs.push_back(Arc::clone(&run));
        }
        tokio::spawn(Arc::clone(&run).work(tab, sql, limits));
        Ok(run)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.runs().iter().find(|run| run.id == id).cloned()
    }

    /// For when the user goes.
    pub(crate) fn cancel_all(&self) {
        self.runs().iter().for_each(|run| run.cancel());
    }

    fn runs(&self) -> MutexGuard<'_, VecDeque<Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_old(runs: &mut VecDeque<Arc<Run>>, memory: &Memory) {
    while runs.len() >= MAX_RUNS || memory.is_half_full() {
        let Some(oldest) = runs.iter().position(|run| !run.is_running()) else { return };
        runs.remove(oldest);
    }
}

impl Run {
    pub(crate) fn state(&self) -> MutexGuard<'_, RunState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts rows of so many bytes; `false` if they are too many to keep.
    fn keep(&self, bytes: usize) -> bool {
        let mut state = self.state();
        let fits = state.bytes.saturating_add(bytes) <= MAX_RUN_BYTES && self.memory.take(bytes);
        if fits {
            state.bytes += bytes;
        }
        fits
    }

    fn is_running(&self) -> bool {
        self.state().finished.is_none()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.state().finished.as_ref().map_or_else(|| self.started.elapsed(), |finished| finished.elapsed)
    }

    /// Ends it, if it still runs.
    pub(crate) fn cancel(&self) {
        self.cancel.send_replace(true);
    }

    /// Waits until it is finished, but not longer than that.
    pub(crate) async fn finished(&self, at_most: Duration) {
        let mut changed = self.changed.subscribe();
        let finished = async { while self.is_running() && changed.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(at_most, finished).await;
    }

    async fn work(self: Arc<Self>, tab: Arc<Tab>, sql: String, limits: RunLimits) {
        let mut requested = self.cancel.subscribe();
        let end = async {
            tokio::select! {
                _ = requested.wait_for(|requested| *requested) => {}
                () = after(limits.time) => {}
            }
        };
        tokio::pin!(end);
        // The text before it on the same connection may still run.
        let in_use = tokio::select! {
            biased;
            in_use = tab.in_use.lock() => Some(in_use),
            () = &mut end => None,
        };
        let ran = match in_use {
            None => Err(SqlError::new(SqlState::QueryCanceled, "Query cancelled before it began")),
            Some(_in_use) => {
                let statement_started = Instant::now();
                let mut collect =
                    Collect { run: Arc::clone(&self), max_rows: limits.rows, statement_started };
                let cancel = async {
                    end.await;
                    loop {
                        tab.connection.cancel();
                        tokio::time::sleep(CANCEL_AGAIN).await;
                    }
                };
                tokio::select! {
                    biased;
                    ran = tab.connection.run(&sql, &mut collect) => ran,
                    never = cancel => never,
                }
            }
        };
        self.finish(ran, limits);
    }

    fn finish(&self, mut ran: Result<(), SqlError>, limits: RunLimits) {
        let elapsed = self.started.elapsed();
        if let (Err(error), Some(time)) = (&mut ran, limits.time.filter(|time| elapsed >= *time))
            && error.state == SqlState::QueryCanceled
        {
            error.detail = Some(format!("the console's limit of {} s has passed", time.as_secs()));
        }
        self.state().finished = Some(Finished { elapsed, error: ran.err() });
        self.changed.send_modify(|count| *count += 1);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.memory.give_back(self.state().bytes);
    }
}

/// Ends after that time; without one, never.
async fn after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// Keeps what a run gives.
struct Collect {
    run: Arc<Run>,
    max_rows: usize,
    statement_started: Instant,
}

impl Collect {
    /// The result of the statement that runs now.
    fn change<T>(&self, change: impl FnOnce(&mut StatementRows) -> T) -> T {
        let mut state = self.run.state();
        if state.results.last().is_none_or(|result| result.done.is_some()) {
            state.results.push(StatementRows::default());
        }
        let index = state.results.len() - 1;
        change(&mut state.results[index])
    }
}

impl Output for Collect {
    fn columns(&mut self, columns: Vec<Column>) {
        self.change(|result| result.columns = Some(columns.into()));
    }

    fn rows(&mut self, rows: Vec<StringArray>) -> ControlFlow<()> {
        let count = rows.first().map_or(0, Array::len);
        let fits = self.run.keep(rows.iter().map(Array::get_array_memory_size).sum());
        let max_rows = self.max_rows;
        self.change(|result| {
            let kept = if fits { count.min(max_rows - result.row_count) } else { 0 };
            if kept > 0 {
                result.batches.push(rows.iter().map(|column| column.slice(0, kept)).collect());
            }
            result.row_count += kept;
            result.truncated = kept < count;
            match result.truncated {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })
    }

    fn done(&mut self, done: Done) {
        let elapsed = self.statement_started.elapsed();
        self.statement_started = Instant::now();
        self.change(|result| {
            result.elapsed = elapsed;
            result.done = Some(done);
        });
        self.run.changed.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::Arc;
    use std::time::Instant;

    use arrow::array::StringArray;

    use super::{Collect, MAX_RUN_BYTES, MAX_USER_BYTES, Memory, Run};
    use crate::warehouse::Output;

    fn run(memory: &Arc<Memory>) -> Arc<Run> {
        Arc::new(Run {
            id: String::new(),
            started: Instant::now(),
            memory: Arc::clone(memory),
            state: std::sync::Mutex::default(),
            changed: tokio::sync::watch::Sender::new(0),
            cancel: tokio::sync::watch::Sender::new(false),
        })
    }

    #[test]
    fn rows_of_all_runs_of_a_user_are_within_one_limit() {
        let memory = Arc::new(Memory::default());
        let runs: Vec<_> = (0..3).map(|_| run(&memory)).collect();
        assert!(runs[0].keep(MAX_RUN_BYTES) && !runs[0].keep(1));
        assert!(runs[1].keep(MAX_USER_BYTES - MAX_RUN_BYTES));
        let mut collect =
            Collect { run: Arc::clone(&runs[2]), max_rows: 9, statement_started: Instant::now() };
        let row = || vec![StringArray::from(vec!["a"])];
        assert_eq!(collect.rows(row()), ControlFlow::Break(()));
        {
            let state = runs[2].state();
            assert_eq!((state.results[0].row_count, state.results[0].truncated), (0, true));
        }
        // A run that is forgotten gives its memory back.
        drop(runs.into_iter().next());
        let third = run(&memory);
        let mut collect = Collect { run: Arc::clone(&third), max_rows: 9, statement_started: Instant::now() };
        assert_eq!(collect.rows(row()), ControlFlow::Continue(()));
        assert_eq!(third.state().results[0].row_count, 1);
    }
}
