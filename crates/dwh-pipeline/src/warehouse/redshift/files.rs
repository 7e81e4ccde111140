//! The cluster's side of S3: objects it would read, and files that a run writes for it.

use std::path::Path;

use dwh_common::{SqlError, SqlState};
use dwh_copy::{CopyError, S3Access, Stores};
use dwh_engine::s3_access;
use dwh_sql::statement::Copy;

use crate::warehouse::SourceObject;

/// Where files lie that a cluster reads.
#[derive(Clone)]
pub struct ClusterFiles {
    stores: Stores,
    manifest_prefix: Option<String>,
}

impl ClusterFiles {
    /// `manifest_prefix` is an `s3://` prefix that the cluster can read and this process can write.
    pub fn new(stores: Stores, manifest_prefix: Option<String>) -> Self {
        Self { stores, manifest_prefix }
    }

    pub(super) fn are_kept(&self) -> bool {
        self.manifest_prefix.is_some()
    }

    pub(super) async fn list(&self, copy: &Copy) -> Result<Vec<SourceObject>, SqlError> {
        require_s3(&copy.source)?;
        let objects = match dwh_copy::list(&copy.source, &self.stores, &s3_access(copy)).await {
            Err(CopyError::NoSuchPrefix { .. }) => return Ok(Vec::new()),
            listed => listed?,
        };
        Ok(objects.into_iter().map(SourceObject::from).collect())
    }

    pub(super) async fn write(&self, name: &str, content: Vec<u8>) -> Result<String, SqlError> {
        let prefix = self.manifest_prefix.as_deref().ok_or_else(|| {
            SqlError::new(
                SqlState::ObjectNotInPrerequisiteState,
                "there is nowhere to write files for the cluster",
            )
            .with_hint("set [S3] MANIFEST_PREFIX to a prefix of a bucket that the cluster's role can read")
        })?;
        require_s3(prefix)?;
        let url = format!("{}/{name}", prefix.trim_end_matches('/'));
        dwh_copy::write_object(&url, content.into(), &self.stores, &S3Access::default()).await?;
        Ok(url)
    }
}

fn require_s3(url: &str) -> Result<(), SqlError> {
    if url.starts_with("s3://") {
        return Ok(());
    }
    let what = if Path::new(url).is_absolute() { "a local path" } else { "no S3 URL" };
    Err(SqlError::new(SqlState::FeatureNotSupported, format!("a cluster reads S3 only, and {url} is {what}"))
        .with_hint("give s3://bucket/prefix in section [S3] of dwh.cfg, or use --target embedded"))
}
