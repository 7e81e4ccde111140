//! Creating: role, network, cluster, each only if it is missing.

use serde_json::Value;

use crate::api::{NewCluster, NewNamespace, NewWorkgroup, Role, SecurityGroup, Tags};
use crate::error::{ApiError, ApiErrorKind, ClusterError};
use crate::found::{DELETING, Found, NO_WORKGROUP};
use crate::lifecycle::{Lifecycle, unless};
use crate::policy::{self, ROLE_POLICY_NAME};
use crate::spec::Kind;
use crate::wait::Look;

const CREATE: (&str, &str) = ("create", "created");
/// Ids of what a dry run would create.
const TO_COME: &str = "(to be created)";

/// What a cluster is put into.
struct Network {
    subnet_ids: Vec<String>,
    security_group_id: String,
}

impl Lifecycle<'_> {
    /// Creates what is missing and returns the role's ARN, without waiting for the cluster to be available; a dry
    /// run that would create the role returns `None`.
    ///
    /// # Errors
    /// The specification asks for what cannot be, something that dwh did not create has the cluster's name, or AWS
    /// refuses; what was created until then is found again by the next run.
    pub async fn create(&self) -> Result<Option<String>, ClusterError> {
        self.spec.validate()?;
        self.api.caller().await?;
        let found = self.find_to_create().await?;
        let tags = self.spec.tags_at(self.now());
        let role = self.role(&tags).await?;
        match &found {
            Some(found) if found.status != NO_WORKGROUP => {
                self.kept(&format!("{} ({})", self.name(), found.status));
                self.compare(found);
            }
            partial => self.compute(partial.is_some(), role.as_ref(), &tags).await?,
        }
        Ok(role.map(|role| role.arn))
    }

    /// What is there already, if it is ours; what is just being deleted is gone first.
    async fn find_to_create(&self) -> Result<Option<Found>, ClusterError> {
        let mut found = self.find().await?;
        if let Some(found) = &found {
            self.require_ours(&found.tags, &self.name())?;
        }
        if found.as_ref().is_some_and(|found| found.status == DELETING) {
            self.warn(&format!("{} is deleting; it is created anew when it is gone", self.name()));
            found = if self.dry_run { None } else { self.wait_while_deleting().await? };
        }
        if matches!(self.spec.kind, Kind::Serverless { .. }) {
            let id = &self.spec.identifier;
            if let Some(other) = self.api.workgroup(id).await?.filter(|workgroup| workgroup.namespace != *id)
            {
                return Err(ClusterError::Foreign {
                    what: format!("workgroup {id} of namespace {}", other.namespace),
                });
            }
        }
        Ok(found)
    }

    async fn compute(
        &self,
        has_namespace: bool,
        role: Option<&Role>,
        tags: &Tags,
    ) -> Result<(), ClusterError> {
        let network = self.network(tags).await?;
        let role_arn = role.map_or(TO_COME, |role| &role.arn);
        match &self.spec.kind {
            Kind::Provisioned { node_type, nodes } => {
                self.cluster(node_type, *nodes, role_arn, &network, tags).await?;
            }
            Kind::Serverless { base_rpu } => {
                if !has_namespace {
                    self.namespace(role_arn, tags).await?;
                }
                self.workgroup(*base_rpu, &network, tags).await?;
            }
        }
        if self.dry_run { Ok(()) } else { self.wait_until_known().await }
    }

    /// Says what differs from the configuration; changing a running cluster is for people to decide.
    fn compare(&self, found: &Found) {
        if found.kind != self.spec.kind {
            let text = format!("{} is {}, and not {}", self.name(), found.kind, self.spec.kind);
            self.warn(&format!("{text} as the configuration says; delete it to create it anew"));
        }
    }

    async fn role(&self, tags: &Tags) -> Result<Option<Role>, ClusterError> {
        let name = &self.spec.role_name;
        let what = format!("role {name}");
        let role = match self.api.role(name).await? {
            Some(role) if !self.is_ours(&role.tags) => {
                self.warn(&format!("{what} was not created by dwh; it is used as it is"));
                return Ok(Some(role));
            }
            Some(role) => {
                self.kept(&what);
                role
            }
            None if self.only_says(CREATE.0, &format!("{what}, which Redshift can take")) => {
                if self.may_read_anything() {
                    self.only_says(CREATE.0, &self.policy_text());
                }
                return Ok(None);
            }
            None => self.create_role(&what, tags).await?,
        };
        if !self.may_read_anything() {
            return Ok(Some(role));
        }
        let document = policy::role(self.spec).to_string();
        self.act(
            ("update", "updated"),
            &self.policy_text(),
            self.api.put_role_policy(name, ROLE_POLICY_NAME, &document),
        )
        .await?;
        Ok(Some(role))
    }

    /// IAM takes no policy without statements.
    fn may_read_anything(&self) -> bool {
        let names_something = !self.spec.reads.is_empty() || !self.spec.writes.is_empty();
        if !names_something {
            self.warn("section [S3] names no source, so that the role may read nothing; fill it in and create again");
        }
        names_something
    }

    fn policy_text(&self) -> String {
        let prefixes: Vec<String> =
            self.spec.reads.iter().map(|read| format!("s3://{}/{}", read.bucket, read.prefix)).collect();
        format!("its policy: read {}", prefixes.join(", "))
    }

    /// IAM takes a while to know everywhere what it has created.
    async fn create_role(&self, what: &str, tags: &Tags) -> Result<Role, ClusterError> {
        let name = &self.spec.role_name;
        let trust = policy::trust(&self.spec.kind).to_string();
        match self.api.create_role(name, &trust, tags).await {
            Ok(_) => self.done("created", what),
            Err(error) if error.kind == ApiErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        self.repeat(what, async || match self.api.role(name).await? {
            Some(role) => Ok(Look::Ready(role)),
            None => Ok(Look::NotYet("not yet known to IAM".to_owned())),
        })
        .await
    }

    async fn network(&self, tags: &Tags) -> Result<Network, ClusterError> {
        let (vpc_id, subnet_ids) = self.subnets().await?;
        let security_group_id = self.security_group(&vpc_id, tags).await?;
        if matches!(self.spec.kind, Kind::Provisioned { .. }) {
            self.subnet_group(&subnet_ids, tags).await?;
        }
        Ok(Network { subnet_ids, security_group_id })
    }

    async fn subnets(&self) -> Result<(String, Vec<String>), ClusterError> {
        let problem = |reason: &str| ClusterError::Spec {
            what: "[DWH] DWH_SUBNET_IDS".to_owned(),
            reason: reason.to_owned(),
        };
        let subnets = match self.spec.subnet_ids.as_slice() {
            [] => {
                let vpc = self.api.default_vpc().await?;
                let vpc =
                    vpc.ok_or_else(|| problem("the region has no default VPC; name the subnets to use"))?;
                self.api.subnets_of_vpc(&vpc).await?
            }
            ids => match self.api.subnets(ids).await {
                Err(error) if error.kind == ApiErrorKind::NotFound => return Err(problem(&error.message)),
                found => found?,
            },
        };
        let vpc_id = subnets.first().ok_or_else(|| problem("there are no subnets"))?.vpc_id.clone();
        if subnets.iter().any(|subnet| subnet.vpc_id != vpc_id) {
            return Err(problem("the subnets are not all of one VPC"));
        }
        let mut ids: Vec<String> = subnets.into_iter().map(|subnet| subnet.id).collect();
        ids.sort_unstable();
        Ok((vpc_id, ids))
    }

    async fn security_group(&self, vpc_id: &str, tags: &Tags) -> Result<String, ClusterError> {
        let name = self.spec.group_name();
        let what = format!("security group {name} in {vpc_id}");
        let of_vpc = async || -> Result<Option<SecurityGroup>, ApiError> {
            let groups = self.api.security_groups_named(&name).await?;
            Ok(groups.into_iter().find(|group| group.vpc_id == vpc_id))
        };
        if let Some(group) = of_vpc().await? {
            self.require_ours(&group.tags, &what)?;
            self.kept(&what);
            return Ok(group.id);
        }
        let mut id = TO_COME.to_owned();
        self.act(CREATE, &what, async {
            id = match self.api.create_security_group(&name, vpc_id, tags).await {
                Err(error) if error.kind == ApiErrorKind::AlreadyExists => {
                    of_vpc().await?.map(|group| group.id).ok_or(error)?
                }
                created => created?,
            };
            Ok(())
        })
        .await?;
        Ok(id)
    }

    async fn subnet_group(&self, subnet_ids: &[String], tags: &Tags) -> Result<(), ClusterError> {
        let name = self.spec.group_name();
        let what = format!("subnet group {name}");
        if let Some(group) = self.api.subnet_group(&name).await? {
            self.require_ours(&group.tags, &what)?;
            self.kept(&what);
            return Ok(());
        }
        self.act(CREATE, &what, async {
            unless(ApiErrorKind::AlreadyExists, self.api.create_subnet_group(&name, subnet_ids, tags).await)
        })
        .await
    }

    async fn cluster(
        &self,
        node_type: &str,
        nodes: u32,
        role_arn: &str,
        network: &Network,
        tags: &Tags,
    ) -> Result<(), ClusterError> {
        let subnet_group = self.spec.group_name();
        let new = NewCluster {
            identifier: &self.spec.identifier,
            node_type,
            nodes,
            database: &self.spec.database,
            user: &self.spec.user,
            password: self.spec.password.as_ref(),
            port: self.spec.port,
            role_arn,
            subnet_group: &subnet_group,
            security_group_id: &network.security_group_id,
            is_public: self.spec.is_public,
            tags,
        };
        self.create_with_role(&self.describe(), async || self.api.create_cluster(&new).await).await
    }

    async fn namespace(&self, role_arn: &str, tags: &Tags) -> Result<(), ClusterError> {
        let new = NewNamespace {
            name: &self.spec.identifier,
            database: &self.spec.database,
            user: &self.spec.user,
            password: self.spec.password.as_ref(),
            role_arn,
            tags,
        };
        let what = format!("namespace {}", self.spec.identifier);
        self.create_with_role(&what, async || self.api.create_namespace(&new).await).await
    }

    async fn workgroup(&self, base_rpu: u32, network: &Network, tags: &Tags) -> Result<(), ClusterError> {
        let new = NewWorkgroup {
            name: &self.spec.identifier,
            base_rpu,
            port: self.spec.port,
            subnet_ids: &network.subnet_ids,
            security_group_id: &network.security_group_id,
            is_public: self.spec.is_public,
            tags,
        };
        if self.only_says(CREATE.0, &self.describe()) {
            return Ok(());
        }
        // The namespace may still be on its way.
        self.when_free(&self.name(), "waiting for its namespace", async || {
            match self.api.create_workgroup(&new).await {
                Err(error) if error.kind == ApiErrorKind::AlreadyExists => {
                    let exists = self.own_workgroup().await?.is_some();
                    if exists { Ok(()) } else { Err(ApiError { kind: ApiErrorKind::Busy, ..error }) }
                }
                done => done,
            }
        })
        .await?;
        self.done("created", &self.describe());
        Ok(())
    }

    fn describe(&self) -> String {
        let password = match self.spec.password {
            Some(_) => "the configured password",
            None => "a password managed in Secrets Manager",
        };
        let reach = if self.spec.is_public { "public address" } else { "no public address" };
        format!("{}: {}, encrypted, {reach}, {password}", self.name(), self.spec.kind)
    }

    /// Redshift refuses a role that IAM has just created until it can take it.
    async fn create_with_role(
        &self,
        what: &str,
        create: impl AsyncFn() -> Result<(), ApiError>,
    ) -> Result<(), ClusterError> {
        if self.only_says(CREATE.0, what) {
            return Ok(());
        }
        self.repeat(what, async || match create().await {
            Ok(()) => Ok(Look::Ready(())),
            Err(error) if error.kind == ApiErrorKind::AlreadyExists => Ok(Look::Ready(())),
            Err(error) if is_about_the_role(&error) => Ok(Look::NotYet("waiting for its role".to_owned())),
            Err(error) => Err(error.into()),
        })
        .await?;
        self.done("created", what);
        Ok(())
    }

    /// The policy of the role, for people to read.
    pub fn role_policy(&self) -> Value {
        policy::role(self.spec)
    }
}

fn is_about_the_role(error: &ApiError) -> bool {
    let text = error.message.to_ascii_lowercase();
    error.kind == ApiErrorKind::Other
        && text.contains("role")
        && (text.contains("assume") || text.contains("not valid"))
}
