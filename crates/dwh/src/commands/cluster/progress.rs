//! What happens to a cluster, for the terminal.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dwh_cluster::{Event, Observer};

use crate::printer::Printer;
use crate::progress::Spinner;

/// A state that does not change is said again after so long, where it cannot be drawn over itself.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Tells events as lines; waiting as a line that is drawn over itself on a terminal.
pub(crate) struct ClusterProgress {
    printer: Printer,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    spinner: Option<Spinner>,
    /// The state that was said last, and after how long.
    said: Option<(String, Duration)>,
}

impl ClusterProgress {
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, waiting: Mutex::default() }
    }

    /// Takes away what is drawn.
    pub(crate) fn clear(&self) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Waiting::default();
    }

    fn state(&self, what: &str, status: &str, waited: Duration) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{what}: {status}");
        let minutes = waited.as_secs() / 60;
        let seconds = waited.as_secs() % 60;
        if self.printer.draws() {
            waiting.spinner = Some(Spinner::start(format!("{text}, {minutes}:{seconds:02}")));
            return;
        }
        let is_new =
            waiting.said.as_ref().is_none_or(|(said, at)| *said != text || waited >= *at + SAY_AGAIN);
        if is_new {
            self.printer.note(format_args!("{text} after {minutes}:{seconds:02}"));
            waiting.said = Some((text, waited));
        }
    }
}

impl Observer for ClusterProgress {
    fn event(&self, event: Event<'_>) {
        if let Event::State { what, status, waited } = event {
            return self.state(what, status, waited);
        }
        self.clear();
        match event {
            Event::Kept { what } => self.printer.note(format_args!("there already: {what}")),
            Event::Would { action, what } => self.printer.note(format_args!("would {action}: {what}")),
            Event::Done { action, what } => self.printer.note(format_args!("{action}: {what}")),
            Event::Warning(text) => self.printer.warning(text),
            Event::State { .. } => {}
        }
    }
}
