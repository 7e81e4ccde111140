//! `dwh cluster`: the Redshift cluster of section `[DWH]`, from its creation to its end.

mod create;
mod delete;
mod policy;
pub(crate) mod progress;
mod status;
mod write_back;

use dwh_cluster::{Aws, ClusterSpec, Lifecycle};

use crate::args::ClusterCommand;
use crate::aws;
use crate::clock::SystemClock;
use crate::context::Context;
use progress::ClusterProgress;

/// AWS, the cluster and whoever is told, for as long as a command runs.
pub(crate) struct Job {
    api: Aws,
    pub(crate) spec: ClusterSpec,
    pub(crate) progress: ClusterProgress,
}

impl Job {
    /// Calls nothing yet.
    pub(crate) async fn of(spec: ClusterSpec, context: &Context) -> Self {
        let api = Aws::new(aws::options(context)).await;
        Self { api, spec, progress: ClusterProgress::new(context.printer) }
    }

    pub(crate) fn lifecycle(&self, dry_run: bool) -> Lifecycle<'_> {
        Lifecycle { api: &self.api, clock: &SystemClock, observer: &self.progress, spec: &self.spec, dry_run }
    }
}

/// Runs one of the commands.
///
/// # Errors
/// AWS refuses, or the configuration asks for what cannot be.
pub(crate) async fn run(command: &ClusterCommand, context: &Context) -> anyhow::Result<()> {
    warn_of_keys(context);
    let spec = match command {
        ClusterCommand::Create { .. } | ClusterCommand::Policy { .. } => aws::spec(context)?,
        _ => aws::named(context)?,
    };
    let job = Job::of(spec, context).await;
    match command {
        ClusterCommand::Create { dry_run, wait } => create::run(&job, *dry_run, *wait, context).await?,
        ClusterCommand::Wait => create::wait(&job, context).await?,
        ClusterCommand::Status { all: false } => status::one(&job, context).await?,
        ClusterCommand::Status { all: true } => status::all(&job, context).await?,
        ClusterCommand::OpenPort { cidr, allow_whole_internet, dry_run } => {
            job.lifecycle(*dry_run).open_port(*cidr, *allow_whole_internet).await?;
        }
        ClusterCommand::ClosePort { cidr, dry_run } => {
            if job.lifecycle(*dry_run).close_port(*cidr).await? == 0 {
                context.printer.note("nothing was open");
            }
        }
        ClusterCommand::Pause { dry_run } => job.lifecycle(*dry_run).pause().await?,
        ClusterCommand::Resume { dry_run } => job.lifecycle(*dry_run).resume().await?,
        ClusterCommand::Delete { yes, final_snapshot, dry_run } => {
            delete::run(&job, *yes, *final_snapshot, *dry_run, context).await?;
        }
        ClusterCommand::Policy { role } => policy::run(&job, *role, context).await?,
    }
    Ok(())
}

/// Old files have keys in them, which never change and are copied with the file.
fn warn_of_keys(context: &Context) {
    if context.text("AWS", "KEY").is_some() {
        context.printer.warning(
            "access keys in dwh.cfg are used, but a key that never changes is best not in a file: with [AWS] KEY and \
             SECRET empty, aws sso login or AWS_PROFILE are used",
        );
    }
}
