//! Asks before what cannot be undone.

use std::io::{self, BufRead, IsTerminal};

use anyhow::Context as _;

use crate::printer::Printer;
use crate::report::UsageError;

/// Asks at a terminal; elsewhere nobody could answer. `refused` is what to say if the answer is not yes.
///
/// # Errors
/// The answer is not yes.
pub(crate) fn confirm(printer: Printer, question: &str, refused: &str) -> anyhow::Result<()> {
    let refused = || UsageError::new(refused, "answer yes, or give --yes");
    if !io::stdin().is_terminal() {
        return Err(refused().into());
    }
    printer.warning(question);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refused().into()),
    }
}
