//! Ctrl-C, SIGTERM, and SIGHUP: the terminal is gone.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What asks the process to end.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` under `nohup`, which means that the process outlives its terminal.
    hangup: Option<Signal>,
}

impl Signals {
    /// From now on the process does not end by itself.
    ///
    /// # Errors
    /// Signals cannot be watched.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let watch = |kind| signal(kind).context("cannot watch for signals");
        let hangup = (!ignores_hangup()).then(|| watch(SignalKind::hangup())).transpose()?;
        Ok(Self {
            interrupt: watch(SignalKind::interrupt())?,
            terminate: watch(SignalKind::terminate())?,
            hangup,
        })
    }

    /// The name of the next one.
    pub(crate) async fn next(&mut self) -> &'static str {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => "Ctrl-C",
            _ = self.terminate.recv() => "SIGTERM",
            _ = hangup => "SIGHUP",
        }
    }
}

/// Whether SIGHUP was ignored when the process began, where the system tells (Linux).
fn ignores_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| is_ignored(&status))
}

/// Reads the mask of ignored signals in hexadecimal; its lowest bit is signal 1, SIGHUP (proc(5)).
fn is_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    /// Lines of `/proc/self/status` below `nohup` and without it.
    #[test]
    fn nohup_is_seen_in_the_mask_of_ignored_signals() {
        assert!(is_ignored("Name:\tdwh\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!is_ignored("Name:\tdwh\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!is_ignored(""));
    }
}
