//! `dwh cluster delete`.

use super::Job;
use crate::confirm::confirm;
use crate::context::Context;

/// Asks, deletes, and waits until all is gone.
///
/// # Errors
/// Not agreed to, not created by dwh, or AWS refuses.
pub(super) async fn run(
    job: &Job,
    yes: bool,
    final_snapshot: bool,
    dry_run: bool,
    context: &Context,
) -> anyhow::Result<()> {
    let id = &job.spec.identifier;
    if !yes && !dry_run {
        let data = if final_snapshot { "keeps its data in a snapshot" } else { "all its data goes, too" };
        let question = format!("this deletes {id} and what dwh created around it; {data}; yes?");
        confirm(context.printer, &question, "nothing was deleted")?;
    }
    let outcome = job.lifecycle(dry_run).delete(final_snapshot).await;
    job.progress.clear();
    outcome?;
    if !dry_run {
        context.printer.note(format_args!("nothing of {id} is left"));
    }
    Ok(())
}
