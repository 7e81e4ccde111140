//! From the configuration to AWS: credentials, region, and the cluster that it describes.

use std::collections::BTreeMap;

use dwh_cluster::{AwsOptions, ClusterSpec, Kind, Prices, S3Prefix};
use dwh_common::Secret;

use crate::config::keys::{self, KEYS};
use crate::context::Context;
use crate::report::UsageError;

/// `[AWS]`, or the standard credential chain.
pub(crate) fn options(context: &Context) -> AwsOptions {
    let keys = context.text("AWS", "KEY").zip(context.text("AWS", "SECRET"));
    AwsOptions {
        region: context.text("AWS", "REGION").unwrap_or_default().to_owned(),
        keys: keys.map(|(key, secret)| (Secret::new(key), Secret::new(secret))),
        endpoint_url: None,
        sleep: None,
    }
}

/// Redshift keeps identifiers in lower case.
pub(crate) fn identifier(context: &Context) -> String {
    context.text("DWH", "DWH_CLUSTER_IDENTIFIER").unwrap_or_default().to_lowercase()
}

pub(crate) fn is_serverless(context: &Context) -> bool {
    context.text("DWH", "DWH_CLUSTER_TYPE") == Some("serverless")
}

/// The cluster of section `[DWH]`, and what of `[S3]` its role may read.
///
/// # Errors
/// As [`named`], or a source is not in S3.
pub(crate) fn spec(context: &Context) -> Result<ClusterSpec, UsageError> {
    Ok(ClusterSpec {
        reads: sources(context)?,
        manifest_prefix: context.text("S3", "MANIFEST_PREFIX").and_then(S3Prefix::parse),
        ..named(context)?
    })
}

/// The cluster of section `[DWH]`, for what has nothing to do with its sources.
///
/// # Errors
/// A tag cannot be read.
pub(crate) fn named(context: &Context) -> Result<ClusterSpec, UsageError> {
    let text = |name| context.text("DWH", name).unwrap_or_default().to_owned();
    let kind = match text("DWH_CLUSTER_TYPE").as_str() {
        "serverless" => {
            Kind::Serverless { base_rpu: context.number("DWH", "DWH_BASE_RPU").unwrap_or_default() }
        }
        "single-node" => Kind::Provisioned { node_type: text("DWH_NODE_TYPE"), nodes: 1 },
        _ => Kind::Provisioned {
            node_type: text("DWH_NODE_TYPE"),
            nodes: context.number("DWH", "DWH_NUM_NODES").unwrap_or(1),
        },
    };
    Ok(ClusterSpec {
        identifier: identifier(context),
        kind,
        database: text("DWH_DB"),
        user: text("DWH_DB_USER"),
        password: context.text("DWH", "DWH_DB_PASSWORD").map(Secret::new),
        port: context.number("DWH", "DWH_PORT").unwrap_or(5439),
        role_name: text("DWH_IAM_ROLE_NAME"),
        reads: Vec::new(),
        writes: Vec::new(),
        manifest_prefix: None,
        is_public: context.text("DWH", "DWH_PUBLIC") == Some("true"),
        subnet_ids: list(&text("DWH_SUBNET_IDS")).map(str::to_owned).collect(),
        tags: tags(&text("DWH_TAGS"))?,
        is_ephemeral: false,
    })
}

/// All that COPY reads. A local path is of the embedded warehouse's configuration, and no cluster reads it.
fn sources(context: &Context) -> Result<Vec<S3Prefix>, UsageError> {
    let mut found = Vec::new();
    for key in KEYS.iter().filter(|key| key.section == "S3") {
        let Some(url) = context.text(key.section, key.name) else { continue };
        let prefix = S3Prefix::parse(url).ok_or_else(|| {
            UsageError::new(
                format!("[S3] {} is {url}, and a cluster reads S3 only", key.name),
                "give s3://bucket/prefix, or leave it empty",
            )
        })?;
        found.push(prefix);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn tags(text: &str) -> Result<BTreeMap<String, String>, UsageError> {
    let tag = |pair: &str| {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            UsageError::new(format!("[DWH] DWH_TAGS: {pair:?} is no tag"), "write team=music, stage=test")
        })?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    };
    list(text).map(tag).collect()
}

/// The price table of section `[PRICES]`; keys are node types with `_` for the point.
pub(crate) fn prices(context: &Context) -> Prices {
    let mut prices = Prices::default();
    for key in keys::of_section("PRICES") {
        let Some(price) = context.number::<f64>("PRICES", key.name) else { continue };
        match key.name {
            "RPU_HOUR" => prices.rpu_hour_usd = Some(price),
            name => {
                prices.node_hour_usd.insert(name.to_ascii_lowercase().replacen('_', ".", 1), price);
            }
        }
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn tags_are_pairs_between_commas() {
        let found = tags("team=music, stage = test,").unwrap();
        assert_eq!(found.get("stage").map(String::as_str), Some("test"));
        assert!(tags("team").unwrap_err().to_string().contains("\"team\" is no tag"));
    }
}
