//! Everything that dwh has created in a region, found by its tags: what a bill may come from.

use chrono::{DateTime, Utc};

use crate::api::Tags;
use crate::error::{ApiErrorKind, ClusterError, or_none};
use crate::found::Found;
use crate::lifecycle::Lifecycle;
use crate::spec::{Kind, TAG_CLUSTER, TAG_CREATED_AT, TAG_EPHEMERAL};

/// A resource that dwh has created.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// `cluster`, `namespace`, `workgroup`, `subnet group`, `security group`, `role`.
    pub resource: &'static str,
    /// Name or id.
    pub name: String,
    /// The cluster that it belongs to.
    pub cluster: String,
    /// State, where it has one.
    pub status: Option<String>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether `dwh etl --ephemeral` created it.
    pub is_ephemeral: bool,
    /// Whether it belongs to Serverless alone.
    pub is_serverless: bool,
    /// What computes, and costs by the hour.
    pub kind: Option<Kind>,
}

impl Resource {
    /// A resource with dwh's tags; `None` without them.
    fn of(resource: &'static str, name: &str, tags: &Tags) -> Option<Self> {
        let created_at = tags.get(TAG_CREATED_AT).and_then(|text| text.parse().ok());
        Some(Self {
            resource,
            name: name.to_owned(),
            cluster: tags.get(TAG_CLUSTER)?.clone(),
            status: None,
            created_at,
            is_ephemeral: tags.contains_key(TAG_EPHEMERAL),
            is_serverless: matches!(resource, "workgroup" | "namespace"),
            kind: None,
        })
    }
}

impl Lifecycle<'_> {
    /// Lists all clusters' resources in the region, those that cost first.
    ///
    /// # Errors
    /// AWS does not tell.
    pub async fn resources(&self) -> Result<Vec<Resource>, ClusterError> {
        let mut all = Vec::new();
        for cluster in self.api.clusters_tagged(TAG_CLUSTER).await? {
            let found = Found::from(cluster);
            let resource = Resource::of("cluster", &found.identifier, &found.tags);
            all.extend(resource.map(|resource| Resource {
                status: Some(found.status),
                created_at: found.created_at.or(resource.created_at),
                kind: Some(found.kind),
                ..resource
            }));
        }
        all.extend(self.serverless_resources().await?);
        for group in self.api.subnet_groups_tagged(TAG_CLUSTER).await? {
            all.extend(Resource::of("subnet group", &group.name, &group.tags));
        }
        for group in self.api.security_groups_tagged(TAG_CLUSTER).await? {
            all.extend(Resource::of("security group", &group.id, &group.tags));
        }
        for role in self.api.roles().await? {
            // It may have gone away since it was listed.
            let tags = or_none(self.api.role_tags(&role.name).await.map(Some))?;
            all.extend(tags.and_then(|tags| Resource::of("role", &role.name, &tags)));
        }
        Ok(all)
    }

    async fn serverless_resources(&self) -> Result<Vec<Resource>, ClusterError> {
        let workgroups = match self.api.workgroups().await {
            // Who only has clusters need not have permissions for Serverless.
            Err(error) if error.kind == ApiErrorKind::AccessDenied => {
                self.warn(&format!("workgroups are not listed: {error}"));
                return Ok(Vec::new());
            }
            listed => listed?,
        };
        let mut all = Vec::new();
        for workgroup in workgroups {
            let Some(tags) = self.tags_of(&workgroup.arn).await? else { continue };
            let resource = Resource::of("workgroup", &workgroup.name, &tags);
            all.extend(resource.map(|resource| Resource {
                status: Some(workgroup.status),
                created_at: workgroup.created_at.or(resource.created_at),
                kind: Some(Kind::Serverless { base_rpu: workgroup.base_rpu }),
                ..resource
            }));
        }
        for namespace in self.api.namespaces().await? {
            let Some(tags) = self.tags_of(&namespace.arn).await? else { continue };
            let resource = Resource::of("namespace", &namespace.name, &tags);
            all.extend(resource.map(|resource| Resource { status: Some(namespace.status), ..resource }));
        }
        Ok(all)
    }
}
