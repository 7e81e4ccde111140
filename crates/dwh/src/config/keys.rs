//! Every section and key of `dwh.cfg`, in the order of the classic file.
//!
//! The order within a section is part of the format: 99 of the public scripts connect with
//! `*config['CLUSTER'].values()` (RS 10.3).

/// How a value is read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// Any text.
    Text,
    /// Any text, never shown.
    Secret,
    /// TCP port, 1 to 65535.
    Port,
    /// Whole number from 1 on.
    Count,
    /// Amazon Resource Name of an IAM role.
    RoleArn,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A price in USD, not negative.
    Price,
    /// A file, relative to the folder of `dwh.cfg`.
    File,
    /// `s3://bucket/prefix`, `file:///path` or a path, relative to the folder of `dwh.cfg`.
    Location,
}

/// One key of `dwh.cfg`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: ValueKind,
    pub(crate) default: Option<&'static str>,
    /// Comment in the file that `dwh init` writes, and in the documentation.
    pub(crate) about: &'static str,
}

impl Key {
    /// The variable of the environment that wins over the file: `DWH_<SECTION>_<KEY>`.
    pub(crate) fn variable(&self) -> String {
        format!("{}{}_{}", dwh_common::env_vars::DWH_PREFIX, self.section, self.name)
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.kind == ValueKind::Secret
    }
}

const fn key(
    section: &'static str,
    name: &'static str,
    kind: ValueKind,
    default: Option<&'static str>,
    about: &'static str,
) -> Key {
    Key { section, name, kind, default, about }
}

/// All keys, sections together, in the order of the file.
pub(crate) static KEYS: &[Key] = &[
    key("CLUSTER", "HOST", ValueKind::Text, None, "endpoint of the cluster; empty: the embedded warehouse"),
    key("CLUSTER", "DB_NAME", ValueKind::Text, Some("dwh"), "database"),
    key("CLUSTER", "DB_USER", ValueKind::Text, Some("dwhuser"), "user"),
    key("CLUSTER", "DB_PASSWORD", ValueKind::Secret, None, "password"),
    key("CLUSTER", "DB_PORT", ValueKind::Port, Some("5439"), "port"),
    key("IAM_ROLE", "ARN", ValueKind::RoleArn, None, "role that COPY reads S3 with"),
    key("S3", "LOG_DATA", ValueKind::Location, None, "prefix or folder of the activity logs"),
    key("S3", "LOG_JSONPATH", ValueKind::Location, None, "JSONPaths file of the logs"),
    key("S3", "SONG_DATA", ValueKind::Location, None, "prefix or folder of the song files"),
    key(
        "S3",
        "MANIFEST_PREFIX",
        ValueKind::Location,
        None,
        "where manifests are written for a cluster to read",
    ),
    key("AWS", "KEY", ValueKind::Secret, None, "access key; empty: the standard credential chain"),
    key("AWS", "SECRET", ValueKind::Secret, None, "secret key"),
    key("AWS", "REGION", ValueKind::Text, Some("us-west-2"), "region of the buckets"),
    key(
        "DWH",
        "DWH_CLUSTER_TYPE",
        ValueKind::Choice(&["single-node", "multi-node", "serverless"]),
        Some("multi-node"),
        "single-node, multi-node or serverless",
    ),
    key("DWH", "DWH_NUM_NODES", ValueKind::Count, Some("4"), "nodes"),
    key("DWH", "DWH_NODE_TYPE", ValueKind::Text, Some("ra3.large"), "node type"),
    key("DWH", "DWH_IAM_ROLE_NAME", ValueKind::Text, Some("dwhRole"), "role to create"),
    key("DWH", "DWH_CLUSTER_IDENTIFIER", ValueKind::Text, Some("dwhCluster"), "cluster to create"),
    key("DWH", "DWH_DB", ValueKind::Text, Some("dwh"), "its database"),
    key("DWH", "DWH_DB_USER", ValueKind::Text, Some("dwhuser"), "its user"),
    key(
        "DWH",
        "DWH_DB_PASSWORD",
        ValueKind::Secret,
        None,
        "its password; empty: AWS makes one and keeps it in Secrets Manager",
    ),
    key("DWH", "DWH_PORT", ValueKind::Port, Some("5439"), "its port"),
    key("DWH", "DWH_BASE_RPU", ValueKind::Count, Some("8"), "capacity of a Serverless workgroup"),
    key(
        "DWH",
        "DWH_PUBLIC",
        ValueKind::Choice(&["true", "false"]),
        Some("false"),
        "whether the internet can reach its address; the port is still closed",
    ),
    key(
        "DWH",
        "DWH_SUBNET_IDS",
        ValueKind::Text,
        None,
        "its subnets, commas between them; empty: the default VPC's",
    ),
    key("DWH", "DWH_TAGS", ValueKind::Text, None, "tags of all that is created: team=music, stage=test"),
    key(
        "REDSHIFT",
        "CONNECTION",
        ValueKind::Choice(&["password", "iam", "data-api"]),
        None,
        "password, iam or data-api; empty: password if there is one, else iam",
    ),
    key(
        "REDSHIFT",
        "CA_FILE",
        ValueKind::File,
        None,
        "certificates to trust beside those of this machine, in PEM",
    ),
    key(
        "REDSHIFT",
        "SECRET_ARN",
        ValueKind::Text,
        None,
        "secret with user and password for the Data API; empty: IAM",
    ),
    key(
        "REDSHIFT",
        "STATEMENT_TIMEOUT",
        ValueKind::Count,
        None,
        "seconds that a statement may run; empty: no limit",
    ),
    key(
        "PRICES",
        "RA3_LARGE",
        ValueKind::Price,
        Some("0.543"),
        "USD of a node for an hour; see the price list of your region",
    ),
    key("PRICES", "RA3_XLPLUS", ValueKind::Price, Some("1.086"), "USD of a node for an hour"),
    key("PRICES", "RA3_4XLARGE", ValueKind::Price, Some("3.26"), "USD of a node for an hour"),
    key("PRICES", "RA3_16XLARGE", ValueKind::Price, Some("13.04"), "USD of a node for an hour"),
    key("PRICES", "RG_XLARGE", ValueKind::Price, None, "USD of a node for an hour"),
    key("PRICES", "RG_4XLARGE", ValueKind::Price, None, "USD of a node for an hour"),
    key(
        "PRICES",
        "RPU_HOUR",
        ValueKind::Price,
        Some("0.375"),
        "USD of a Serverless unit for an hour of work",
    ),
    key("HTTP", "ACCESS_KEY_ID", ValueKind::Text, None, "key that requests of the Data API are signed with"),
    key("HTTP", "SECRET_ACCESS_KEY", ValueKind::Secret, None, "its secret"),
];

/// The keys of a section, in the order of the file.
pub(crate) fn of_section(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section == section)
}

/// The key of a section and a name in any case.
pub(crate) fn find(section: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.section == section && key.name.eq_ignore_ascii_case(name))
}

/// The sections in the order of the file.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> {
    KEYS.chunk_by(|a, b| a.section == b.section).map(|keys| keys[0].section)
}

/// Of the candidates, the one most like what was written, if any is like it at all.
pub(crate) fn nearest<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_ascii_uppercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&written, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{KEYS, ValueKind};

    fn page() -> String {
        let mut page = String::from(
            "# Configuration\n\nThe keys of `dwh.cfg`, in the order of the file. A variable wins over the file, a flag \
             over both; `dwh config\nshow` prints what holds and where it came from. This page is written by \
             `DWH_UPDATE_DOCS=1 cargo test -p dwh`.\n\n\
             | section | key | variable | default | meaning |\n|---|---|---|---|---|\n",
        );
        for key in KEYS {
            let default = key.default.unwrap_or_default();
            let secret = if key.kind == ValueKind::Secret { " (secret)" } else { "" };
            page += &format!(
                "| {} | {} | `{}` | {default} | {}{secret} |\n",
                key.section,
                key.name,
                key.variable(),
                key.about
            );
        }
        page + "\n`DWH_WAREHOUSE`, `DWH_CONFIG` and `DWH_TARGET` stand in for the flags of those names, and `DWH_LOG` is \
                a filter for the\nlog on stderr, such as `dwh=debug`. S3 is also configured by the standard variables: \
                `AWS_ACCESS_KEY_ID`,\n`AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, \
                `AWS_SKIP_SIGNATURE`.\n"
    }

    #[test]
    fn the_page_of_the_configuration_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
        if std::env::var_os("DWH_UPDATE_DOCS").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, page(), "write it anew with DWH_UPDATE_DOCS=1");
    }
}
