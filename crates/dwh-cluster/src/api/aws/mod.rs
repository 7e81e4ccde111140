//! The trait on the official SDK, one file a service.

mod checkip;
mod ec2;
pub(crate) mod error;
mod iam;
mod redshift;
mod serverless;
mod sts;

use std::net::IpAddr;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{AsyncSleep, Credentials, SharedAsyncSleep};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use chrono::{DateTime, Utc};
use dwh_common::Secret;

use super::{
    AwsApi, Caller, Cluster, Namespace, NewCluster, NewNamespace, NewWorkgroup, Role, SecurityGroup, Subnet,
    SubnetGroup, Tags, TemporaryCredentials, Workgroup,
};
use crate::cidr::Cidr;
use crate::data_api::DataApi;
use crate::error::ApiError;

/// A call may take so long, tries counted one by one.
const ATTEMPT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// Tries of a call, by the SDK's back-off.
const MAX_ATTEMPTS: u32 = 5;

/// How to reach AWS.
#[derive(Debug, Default)]
pub struct AwsOptions {
    /// Region of the cluster.
    pub region: String,
    /// Access key and secret of an old dwh.cfg; without them the standard credential chain.
    pub keys: Option<(Secret, Secret)>,
    /// Endpoint of all services, instead of what the SDK's variables say.
    pub endpoint_url: Option<String>,
    /// Waits between the SDK's tries, instead of sleeping. The SDK measures its time limits with it, too, so that
    /// calls have none then.
    pub sleep: Option<SharedAsyncSleep>,
}

/// AWS itself, or what the SDK's endpoint variables name.
#[derive(Debug, Clone)]
pub struct Aws {
    region: String,
    sts: aws_sdk_sts::Client,
    iam: aws_sdk_iam::Client,
    ec2: ec2::Client,
    redshift: aws_sdk_redshift::Client,
    serverless: aws_sdk_redshiftserverless::Client,
    data: aws_sdk_redshiftdata::Client,
}

impl AwsOptions {
    /// Lets the SDK wait with this instead of sleeping.
    #[must_use]
    pub fn with_sleep(mut self, sleep: impl AsyncSleep + 'static) -> Self {
        self.sleep = Some(SharedAsyncSleep::new(sleep));
        self
    }
}

impl Aws {
    /// Reads the SDK's configuration; calls nothing yet.
    pub async fn new(options: AwsOptions) -> Self {
        let config = config(&options).await;
        Self {
            region: options.region.clone(),
            sts: aws_sdk_sts::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            ec2: ec2::Client::new(&config, &options.region),
            redshift: aws_sdk_redshift::Client::new(&config),
            serverless: aws_sdk_redshiftserverless::Client::new(&config),
            data: aws_sdk_redshiftdata::Client::new(&config),
        }
    }

    /// The Data API with these credentials.
    pub fn data_api(&self) -> DataApi {
        DataApi::new(self.data.clone())
    }
}

async fn config(options: &AwsOptions) -> SdkConfig {
    let tls = Provider::Rustls(CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(tls).build_https();
    let timeouts = match options.sleep {
        None => TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build(),
        Some(_) => TimeoutConfig::disabled(),
    };
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(options.region.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(timeouts);
    if let Some((key, secret)) = &options.keys {
        loader = loader.credentials_provider(Credentials::new(
            key.expose(),
            secret.expose(),
            None,
            None,
            "dwh.cfg",
        ));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(sleep) = &options.sleep {
        loader = loader.sleep_impl(sleep.clone());
    }
    loader.load().await
}

/// A moment of the SDK.
fn moment(of_sdk: &aws_sdk_sts::primitives::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(of_sdk.secs(), of_sdk.subsec_nanos())
}

/// Host and port, where both are there.
fn endpoint(address: Option<&str>, port: Option<i32>) -> Option<(String, u16)> {
    Some((address.filter(|address| !address.is_empty())?.to_owned(), u16::try_from(port?).ok()?))
}

#[async_trait]
impl AwsApi for Aws {
    fn region(&self) -> &str {
        &self.region
    }

    async fn caller(&self) -> Result<Caller, ApiError> {
        sts::caller(&self.sts).await
    }

    async fn own_address(&self) -> Result<IpAddr, ApiError> {
        checkip::own_address().await
    }

    async fn role(&self, name: &str) -> Result<Option<Role>, ApiError> {
        iam::role(&self.iam, name).await
    }

    async fn roles(&self) -> Result<Vec<Role>, ApiError> {
        iam::roles(&self.iam).await
    }

    async fn role_tags(&self, name: &str) -> Result<Tags, ApiError> {
        iam::role_tags(&self.iam, name).await
    }

    async fn create_role(&self, name: &str, trust: &str, tags: &Tags) -> Result<Role, ApiError> {
        iam::create_role(&self.iam, name, trust, tags).await
    }

    async fn put_role_policy(&self, role: &str, policy: &str, document: &str) -> Result<(), ApiError> {
        iam::put_role_policy(&self.iam, role, policy, document).await
    }

    async fn delete_role_policy(&self, role: &str, policy: &str) -> Result<(), ApiError> {
        iam::delete_role_policy(&self.iam, role, policy).await
    }

    async fn delete_role(&self, name: &str) -> Result<(), ApiError> {
        iam::delete_role(&self.iam, name).await
    }

    async fn default_vpc(&self) -> Result<Option<String>, ApiError> {
        ec2::default_vpc(&self.ec2).await
    }

    async fn subnets_of_vpc(&self, vpc_id: &str) -> Result<Vec<Subnet>, ApiError> {
        ec2::subnets_of_vpc(&self.ec2, vpc_id).await
    }

    async fn subnets(&self, ids: &[String]) -> Result<Vec<Subnet>, ApiError> {
        ec2::subnets(&self.ec2, ids).await
    }

    async fn security_groups_named(&self, name: &str) -> Result<Vec<SecurityGroup>, ApiError> {
        ec2::security_groups(&self.ec2, "group-name", name).await
    }

    async fn security_groups_tagged(&self, key: &str) -> Result<Vec<SecurityGroup>, ApiError> {
        ec2::security_groups(&self.ec2, "tag-key", key).await
    }

    async fn create_security_group(&self, name: &str, vpc_id: &str, tags: &Tags) -> Result<String, ApiError> {
        ec2::create_security_group(&self.ec2, name, vpc_id, tags).await
    }

    async fn authorize_ingress(&self, group_id: &str, port: u16, cidr: Cidr) -> Result<(), ApiError> {
        ec2::authorize_ingress(&self.ec2, group_id, port, cidr).await
    }

    async fn revoke_ingress(&self, group_id: &str, port: u16, cidr: Cidr) -> Result<(), ApiError> {
        ec2::revoke_ingress(&self.ec2, group_id, port, cidr).await
    }

    async fn delete_security_group(&self, id: &str) -> Result<(), ApiError> {
        ec2::delete_security_group(&self.ec2, id).await
    }

    async fn subnet_group(&self, name: &str) -> Result<Option<SubnetGroup>, ApiError> {
        redshift::subnet_group(&self.redshift, name).await
    }

    async fn subnet_groups_tagged(&self, key: &str) -> Result<Vec<SubnetGroup>, ApiError> {
        redshift::subnet_groups_tagged(&self.redshift, key).await
    }

    async fn create_subnet_group(
        &self,
        name: &str,
        subnet_ids: &[String],
        tags: &Tags,
    ) -> Result<(), ApiError> {
        redshift::create_subnet_group(&self.redshift, name, subnet_ids, tags).await
    }

    async fn delete_subnet_group(&self, name: &str) -> Result<(), ApiError> {
        redshift::delete_subnet_group(&self.redshift, name).await
    }

    async fn cluster(&self, identifier: &str) -> Result<Option<Cluster>, ApiError> {
        redshift::cluster(&self.redshift, identifier).await
    }

    async fn clusters_tagged(&self, key: &str) -> Result<Vec<Cluster>, ApiError> {
        redshift::clusters_tagged(&self.redshift, key).await
    }

    async fn create_cluster(&self, new: &NewCluster<'_>) -> Result<(), ApiError> {
        redshift::create_cluster(&self.redshift, new).await
    }

    async fn pause_cluster(&self, identifier: &str) -> Result<(), ApiError> {
        redshift::pause_cluster(&self.redshift, identifier).await
    }

    async fn resume_cluster(&self, identifier: &str) -> Result<(), ApiError> {
        redshift::resume_cluster(&self.redshift, identifier).await
    }

    async fn delete_cluster(&self, identifier: &str, snapshot: Option<&str>) -> Result<(), ApiError> {
        redshift::delete_cluster(&self.redshift, identifier, snapshot).await
    }

    async fn cluster_credentials(
        &self,
        identifier: &str,
        user: &str,
        database: &str,
    ) -> Result<TemporaryCredentials, ApiError> {
        redshift::credentials(&self.redshift, identifier, user, database).await
    }

    async fn namespace(&self, name: &str) -> Result<Option<Namespace>, ApiError> {
        serverless::namespace(&self.serverless, name).await
    }

    async fn namespaces(&self) -> Result<Vec<Namespace>, ApiError> {
        serverless::namespaces(&self.serverless).await
    }

    async fn create_namespace(&self, new: &NewNamespace<'_>) -> Result<(), ApiError> {
        serverless::create_namespace(&self.serverless, new).await
    }

    async fn delete_namespace(&self, name: &str, snapshot: Option<&str>) -> Result<(), ApiError> {
        serverless::delete_namespace(&self.serverless, name, snapshot).await
    }

    async fn workgroup(&self, name: &str) -> Result<Option<Workgroup>, ApiError> {
        serverless::workgroup(&self.serverless, name).await
    }

    async fn workgroups(&self) -> Result<Vec<Workgroup>, ApiError> {
        serverless::workgroups(&self.serverless).await
    }

    async fn create_workgroup(&self, new: &NewWorkgroup<'_>) -> Result<(), ApiError> {
        serverless::create_workgroup(&self.serverless, new).await
    }

    async fn delete_workgroup(&self, name: &str) -> Result<(), ApiError> {
        serverless::delete_workgroup(&self.serverless, name).await
    }

    async fn serverless_tags(&self, arn: &str) -> Result<Tags, ApiError> {
        serverless::tags(&self.serverless, arn).await
    }

    async fn workgroup_credentials(
        &self,
        name: &str,
        database: &str,
    ) -> Result<TemporaryCredentials, ApiError> {
        serverless::credentials(&self.serverless, name, database).await
    }
}
