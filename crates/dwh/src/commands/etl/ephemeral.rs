//! `dwh etl --ephemeral`: a cluster for one run, always deleted: on success, failure, Ctrl-C, SIGTERM, and before
//! a budget is spent.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use dwh_cluster::{Cidr, ClusterSpec, EPHEMERAL_PREFIX, Found, Kind, S3Prefix};
use dwh_common::{Backoff, Clock as _, Secret};
use dwh_pipeline::{Pipeline, PipelineError, RunOptions, RunReport, Variables, tables};
use dwh_sql::keywords::quote_literal;

use crate::args::EtlArgs;
use crate::aws;
use crate::clock::SystemClock;
use crate::commands::cluster::Job as ClusterJob;
use crate::commands::{check, verify};
use crate::context::Context;
use crate::pipeline_job::{PipelineJob, files};
use crate::report::{ToldBefore, UsageError, WorkFailed, exit_code};
use crate::signals::Signals;
use crate::warehouse::WarehouseSession;
use crate::warehouse::connect::{Endpoint, Way};

/// Creating a cluster takes most of it; a budget that buys less is spent before the first row is loaded.
const SHORTEST_RUN: Duration = Duration::from_secs(10 * 60);
/// Stands in for the role's ARN until there is one.
const ROLE_TO_COME: &str = "arn:aws:iam::000000000000:role/to-be-created";
/// Between the tries to delete: what is left costs, so that a short outage of AWS must not leave it.
const DELETING: Backoff =
    Backoff { first: Duration::from_secs(5), longest: Duration::from_secs(60), attempts: 6 };

/// Why the work ended early.
enum Stopped {
    Signal(&'static str),
    Budget(f64),
}

/// Creates, loads, verifies, deletes.
///
/// # Errors
/// What failed; the cluster is deleted all the same, and where that fails, too, the error says what is left.
pub(super) async fn run(args: &EtlArgs, context: &Context) -> anyhow::Result<()> {
    let way = context.way();
    let spec = spec(args, context, way)?;
    spec.validate()?;
    // All that can be wrong without a cluster is found before there is one.
    let (pipeline, variables) = files_with_role(args, context, ROLE_TO_COME)?;
    dwh_pipeline::check_files(&pipeline, &variables)?;
    let limit = args.budget.map(|usd| time_for(usd, &spec, context)).transpose()?;
    let mut signals = Signals::new()?;
    let cluster = ClusterJob::of(spec, context).await;
    let cidr = match way {
        Way::DataApi => None,
        Way::Password | Way::Iam => Some(cluster.lifecycle(false).range_to_open(args.cidr, false).await?),
    };
    context.printer.note(format_args!("this run's cluster is {}", cluster.spec.identifier));

    // Not interrupted: a call that AWS has heard and dwh has not waited for would leave a cluster that nobody knows.
    let outcome = match cluster.lifecycle(false).create().await {
        Err(error) => Err(error.into()),
        Ok(role) => {
            let role = role.unwrap_or_default();
            tokio::select! {
                outcome = work(args, context, &cluster, (way, cidr), &role) => outcome.map(|()| None),
                name = signals.next() => Ok(Some(Stopped::Signal(name))),
                () = elapsed(limit) => Ok(Some(Stopped::Budget(args.budget.unwrap_or_default()))),
            }
        }
    };
    cluster.progress.clear();
    match &outcome {
        Ok(None) => {}
        Ok(Some(Stopped::Signal(name))) => {
            context.printer.warning(format_args!("{name}: deleting the cluster"))
        }
        Ok(Some(Stopped::Budget(usd))) => {
            context
                .printer
                .warning(format_args!("the budget of {usd:.2} USD is used up: deleting the cluster"));
        }
        // Told at once, as deleting takes minutes.
        Err(error) => context.printer.error(error.as_ref()),
    }
    delete(&cluster, context, &mut signals).await?;
    match outcome {
        Ok(None) => Ok(()),
        Ok(Some(stopped)) => {
            let why = match stopped {
                Stopped::Signal(name) => format!("stopped by {name}"),
                Stopped::Budget(usd) => format!("stopped when it had cost about {usd:.2} USD"),
            };
            Err(WorkFailed(format!("{why}; nothing is left on AWS")).into())
        }
        Err(error) => Err(ToldBefore {
            message: "the run on the ephemeral cluster failed, as said above; the cluster is deleted"
                .to_owned(),
            exit_code: exit_code(error.as_ref()),
        }
        .into()),
    }
}

/// The cluster of section `[DWH]` under names of its own.
fn spec(args: &EtlArgs, context: &Context, way: Way) -> anyhow::Result<ClusterSpec> {
    let mut spec = aws::spec(context)?;
    let name = format!("{EPHEMERAL_PREFIX}{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
    spec.identifier.clone_from(&name);
    spec.role_name = name;
    spec.is_ephemeral = true;
    if way == Way::Password && spec.password.is_none() {
        // Of all four kinds of characters; it lives as long as this process.
        spec.password = Some(Secret::new(format!("Aa1-{}", uuid::Uuid::new_v4().simple())));
    }
    if let Some(url) = &args.unload {
        let prefix = S3Prefix::parse(url).ok_or_else(|| {
            UsageError::new(format!("{url} is no S3 URL"), "give --unload s3://bucket/prefix")
        })?;
        spec.writes.push(prefix);
    }
    Ok(spec)
}

fn files_with_role(args: &EtlArgs, context: &Context, role: &str) -> anyhow::Result<(Pipeline, Variables)> {
    files(&args.pipeline, context, |key| (key == "IAM_ROLE.ARN").then(|| role.to_owned()))
}

/// How long the budget lasts.
fn time_for(usd: f64, spec: &ClusterSpec, context: &Context) -> Result<Duration, UsageError> {
    let time = aws::prices(context).time_for(&spec.kind, usd).ok_or_else(|| {
        UsageError::new(
            format!("there is no price for {}, so that no budget can be kept", spec.kind),
            "set it in section [PRICES] of dwh.cfg",
        )
    })?;
    if time < SHORTEST_RUN && matches!(spec.kind, Kind::Provisioned { .. }) {
        let message = format!(
            "{usd:.2} USD buy {} minutes of {}, and a run takes longer",
            time.as_secs() / 60,
            spec.kind
        );
        return Err(UsageError::new(message, "give more, or take fewer or smaller nodes"));
    }
    Ok(time)
}

async fn elapsed(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

async fn work(
    args: &EtlArgs,
    context: &Context,
    cluster: &ClusterJob,
    (way, cidr): (Way, Option<Cidr>),
    role: &str,
) -> anyhow::Result<()> {
    let lifecycle = cluster.lifecycle(false);
    let found = lifecycle.wait().await?;
    if cidr.is_some() {
        lifecycle.open_port(cidr, false).await?;
    }
    let warehouse = Arc::new(context.redshift(endpoint(&found, &cluster.spec)?, way).await?);
    let (pipeline, variables) = files_with_role(args, context, role)?;
    let job = PipelineJob::on(pipeline, variables, WarehouseSession::Redshift(warehouse), context);
    let report = super::once(&job, RunOptions::default()).await?;
    check::on(&job, context).await?;
    match verify::compare(&job, None).await {
        Ok(compared) => verify::judge(&compared, context.printer)?,
        Err(error) => match error.downcast_ref() {
            Some(PipelineError::NoExpectedResults { .. }) => {
                context.printer.note("no results are expected of this data, so that none were compared");
            }
            _ => return Err(error),
        },
    }
    match &args.unload {
        Some(prefix) => unload(&job, &report, prefix, role, context).await,
        None => Ok(()),
    }
}

fn endpoint(found: &Found, spec: &ClusterSpec) -> anyhow::Result<Endpoint> {
    let (host, port) = found.endpoint.clone().context("the cluster is available and has no endpoint")?;
    Ok(Endpoint {
        host,
        port,
        database: spec.database.clone(),
        user: spec.user.clone(),
        password: spec.password.clone(),
        identifier: spec.identifier.clone(),
        is_serverless: matches!(spec.kind, Kind::Serverless { .. }),
    })
}

/// Writes every table that is not one of staging, a folder each.
async fn unload(
    job: &PipelineJob,
    report: &RunReport,
    prefix: &str,
    role: &str,
    context: &Context,
) -> anyhow::Result<()> {
    let warehouse = job.warehouse.as_warehouse();
    for status in tables::list(&job.pipeline, &job.variables, warehouse).await? {
        let table = status.table;
        if report.loads.iter().any(|load| load.table == table) {
            continue;
        }
        let target = format!("{}/{table}/", prefix.trim_end_matches('/'));
        let sql = format!(
            "UNLOAD ({}) TO {} IAM_ROLE {} FORMAT AS PARQUET ALLOWOVERWRITE",
            quote_literal(&format!("SELECT * FROM {table}")),
            quote_literal(&target),
            quote_literal(role)
        );
        warehouse
            .execute(&sql)
            .await
            .map_err(|error| anyhow::Error::new(error).context(format!("unloading {table}")))?;
        context.printer.note(format_args!("unloaded {table} to {target}"));
    }
    Ok(())
}

/// Deletes, and does not give up at the first failure: what is left costs.
async fn delete(cluster: &ClusterJob, context: &Context, signals: &mut Signals) -> anyhow::Result<()> {
    let id = &cluster.spec.identifier;
    let lifecycle = cluster.lifecycle(false);
    let mut attempt = 1;
    loop {
        let deleting = lifecycle.delete(false);
        tokio::pin!(deleting);
        let outcome = loop {
            tokio::select! {
                outcome = &mut deleting => break outcome,
                name = signals.next() => context.printer.warning(format_args!(
                    "{name}: still deleting {id}; end the process only if it may stay and cost"
                )),
            }
        };
        cluster.progress.clear();
        let Err(error) = outcome else { return Ok(()) };
        let Some(wait) = DELETING.after(attempt).filter(|_| error.may_pass()) else {
            let left = format!(
                "{id} could not be deleted and may go on costing; `dwh cluster status --all` lists what is left and \
                 how to delete it"
            );
            return Err(anyhow::Error::new(error).context(left));
        };
        context
            .printer
            .warning(format_args!("{id} is not deleted yet: {error}; trying again in {} s", wait.as_secs()));
        SystemClock.sleep(wait).await;
        attempt += 1;
    }
}
