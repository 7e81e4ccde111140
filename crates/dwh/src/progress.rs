//! Shows a run as it goes: a bar that is drawn over itself on a terminal, plain lines elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dwh_copy::Progress;
use dwh_pipeline::{LoadReport, RunEvent, RunObserver};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::printer::Printer;

const REDRAW: Duration = Duration::from_millis(100);
/// How many names a warning lists before it only counts.
const MAX_NAMES: usize = 3;

/// Observes a run for the terminal.
pub(crate) struct RunProgress {
    printer: Printer,
    counters: Option<Arc<Progress>>,
    bar: Mutex<Option<Bar>>,
}

impl RunProgress {
    /// `counters` are those of the session that runs the COPYs, if this process does.
    pub(crate) fn new(printer: Printer, counters: Option<Arc<Progress>>) -> Self {
        Self { printer, counters, bar: Mutex::new(None) }
    }

    /// Takes away what is drawn, whether it came to its end or not.
    pub(crate) fn clear(&self) {
        drop(self.drawn().take());
    }

    fn draw(&self, bar: impl FnOnce() -> Bar) {
        if self.printer.draws() {
            *self.drawn() = Some(bar());
        }
    }

    fn drawn(&self) -> MutexGuard<'_, Option<Bar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compared(&self, load: &LoadReport) {
        let LoadReport { load: name, objects_listed, objects_new, bytes_new, source_url, .. } = load;
        self.printer.note(format_args!(
            "{name}: {objects_new} new of {objects_listed} objects in {source_url}, {}",
            HumanBytes(*bytes_new)
        ));
        if !load.changed.is_empty() {
            self.printer.warning(format_args!(
                "{name}: {} changed since they were loaded and stay as they were; --full-refresh loads them anew",
                listed(&load.changed)
            ));
        }
        if !load.vanished.is_empty() {
            self.printer.warning(format_args!(
                "{name}: {} gone from the source; what they gave stays",
                listed(&load.vanished)
            ));
        }
    }

    fn copied(&self, load: &LoadReport) {
        let LoadReport { load: name, rows_loaded, rows_rejected, bytes_new, elapsed, .. } = load;
        let seconds = elapsed.as_secs_f64();
        let rate = HumanBytes((*bytes_new as f64 / seconds.max(1e-3)) as u64);
        self.printer.note(format_args!(
            "{name}: {rows_loaded} rows loaded, {rows_rejected} rejected in {seconds:.1} s ({rate}/s)"
        ));
        if *rows_rejected > 0 {
            self.printer.warning("some records were rejected; `dwh loads errors` shows them");
        }
    }
}

impl RunObserver for RunProgress {
    fn event(&self, event: RunEvent<'_>) {
        self.clear();
        match event {
            RunEvent::Listing { load, source_url } => {
                tracing::info!(load, source_url, "listing");
                self.draw(|| Bar::spinner(format!("{load}: listing {source_url}")));
            }
            RunEvent::TableCreated { table } => self.printer.note(format_args!("created table {table}")),
            RunEvent::Refreshing => self.printer.note("emptied the tables to load everything anew"),
            RunEvent::Compared(load) => self.compared(load),
            RunEvent::CopyStarted { load, objects, .. } => {
                self.draw(|| match &self.counters {
                    Some(counters) => Bar::of_copy(load, objects, Arc::clone(counters)),
                    None => Bar::spinner(format!("{load}: COPY of {objects} objects on the cluster")),
                });
            }
            RunEvent::CopyFinished(load) => self.copied(load),
            RunEvent::TransformStarted { transform } => {
                tracing::info!(transform, "transforming");
                self.draw(|| Bar::spinner(format!("{transform}: transforming")));
            }
            RunEvent::TransformFinished(done) => self.printer.note(format_args!(
                "{}: {} rows changed in {:.1} s",
                done.transform,
                done.rows_affected,
                done.elapsed.as_secs_f64()
            )),
            RunEvent::Repeating { reason } => {
                self.printer.warning(format_args!("{reason}; nothing is half done, and the run begins anew"));
            }
            RunEvent::Committed { elapsed } => {
                self.printer.note(format_args!("committed after {:.1} s", elapsed.as_secs_f64()));
            }
            RunEvent::NothingNew => self.printer.note("nothing new; nothing was changed"),
        }
    }
}

/// A line that moves until it is dropped.
pub(crate) struct Spinner {
    _bar: Bar,
}

impl Spinner {
    pub(crate) fn start(message: String) -> Self {
        Self { _bar: Bar::spinner(message) }
    }
}

/// Shows a compaction as it goes, until it is dropped.
pub(crate) struct CompactProgress {
    _bar: Option<Bar>,
}

impl CompactProgress {
    /// `objects` are those of the source, which the counters count.
    pub(crate) fn start(printer: Printer, objects: u64, counters: Arc<Progress>) -> Self {
        Self { _bar: printer.draws().then(|| Bar::of_compaction(objects, counters)) }
    }
}

/// The first few names, and how many there are.
fn listed(names: &[String]) -> String {
    let first = names.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MAX_NAMES) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more"),
    }
}

/// What is drawn, until it is dropped.
struct Bar {
    bar: ProgressBar,
    updates: Option<Updates>,
}

/// The thread that keeps the bar of a COPY up to date.
struct Updates {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Bar {
    fn spinner(message: String) -> Self {
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}")).with_message(message);
        bar.enable_steady_tick(REDRAW);
        Self { bar, updates: None }
    }

    /// Objects are what it counts: bytes are read well ahead of the rows that they become.
    fn of_copy(load: &str, objects: u64, counters: Arc<Progress>) -> Self {
        let started = Instant::now();
        Self::counting(load, objects, counters, move |Counts { bytes, rows, errors, .. }| {
            let rate = (*rows as f64 / started.elapsed().as_secs_f64().max(1e-3)) as u64;
            format!("{} read, {rows} rows, {errors} errors, {rate} rows/s", HumanBytes(*bytes))
        })
    }

    fn of_compaction(objects: u64, counters: Arc<Progress>) -> Self {
        Self::counting("compacting", objects, counters, |Counts { bytes, rows, .. }| {
            format!("{} read, {rows} values", HumanBytes(*bytes))
        })
    }

    /// A bar of objects, with a message made of all the counters.
    fn counting(
        prefix: &str,
        objects: u64,
        counters: Arc<Progress>,
        message: impl Fn(&Counts) -> String + Send + 'static,
    ) -> Self {
        let bar = ProgressBar::new(objects)
            .with_style(style("{prefix} [{bar:20}] {pos}/{len} objects, {wide_msg}").progress_chars("=> "))
            .with_prefix(prefix.to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let (drawn, stopped, before) = (bar.clone(), Arc::clone(&stop), Counts::of(&counters));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let counts = Counts::of(&counters).since(&before);
                drawn.set_position(counts.objects);
                drawn.set_message(message(&counts));
                std::thread::park_timeout(REDRAW);
            }
        });
        Self { bar, updates: Some(Updates { stop, thread }) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(Updates { stop, thread }) = self.updates.take() {
            stop.store(true, Ordering::Relaxed);
            thread.thread().unpark();
            // The thread only draws; if it panicked there is nothing to save.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The counters of a session at one moment; they add up over its COPYs.
struct Counts {
    objects: u64,
    bytes: u64,
    rows: u64,
    errors: u64,
}

impl Counts {
    fn of(counters: &Progress) -> Self {
        Self {
            objects: counters.objects_done.load(Ordering::Relaxed),
            bytes: counters.bytes_done.load(Ordering::Relaxed),
            rows: counters.rows.load(Ordering::Relaxed),
            errors: counters.errors.load(Ordering::Relaxed),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            objects: self.objects.saturating_sub(before.objects),
            bytes: self.bytes.saturating_sub(before.bytes),
            rows: self.rows.saturating_sub(before.rows),
            errors: self.errors.saturating_sub(before.errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn long_lists_of_names_end_in_a_count() {
        let names = |count: usize| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(&names(3)), "1, 2, 3");
        assert_eq!(listed(&names(5)), "1, 2, 3 and 2 more");
    }
}
