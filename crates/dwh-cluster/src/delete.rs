//! Deleting: the cluster, then what dwh created around it, and nothing else.

use crate::error::{ApiErrorKind, ClusterError};
use crate::found::DELETING;
use crate::lifecycle::{Lifecycle, unless};
use crate::policy::ROLE_POLICY_NAME;
use crate::spec::Kind;
use crate::wait::Look;

const DELETE: (&str, &str) = ("delete", "deleted");

impl Lifecycle<'_> {
    /// Deletes and waits until all is gone; what is gone already is no error.
    ///
    /// `final_snapshot` keeps the data in a snapshot, which costs until it is deleted.
    ///
    /// # Errors
    /// dwh did not create the cluster, so that only what dwh created around it is gone; AWS refuses, or it takes too
    /// long; running it again goes on.
    pub async fn delete(&self, final_snapshot: bool) -> Result<(), ClusterError> {
        let found = self.find().await?;
        let foreign = found.as_ref().filter(|found| !self.is_ours(&found.tags)).map(|_| self.name());
        match &found {
            Some(_) if foreign.is_some() => {}
            Some(found) => {
                let snapshot = final_snapshot.then(|| self.snapshot_name());
                self.delete_compute(&found.status, snapshot.as_deref()).await?;
            }
            None => self.delete_left_workgroup().await?,
        }
        self.delete_subnet_group().await?;
        self.delete_security_groups().await?;
        self.delete_role().await?;
        foreign.map_or(Ok(()), |what| Err(ClusterError::Foreign { what }))
    }

    /// Name of the final snapshot of this moment.
    pub(crate) fn snapshot_name(&self) -> String {
        format!("{}-final-{}", self.spec.identifier, self.now().format("%Y%m%d-%H%M%S"))
    }

    async fn delete_compute(&self, status: &str, snapshot: Option<&str>) -> Result<(), ClusterError> {
        let what = match snapshot {
            Some(snapshot) => format!("{}, final snapshot {snapshot}", self.name()),
            None => format!("{}, without a final snapshot", self.name()),
        };
        if self.only_says(DELETE.0, &what) {
            return Ok(());
        }
        if matches!(self.spec.kind, Kind::Serverless { .. }) {
            self.delete_workgroup().await?;
        }
        if status != DELETING {
            let id = &self.spec.identifier;
            self.when_free(&self.name(), status, async || {
                let deleted = match self.spec.kind {
                    Kind::Provisioned { .. } => self.api.delete_cluster(id, snapshot).await,
                    Kind::Serverless { .. } => self.api.delete_namespace(id, snapshot).await,
                };
                unless(ApiErrorKind::NotFound, deleted)
            })
            .await?;
        }
        self.wait_until_gone().await?;
        self.done("deleted", &what);
        Ok(())
    }

    /// A workgroup cannot outlive its namespace, but AWS may show it for a while.
    async fn delete_left_workgroup(&self) -> Result<(), ClusterError> {
        if matches!(self.spec.kind, Kind::Provisioned { .. }) {
            return Ok(());
        }
        let Some(left) = self.own_workgroup().await? else { return Ok(()) };
        match self.tags_of(&left.arn).await? {
            Some(tags) if self.is_ours(&tags) && !self.only_says(DELETE.0, &self.name()) => {
                self.delete_workgroup().await
            }
            _ => Ok(()),
        }
    }

    async fn delete_workgroup(&self) -> Result<(), ClusterError> {
        if self.own_workgroup().await?.is_none() {
            return Ok(());
        }
        let (id, what) = (&self.spec.identifier, self.name());
        self.when_free(&what, "busy", async || {
            unless(ApiErrorKind::NotFound, self.api.delete_workgroup(id).await)
        })
        .await?;
        self.repeat(&what, async || {
            Ok(self
                .own_workgroup()
                .await?
                .map_or(Look::Ready(()), |workgroup| Look::NotYet(workgroup.status)))
        })
        .await
    }

    async fn delete_subnet_group(&self) -> Result<(), ClusterError> {
        let name = self.spec.group_name();
        if matches!(self.spec.kind, Kind::Serverless { .. }) {
            return Ok(());
        }
        let Some(_) = self.api.subnet_group(&name).await?.filter(|group| self.is_ours(&group.tags)) else {
            return Ok(());
        };
        let what = format!("subnet group {name}");
        if self.only_says(DELETE.0, &what) {
            return Ok(());
        }
        self.when_free(&what, "in use", async || {
            unless(ApiErrorKind::NotFound, self.api.delete_subnet_group(&name).await)
        })
        .await?;
        self.done("deleted", &what);
        Ok(())
    }

    async fn delete_security_groups(&self) -> Result<(), ClusterError> {
        let groups = self.api.security_groups_named(&self.spec.group_name()).await?;
        for group in groups.into_iter().filter(|group| self.is_ours(&group.tags)) {
            let what = format!("security group {} ({})", group.name, group.id);
            if self.only_says(DELETE.0, &what) {
                continue;
            }
            // The addresses of the cluster's nodes are given back a while after the cluster is gone.
            self.when_free(&what, "in use", async || {
                unless(ApiErrorKind::NotFound, self.api.delete_security_group(&group.id).await)
            })
            .await?;
            self.done("deleted", &what);
        }
        Ok(())
    }

    async fn delete_role(&self) -> Result<(), ClusterError> {
        let name = &self.spec.role_name;
        let Some(_) = self.api.role(name).await?.filter(|role| self.is_ours(&role.tags)) else {
            return Ok(());
        };
        self.act(DELETE, &format!("role {name}"), async {
            unless(ApiErrorKind::NotFound, self.api.delete_role_policy(name, ROLE_POLICY_NAME).await)?;
            unless(ApiErrorKind::NotFound, self.api.delete_role(name).await)
        })
        .await
    }
}
