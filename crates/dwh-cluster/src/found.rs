//! The cluster or workgroup as it is.

use chrono::{DateTime, Utc};

use crate::api::{Cluster, Namespace, Tags, Workgroup};
use crate::error::{ApiError, ClusterError, or_none};
use crate::lifecycle::Lifecycle;
use crate::spec::Kind;

/// Status of a namespace without a workgroup, which AWS has no word for.
pub(crate) const NO_WORKGROUP: &str = "without a workgroup";
/// Status of what can be used.
pub(crate) const AVAILABLE: &str = "available";
/// Status of what is about to be gone.
pub(crate) const DELETING: &str = "deleting";

/// A provisioned cluster, or a namespace with its workgroup.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Identifier.
    pub identifier: String,
    /// Node type and count, or capacity.
    pub kind: Kind,
    /// State as AWS spells it.
    pub status: String,
    /// Host and port, once there are any.
    pub endpoint: Option<(String, u16)>,
    /// First database.
    pub database: String,
    /// Administrator.
    pub user: String,
    /// VPC.
    pub vpc_id: Option<String>,
    /// ARN and state of each role; `in-sync` is a role that can be used.
    pub roles: Vec<(String, String)>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// Tags.
    pub tags: Tags,
}

impl Found {
    /// Whether it can be connected to and COPY can use its role.
    pub fn is_ready(&self) -> bool {
        self.status == AVAILABLE
            && self.endpoint.is_some()
            && self.roles.iter().all(|(_, state)| state == "in-sync")
    }

    /// State of the cluster, or of the role that it still waits for.
    pub(crate) fn progress(&self) -> String {
        match self.roles.iter().find(|(_, state)| state != "in-sync") {
            Some((_, state)) if self.status == AVAILABLE => format!("available, role {state}"),
            _ => self.status.clone(),
        }
    }
}

impl From<Cluster> for Found {
    fn from(cluster: Cluster) -> Self {
        Self {
            identifier: cluster.identifier,
            kind: Kind::Provisioned { node_type: cluster.node_type, nodes: cluster.nodes },
            status: cluster.status,
            endpoint: cluster.endpoint,
            database: cluster.database,
            user: cluster.user,
            vpc_id: cluster.vpc_id,
            roles: cluster.roles,
            created_at: cluster.created_at,
            tags: cluster.tags,
        }
    }
}

impl Found {
    fn serverless(namespace: Namespace, workgroup: Option<Workgroup>, tags: Tags) -> Self {
        let in_sync = |arn: String| (arn, "in-sync".to_owned());
        let status = match &workgroup {
            // A namespace that goes takes its workgroup along.
            _ if namespace.status == DELETING => namespace.status,
            None => NO_WORKGROUP.to_owned(),
            Some(workgroup) if workgroup.status != AVAILABLE => workgroup.status.clone(),
            Some(_) => namespace.status,
        };
        let workgroup = workgroup.as_ref();
        Self {
            identifier: namespace.name,
            kind: Kind::Serverless { base_rpu: workgroup.map_or(0, |workgroup| workgroup.base_rpu) },
            status,
            endpoint: workgroup.and_then(|workgroup| workgroup.endpoint.clone()),
            database: namespace.database,
            user: namespace.user,
            vpc_id: workgroup.and_then(|workgroup| workgroup.vpc_id.clone()),
            roles: namespace.roles.into_iter().map(in_sync).collect(),
            created_at: namespace.created_at,
            tags,
        }
    }
}

impl Lifecycle<'_> {
    /// `cluster dwhcluster`, `workgroup dwhcluster`.
    pub(crate) fn name(&self) -> String {
        let kind = match self.spec.kind {
            Kind::Provisioned { .. } => "cluster",
            Kind::Serverless { .. } => "workgroup",
        };
        format!("{kind} {}", self.spec.identifier)
    }

    /// There is no such cluster or workgroup.
    pub(crate) fn missing(&self) -> ClusterError {
        ClusterError::NotFound { what: format!("{} in {}", self.name(), self.api.region()) }
    }

    /// The cluster or workgroup, if there is one.
    ///
    /// # Errors
    /// AWS does not tell.
    pub async fn find(&self) -> Result<Option<Found>, ClusterError> {
        let id = &self.spec.identifier;
        match self.spec.kind {
            Kind::Provisioned { .. } => Ok(self.api.cluster(id).await?.map(Found::from)),
            Kind::Serverless { .. } => {
                let Some(namespace) = self.api.namespace(id).await? else { return Ok(None) };
                let workgroup = self.own_workgroup().await?;
                Ok(self
                    .tags_of(&namespace.arn)
                    .await?
                    .map(|tags| Found::serverless(namespace, workgroup, tags)))
            }
        }
    }

    /// The workgroup of the namespace, not one of another namespace that has its name.
    pub(crate) async fn own_workgroup(&self) -> Result<Option<Workgroup>, ApiError> {
        let id = &self.spec.identifier;
        Ok(self.api.workgroup(id).await?.filter(|workgroup| workgroup.namespace == *id))
    }

    /// Tags of a namespace or workgroup; `None` if it went away since it was seen.
    pub(crate) async fn tags_of(&self, arn: &str) -> Result<Option<Tags>, ApiError> {
        or_none(self.api.serverless_tags(arn).await.map(Some))
    }

    /// The cluster or workgroup, which must be there.
    ///
    /// # Errors
    /// There is none, or AWS does not tell.
    pub async fn find_existing(&self) -> Result<Found, ClusterError> {
        self.find().await?.ok_or_else(|| self.missing())
    }

    /// The same, and dwh must have created it.
    pub(crate) async fn find_ours(&self) -> Result<Found, ClusterError> {
        let found = self.find_existing().await?;
        self.require_ours(&found.tags, &self.name())?;
        Ok(found)
    }
}
