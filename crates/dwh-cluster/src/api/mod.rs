//! What dwh asks of AWS: one trait, so that the flows above it can be tested without an account.
//!
//! A method is one call, or one listing. `Ok(None)` is "there is none"; deleting what is gone fails with
//! [`ApiErrorKind::NotFound`](crate::ApiErrorKind::NotFound).

pub(crate) mod aws;

use std::collections::BTreeMap;
use std::net::IpAddr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use dwh_common::Secret;

use crate::cidr::Cidr;
use crate::error::ApiError;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Account of 12 digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Tags; empty in listings.
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Id.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Tags.
    pub tags: Tags,
    /// Ranges that may reach one TCP port, as dwh opens it: port and range.
    pub ingress: Vec<(u16, Cidr)>,
    /// Whether other traffic may come in, too: another protocol, a range of ports, another group.
    pub has_other_ingress: bool,
}

/// A cluster subnet group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroup {
    /// Name.
    pub name: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Tags.
    pub tags: Tags,
}

/// A provisioned cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Identifier.
    pub identifier: String,
    /// State as AWS spells it.
    pub status: String,
    /// Host and port, once there are any.
    pub endpoint: Option<(String, u16)>,
    /// Node type.
    pub node_type: String,
    /// Nodes.
    pub nodes: u32,
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

/// A Serverless namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// State as AWS spells it.
    pub status: String,
    /// First database.
    pub database: String,
    /// Administrator.
    pub user: String,
    /// ARNs of its roles.
    pub roles: Vec<String>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
}

/// A Serverless workgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workgroup {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Its namespace.
    pub namespace: String,
    /// State as AWS spells it.
    pub status: String,
    /// Host and port, once there are any.
    pub endpoint: Option<(String, u16)>,
    /// Redshift processing units.
    pub base_rpu: u32,
    /// VPC.
    pub vpc_id: Option<String>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
}

/// What a cluster is created from.
#[derive(Debug, Clone)]
pub struct NewCluster<'a> {
    /// Identifier.
    pub identifier: &'a str,
    /// Node type.
    pub node_type: &'a str,
    /// Nodes; one is a single-node cluster.
    pub nodes: u32,
    /// First database.
    pub database: &'a str,
    /// Administrator.
    pub user: &'a str,
    /// Its password; without one AWS manages it.
    pub password: Option<&'a Secret>,
    /// Port.
    pub port: u16,
    /// Role of COPY and UNLOAD, also the default one.
    pub role_arn: &'a str,
    /// Subnet group.
    pub subnet_group: &'a str,
    /// Security group.
    pub security_group_id: &'a str,
    /// Whether the internet can reach its address.
    pub is_public: bool,
    /// Tags.
    pub tags: &'a Tags,
}

/// What a namespace is created from.
#[derive(Debug, Clone)]
pub struct NewNamespace<'a> {
    /// Name.
    pub name: &'a str,
    /// First database.
    pub database: &'a str,
    /// Administrator.
    pub user: &'a str,
    /// Its password; without one AWS manages it.
    pub password: Option<&'a Secret>,
    /// Role of COPY and UNLOAD, also the default one.
    pub role_arn: &'a str,
    /// Tags.
    pub tags: &'a Tags,
}

/// What a workgroup is created from.
#[derive(Debug, Clone)]
pub struct NewWorkgroup<'a> {
    /// Name, also that of its namespace.
    pub name: &'a str,
    /// Redshift processing units.
    pub base_rpu: u32,
    /// Port.
    pub port: u16,
    /// Subnets.
    pub subnet_ids: &'a [String],
    /// Security group.
    pub security_group_id: &'a str,
    /// Whether the internet can reach its address.
    pub is_public: bool,
    /// Tags.
    pub tags: &'a Tags,
}

/// A database user and a password for a while.
#[derive(Debug, Clone)]
pub struct TemporaryCredentials {
    /// User, with the prefix that IAM gives it.
    pub user: String,
    /// Password.
    pub password: Secret,
}

/// AWS.
#[async_trait]
pub trait AwsApi: Send + Sync {
    /// Region that the calls go to.
    fn region(&self) -> &str;

    /// sts:GetCallerIdentity.
    async fn caller(&self) -> Result<Caller, ApiError>;
    /// This machine's address as the internet sees it.
    async fn own_address(&self) -> Result<IpAddr, ApiError>;

    /// iam:GetRole.
    async fn role(&self, name: &str) -> Result<Option<Role>, ApiError>;
    /// iam:ListRoles, of those that dwh created.
    async fn roles(&self) -> Result<Vec<Role>, ApiError>;
    /// iam:ListRoleTags.
    async fn role_tags(&self, name: &str) -> Result<Tags, ApiError>;
    /// iam:CreateRole.
    async fn create_role(&self, name: &str, trust: &str, tags: &Tags) -> Result<Role, ApiError>;
    /// iam:PutRolePolicy; replaces what was there.
    async fn put_role_policy(&self, role: &str, policy: &str, document: &str) -> Result<(), ApiError>;
    /// iam:DeleteRolePolicy.
    async fn delete_role_policy(&self, role: &str, policy: &str) -> Result<(), ApiError>;
    /// iam:DeleteRole.
    async fn delete_role(&self, name: &str) -> Result<(), ApiError>;

    /// ec2:DescribeVpcs, the default one.
    async fn default_vpc(&self) -> Result<Option<String>, ApiError>;
    /// ec2:DescribeSubnets, of a VPC.
    async fn subnets_of_vpc(&self, vpc_id: &str) -> Result<Vec<Subnet>, ApiError>;
    /// ec2:DescribeSubnets, by id.
    async fn subnets(&self, ids: &[String]) -> Result<Vec<Subnet>, ApiError>;
    /// ec2:DescribeSecurityGroups, of a name.
    async fn security_groups_named(&self, name: &str) -> Result<Vec<SecurityGroup>, ApiError>;
    /// ec2:DescribeSecurityGroups, with a tag of this key.
    async fn security_groups_tagged(&self, key: &str) -> Result<Vec<SecurityGroup>, ApiError>;
    /// ec2:CreateSecurityGroup; returns its id.
    async fn create_security_group(&self, name: &str, vpc_id: &str, tags: &Tags) -> Result<String, ApiError>;
    /// ec2:AuthorizeSecurityGroupIngress.
    async fn authorize_ingress(&self, group_id: &str, port: u16, cidr: Cidr) -> Result<(), ApiError>;
    /// ec2:RevokeSecurityGroupIngress.
    async fn revoke_ingress(&self, group_id: &str, port: u16, cidr: Cidr) -> Result<(), ApiError>;
    /// ec2:DeleteSecurityGroup.
    async fn delete_security_group(&self, id: &str) -> Result<(), ApiError>;

    /// redshift:DescribeClusterSubnetGroups, by name.
    async fn subnet_group(&self, name: &str) -> Result<Option<SubnetGroup>, ApiError>;
    /// redshift:DescribeClusterSubnetGroups, with a tag of this key.
    async fn subnet_groups_tagged(&self, key: &str) -> Result<Vec<SubnetGroup>, ApiError>;
    /// redshift:CreateClusterSubnetGroup.
    async fn create_subnet_group(
        &self,
        name: &str,
        subnet_ids: &[String],
        tags: &Tags,
    ) -> Result<(), ApiError>;
    /// redshift:DeleteClusterSubnetGroup.
    async fn delete_subnet_group(&self, name: &str) -> Result<(), ApiError>;
    /// redshift:DescribeClusters, by identifier.
    async fn cluster(&self, identifier: &str) -> Result<Option<Cluster>, ApiError>;
    /// redshift:DescribeClusters, with a tag of this key.
    async fn clusters_tagged(&self, key: &str) -> Result<Vec<Cluster>, ApiError>;
    /// redshift:CreateCluster, encrypted.
    async fn create_cluster(&self, new: &NewCluster<'_>) -> Result<(), ApiError>;
    /// redshift:PauseCluster.
    async fn pause_cluster(&self, identifier: &str) -> Result<(), ApiError>;
    /// redshift:ResumeCluster.
    async fn resume_cluster(&self, identifier: &str) -> Result<(), ApiError>;
    /// redshift:DeleteCluster, with a final snapshot of this name or without one.
    async fn delete_cluster(&self, identifier: &str, snapshot: Option<&str>) -> Result<(), ApiError>;
    /// redshift:GetClusterCredentials.
    async fn cluster_credentials(
        &self,
        identifier: &str,
        user: &str,
        database: &str,
    ) -> Result<TemporaryCredentials, ApiError>;

    /// redshift-serverless:GetNamespace.
    async fn namespace(&self, name: &str) -> Result<Option<Namespace>, ApiError>;
    /// redshift-serverless:ListNamespaces.
    async fn namespaces(&self) -> Result<Vec<Namespace>, ApiError>;
    /// redshift-serverless:CreateNamespace.
    async fn create_namespace(&self, new: &NewNamespace<'_>) -> Result<(), ApiError>;
    /// redshift-serverless:DeleteNamespace, with a final snapshot of this name or without one.
    async fn delete_namespace(&self, name: &str, snapshot: Option<&str>) -> Result<(), ApiError>;
    /// redshift-serverless:GetWorkgroup.
    async fn workgroup(&self, name: &str) -> Result<Option<Workgroup>, ApiError>;
    /// redshift-serverless:ListWorkgroups.
    async fn workgroups(&self) -> Result<Vec<Workgroup>, ApiError>;
    /// redshift-serverless:CreateWorkgroup.
    async fn create_workgroup(&self, new: &NewWorkgroup<'_>) -> Result<(), ApiError>;
    /// redshift-serverless:DeleteWorkgroup.
    async fn delete_workgroup(&self, name: &str) -> Result<(), ApiError>;
    /// redshift-serverless:ListTagsForResource.
    async fn serverless_tags(&self, arn: &str) -> Result<Tags, ApiError>;
    /// redshift-serverless:GetCredentials.
    async fn workgroup_credentials(
        &self,
        name: &str,
        database: &str,
    ) -> Result<TemporaryCredentials, ApiError>;
}
