//! `dwh cluster create` and `dwh cluster wait`.

use dwh_cluster::Kind;

use super::{Job, write_back};
use crate::context::Context;

/// Creates what is missing.
///
/// # Errors
/// AWS refuses, or the configuration asks for what cannot be.
pub(super) async fn run(
    job: &Job,
    dry_run: bool,
    wait_for_it: bool,
    context: &Context,
) -> anyhow::Result<()> {
    let role_arn = job.lifecycle(dry_run).create().await?;
    if dry_run {
        return costs(job, context);
    }
    write_back::write(context, role_arn.as_deref(), None)?;
    if wait_for_it {
        return wait(job, context).await;
    }
    costs(job, context)?;
    context.printer.note("`dwh cluster wait` waits until it is available");
    Ok(())
}

/// Waits until the cluster is available.
///
/// # Errors
/// There is none, or it does not become available.
pub(super) async fn wait(job: &Job, context: &Context) -> anyhow::Result<()> {
    let found = job.lifecycle(false).wait().await;
    job.progress.clear();
    let found = found?;
    let role = found.roles.first().map(|(arn, _)| arn.as_str());
    write_back::write(context, role, found.endpoint.as_ref())?;
    costs(job, context)?;
    if let Some((host, port)) = &found.endpoint {
        context.printer.line(format_args!("{host}:{port}"))?;
    }
    Ok(())
}

/// Says what an hour costs.
fn costs(job: &Job, context: &Context) -> anyhow::Result<()> {
    match crate::aws::prices(context).hour_usd(&job.spec.kind) {
        Some(usd) => {
            let (verb, when) = match job.spec.kind {
                Kind::Serverless { .. } => ("costs", "of work"),
                Kind::Provisioned { nodes: 1, .. } => ("costs", "until it is deleted"),
                Kind::Provisioned { .. } => ("cost", "until they are deleted"),
            };
            let kind = &job.spec.kind;
            context.printer.note(format_args!("{kind} {verb} about {usd:.2} USD an hour {when}"));
        }
        None => context
            .printer
            .warning(format_args!("there is no price for {} in section [PRICES]", job.spec.kind)),
    }
    Ok(())
}
