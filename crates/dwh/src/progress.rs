//! Shows a run as it goes: a bar that is drawn over itself on a terminal, plain lines elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

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
    counters: Arc<Progress>,
    bar: Mutex<Option<CopyBar>>,
}

impl RunProgress {
    /// `counters` are those of the session that runs the COPYs.
    pub(crate) fn new(printer: Printer, counters: Arc<Progress>) -> Self {
        Self { printer, counters, bar: Mutex::new(None) }
    }

    /// Ends the bar of a COPY, finished or not.
    pub(crate) fn clear(&self) {
        drop(self.bar.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn start_bar(&self, load: &str, objects: u64, bytes: u64) {
        if self.printer.draws() {
            let bar = CopyBar::start(load, objects, bytes, Arc::clone(&self.counters));
            *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
        }
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
        match event {
            RunEvent::Listing { load, source_url } => tracing::info!(load, source_url, "listing"),
            RunEvent::TableCreated { table } => self.printer.note(format_args!("created table {table}")),
            RunEvent::Refreshing => self.printer.note("emptied the tables to load everything anew"),
            RunEvent::Compared(load) => self.compared(load),
            RunEvent::CopyStarted { load, objects, bytes } => self.start_bar(load, objects, bytes),
            RunEvent::CopyFinished(load) => {
                self.clear();
                self.copied(load);
            }
            RunEvent::TransformStarted { transform } => tracing::info!(transform, "transforming"),
            RunEvent::TransformFinished(done) => self.printer.note(format_args!(
                "{}: {} rows changed in {:.1} s",
                done.transform,
                done.rows_affected,
                done.elapsed.as_secs_f64()
            )),
            RunEvent::Committed { elapsed } => {
                self.printer.note(format_args!("committed after {:.1} s", elapsed.as_secs_f64()));
            }
            RunEvent::NothingNew => self.printer.note("nothing new; nothing was changed"),
        }
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

/// The bar of one COPY, kept up to date by a thread of its own until it is dropped.
struct CopyBar {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl CopyBar {
    fn start(load: &str, objects: u64, bytes: u64, counters: Arc<Progress>) -> Self {
        let template = "{prefix} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec}, {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar =
            ProgressBar::new(bytes).with_style(style.progress_chars("=> ")).with_prefix(load.to_owned());
        let done = Arc::new(AtomicBool::new(false));
        let (drawn, stop) = (bar.clone(), Arc::clone(&done));
        let before = Counts::of(&counters);
        let thread = std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let now = Counts::of(&counters).since(&before);
                drawn.set_position(now.bytes);
                let Counts { objects: read, rows, errors, .. } = now;
                drawn.set_message(format!("{read}/{objects} objects, {rows} rows, {errors} errors"));
                std::thread::park_timeout(REDRAW);
            }
        });
        Self { bar, done, thread: Some(thread) }
    }
}

impl Drop for CopyBar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread only draws; if it panicked there is nothing to save.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
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
