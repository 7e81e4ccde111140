//! `dwh cluster status`.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dwh_cluster::{Kind, Prices, Resource};

use super::Job;
use crate::aws;
use crate::context::Context;
use crate::output::Rows;

/// Shows the cluster.
///
/// # Errors
/// There is none, or AWS does not tell.
pub(super) async fn one(job: &Job, context: &Context) -> anyhow::Result<()> {
    let found = job.lifecycle(false).find_existing().await?;
    let endpoint = found.endpoint.as_ref().map(|(host, port)| format!("{host}:{port}"));
    let roles: Vec<String> = found.roles.iter().map(|(arn, state)| format!("{arn} ({state})")).collect();
    let created = found.created_at.map(|moment| moment.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    let prices = aws::prices(context);
    let hour = prices.hour_usd(&found.kind);
    let rows = [
        ("identifier", Some(found.identifier.clone())),
        ("state", Some(found.status.clone())),
        ("endpoint", endpoint),
        ("database", Some(found.database.clone())),
        ("user", Some(found.user.clone())),
        ("capacity", Some(found.kind.to_string())),
        ("role", Some(roles.join(", ")).filter(|text| !text.is_empty())),
        ("vpc", found.vpc_id.clone()),
        ("created", created),
        ("age", found.created_at.map(|moment| text_of(age(moment)))),
        ("USD an hour", hour.map(|usd| format!("{usd:.2}"))),
        ("USD so far, at most", found.created_at.and_then(|moment| cost(&prices, &found.kind, moment))),
    ];
    let rows = rows.map(|(what, value)| [Some(what.to_owned()), value]);
    context.printer.rows(&Rows::of_text(["what", "value"], rows))?;
    match (&found.kind, hour) {
        (_, None) => {
            context.printer.warning(format_args!("there is no price for {} in section [PRICES]", found.kind))
        }
        (Kind::Serverless { .. }, _) => {
            context.printer.note("Serverless costs while it computes, not while it waits")
        }
        _ if found.status == "paused" => context.printer.note("while it is paused, only its storage costs"),
        _ => {}
    }
    Ok(())
}

/// Lists everything that dwh has created.
///
/// # Errors
/// AWS does not tell.
pub(super) async fn all(job: &Job, context: &Context) -> anyhow::Result<()> {
    let resources = job.lifecycle(false).resources().await?;
    let prices = aws::prices(context);
    let row = |resource: &Resource| {
        let kind = resource.kind.as_ref();
        [
            Some(resource.resource.to_owned()),
            Some(resource.name.clone()),
            Some(resource.cluster.clone()),
            resource.status.clone(),
            kind.map(ToString::to_string),
            resource.created_at.map(|moment| text_of(age(moment))),
            kind.and_then(|kind| prices.hour_usd(kind)).map(|usd| format!("{usd:.2}")),
            kind.zip(resource.created_at).and_then(|(kind, moment)| cost(&prices, kind, moment)),
            resource.is_ephemeral.then(|| "left over".to_owned()),
        ]
    };
    let labels = [
        "resource",
        "name",
        "cluster",
        "state",
        "capacity",
        "age",
        "usd_an_hour",
        "usd_so_far_at_most",
        "ephemeral",
    ];
    context.printer.rows(&Rows::of_text(labels, resources.iter().map(row)))?;
    for (cluster, is_serverless) in ephemeral(&resources) {
        let cluster_type = if is_serverless { "serverless" } else { "multi-node" };
        context.printer.warning(format_args!(
            "{cluster} is of a `dwh etl --ephemeral`; if that does not run any more, delete it: \
             DWH_DWH_DWH_CLUSTER_TYPE={cluster_type} DWH_DWH_DWH_CLUSTER_IDENTIFIER={cluster} \
             DWH_DWH_DWH_IAM_ROLE_NAME={cluster} dwh cluster delete"
        ));
    }
    Ok(())
}

/// The clusters of ephemeral runs, and whether they are Serverless.
fn ephemeral(resources: &[Resource]) -> BTreeMap<&str, bool> {
    let mut clusters = BTreeMap::new();
    for resource in resources.iter().filter(|resource| resource.is_ephemeral) {
        *clusters.entry(resource.cluster.as_str()).or_default() |= resource.is_serverless;
    }
    clusters
}

fn age(since: DateTime<Utc>) -> Duration {
    (Utc::now() - since).to_std().unwrap_or_default()
}

fn cost(prices: &Prices, kind: &Kind, since: DateTime<Utc>) -> Option<String> {
    Some(format!("{:.2}", prices.cost_usd(kind, age(since))?))
}

fn text_of(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::text_of;

    #[test]
    fn ages_are_short() {
        let text = |minutes: u64| text_of(Duration::from_secs(minutes * 60));
        assert_eq!([text(7), text(125), text(2 * 1440 + 61)], ["7 min", "2 h 5 min", "2 d 1 h"]);
    }
}
