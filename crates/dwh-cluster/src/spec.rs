//! What is to be created: a provisioned cluster or a Serverless workgroup, and all that belongs to it.

use std::collections::BTreeMap;
use std::fmt;

use dwh_common::Secret;

use crate::error::ClusterError;
use crate::node_type;

/// A cluster or workgroup as the configuration describes it.
#[derive(Debug, Clone)]
pub struct ClusterSpec {
    /// Identifier in lower case, as Redshift keeps it; namespace and workgroup of Serverless have it too.
    pub identifier: String,
    /// What computes.
    pub kind: Kind,
    /// First database.
    pub database: String,
    /// Administrator.
    pub user: String,
    /// The administrator's password; without one AWS makes it, keeps it in Secrets Manager and renews it.
    pub password: Option<Secret>,
    /// Port of the database.
    pub port: u16,
    /// Role that COPY and UNLOAD take.
    pub role_name: String,
    /// What the role may read.
    pub reads: Vec<S3Prefix>,
    /// What the role may write, for UNLOAD.
    pub writes: Vec<S3Prefix>,
    /// Where manifests are written for the cluster; one of the prefixes that are read.
    pub manifest_prefix: Option<S3Prefix>,
    /// Whether the database gets an address that the internet can reach.
    pub is_public: bool,
    /// Subnets; none are those of the default VPC.
    pub subnet_ids: Vec<String>,
    /// Tags of every resource, beside dwh's own.
    pub tags: BTreeMap<String, String>,
    /// Created by `dwh etl --ephemeral`, to be gone when it ends.
    pub is_ephemeral: bool,
}

/// What computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nodes that run until they are paused or deleted.
    Provisioned {
        /// Node type, such as `ra3.large`.
        node_type: String,
        /// Nodes; one is a single-node cluster.
        nodes: u32,
    },
    /// Capacity that comes with the queries.
    Serverless {
        /// Redshift processing units of 16 GB.
        base_rpu: u32,
    },
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provisioned { node_type, nodes: 1 } => write!(f, "1 node of {node_type}"),
            Self::Provisioned { node_type, nodes } => write!(f, "{nodes} nodes of {node_type}"),
            Self::Serverless { base_rpu } => write!(f, "Serverless with {base_rpu} RPU"),
        }
    }
}

/// A prefix of a bucket; the empty prefix is all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct S3Prefix {
    /// Bucket.
    pub bucket: String,
    /// Prefix of the keys.
    pub prefix: String,
}

impl S3Prefix {
    /// Reads `s3://bucket/prefix`.
    pub fn parse(url: &str) -> Option<Self> {
        let (bucket, prefix) = url.strip_prefix("s3://")?.split_once('/').unwrap_or((&url[5..], ""));
        Some(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// Key of the tag that marks what dwh has created; its value is the cluster's identifier.
pub const TAG_CLUSTER: &str = "dwh:cluster";
/// Key of the tag with the moment of creation, RFC 3339.
pub(crate) const TAG_CREATED_AT: &str = "dwh:created-at";
/// Key of the tag of what `dwh etl --ephemeral` has created.
pub(crate) const TAG_EPHEMERAL: &str = "dwh:ephemeral";

/// How the names of clusters of `dwh etl --ephemeral`, and of their roles, begin.
pub const EPHEMERAL_PREFIX: &str = "dwh-ephemeral-";

impl ClusterSpec {
    /// Name of the security group and of the subnet group.
    pub(crate) fn group_name(&self) -> String {
        group_name(&self.identifier)
    }

    /// The tags of a resource that is created at this moment.
    pub(crate) fn tags_at(&self, now: chrono::DateTime<chrono::Utc>) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.insert(TAG_CLUSTER.to_owned(), self.identifier.clone());
        tags.insert(TAG_CREATED_AT.to_owned(), now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        if self.is_ephemeral {
            tags.insert(TAG_EPHEMERAL.to_owned(), "true".to_owned());
        }
        tags
    }

    /// Checks what AWS would refuse after minutes, or with fewer words.
    ///
    /// # Errors
    /// [`ClusterError::Spec`] with what to change.
    pub fn validate(&self) -> Result<(), ClusterError> {
        self.validate_identifier()?;
        self.validate_size()?;
        if let Some(password) = &self.password {
            validate_password(password)?;
        }
        if self.is_ephemeral && self.reads.is_empty() {
            return refuse("[S3]", "there is no bucket to load from".to_owned());
        }
        Ok(())
    }

    fn validate_identifier(&self) -> Result<(), ClusterError> {
        let id = &self.identifier;
        let characters = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let longest = if matches!(self.kind, Kind::Serverless { .. }) { 64 } else { 63 };
        let good = characters
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && !id.ends_with('-')
            && !id.contains("--")
            && (3..=longest).contains(&id.len());
        if good {
            return Ok(());
        }
        refuse(
            "[DWH] DWH_CLUSTER_IDENTIFIER",
            format!(
                "{id:?} is no identifier; it is 3 to {longest} letters, digits and single hyphens, begins with a \
                 letter and does not end with a hyphen"
            ),
        )
    }

    fn validate_size(&self) -> Result<(), ClusterError> {
        match &self.kind {
            Kind::Provisioned { node_type, nodes } => node_type::validate(node_type, *nodes),
            Kind::Serverless { base_rpu } => match base_rpu {
                4 => Ok(()),
                8..=512 if base_rpu % 8 == 0 => Ok(()),
                544..=1024 if base_rpu % 32 == 0 => Ok(()),
                _ => refuse(
                    "[DWH] DWH_BASE_RPU",
                    format!(
                        "{base_rpu} is no capacity; give 4, 8 to 512 in steps of 8, or to 1024 in steps of 32"
                    ),
                ),
            },
        }
    }
}

pub(crate) fn group_name(identifier: &str) -> String {
    format!("dwh-{identifier}")
}

/// RS 8.3. The message never repeats the password.
fn validate_password(password: &Secret) -> Result<(), ClusterError> {
    let text = password.expose();
    let has = |wanted: fn(char) -> bool| text.chars().any(wanted);
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '@' | '"' | '\'' | '\\');
    let good = (8..=64).contains(&text.len())
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        && text.chars().all(allowed);
    if good {
        return Ok(());
    }
    refuse(
        "[DWH] DWH_DB_PASSWORD",
        "Redshift takes passwords of 8 to 64 printable ASCII characters with an upper case letter, a lower case \
         letter and a digit, and without / @ \" ' \\ or spaces; leave it empty to let AWS make and keep one"
            .to_owned(),
    )
}

pub(crate) fn refuse<T>(what: &str, reason: String) -> Result<T, ClusterError> {
    Err(ClusterError::Spec { what: what.to_owned(), reason })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The classic configuration, with a node type that can still be created.
    pub(crate) fn classic() -> ClusterSpec {
        ClusterSpec {
            identifier: "dwhcluster".to_owned(),
            kind: Kind::Provisioned { node_type: "ra3.large".to_owned(), nodes: 4 },
            database: "dwh".to_owned(),
            user: "dwhuser".to_owned(),
            password: Some(Secret::new("Passw0rd")),
            port: 5439,
            role_name: "dwhRole".to_owned(),
            reads: vec![S3Prefix { bucket: "b".to_owned(), prefix: "log_data".to_owned() }],
            writes: Vec::new(),
            manifest_prefix: None,
            is_public: false,
            subnet_ids: Vec::new(),
            tags: BTreeMap::new(),
            is_ephemeral: false,
        }
    }

    fn problem(change: impl FnOnce(&mut ClusterSpec)) -> String {
        let mut spec = classic();
        change(&mut spec);
        spec.validate().map_or_else(|error| error.to_string(), |()| "none".to_owned())
    }

    #[test]
    fn what_aws_would_refuse_is_said_before_anything_is_created() {
        assert_eq!(problem(|_| {}), "none");
        assert!(problem(|spec| spec.identifier = "1-cluster".to_owned()).contains("DWH_CLUSTER_IDENTIFIER"));
        assert!(problem(|spec| spec.identifier = "a--b".to_owned()).contains("single hyphens"));
        assert_eq!(problem(|spec| spec.kind = Kind::Serverless { base_rpu: 4 }), "none");
        assert!(problem(|spec| spec.kind = Kind::Serverless { base_rpu: 12 }).contains("DWH_BASE_RPU"));
        assert_eq!(problem(|spec| spec.password = None), "none", "AWS makes one");
    }

    #[test]
    fn a_weak_password_is_explained_and_not_repeated() {
        for password in ["short1A", "nouppercase1", "NOLOWER1", "NoDigits", "With/Slash1", "With Space1"] {
            let text = problem(|spec| spec.password = Some(Secret::new(password)));
            assert!(text.contains("DWH_DB_PASSWORD") && !text.contains(password), "{text}");
        }
    }

    #[test]
    fn prefixes_are_read_from_urls() {
        let parse = |url| S3Prefix::parse(url).map(|found| (found.bucket, found.prefix));
        assert_eq!(parse("s3://b/log/data"), Some(("b".to_owned(), "log/data".to_owned())));
        assert_eq!(parse("s3://b"), Some(("b".to_owned(), String::new())));
        assert_eq!(parse("/data"), None);
    }
}
