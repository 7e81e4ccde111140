//! From the configuration to a session of Redshift.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dwh_cluster::{Aws, DataApiTarget};
use dwh_common::{Backoff, Clock, Secret};
use dwh_copy::Stores;
use dwh_pipeline::{
    ClusterFiles, Connector, Login, PasswordLogin, RedshiftWarehouse, WireConnector, WireOptions,
};

use super::data_api::DataApiConnector;
use super::iam_login::IamLogin;
use crate::aws;
use crate::clock::SystemClock;
use crate::context::Context;
use crate::report::{CannotOpen, UsageError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Password,
    Iam,
    DataApi,
}

/// Where a database is, and who comes.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) password: Option<Secret>,
    pub(crate) identifier: String,
    pub(crate) is_serverless: bool,
}

impl Endpoint {
    /// `[CLUSTER]`, and the identifier of `[DWH]` for what goes through AWS.
    ///
    /// # Errors
    /// HOST is empty.
    pub(crate) fn configured(context: &Context) -> Result<Self, UsageError> {
        let text = |name| context.text("CLUSTER", name).unwrap_or_default().to_owned();
        let host = text("HOST");
        if host.is_empty() && context.way() != Way::DataApi {
            return Err(UsageError::new(
                "the target is Redshift and [CLUSTER] HOST is empty",
                "`dwh cluster create --wait` fills it in; --target embedded needs none",
            ));
        }
        let is_serverless = host.contains(".redshift-serverless.") || aws::is_serverless(context);
        Ok(Self {
            // People paste endpoints as the console shows them: host:port/database.
            host: host.split([':', '/']).next().unwrap_or_default().to_owned(),
            port: context.number("CLUSTER", "DB_PORT").unwrap_or(5439),
            database: text("DB_NAME"),
            user: text("DB_USER"),
            password: context.text("CLUSTER", "DB_PASSWORD").map(Secret::new),
            identifier: aws::identifier(context),
            is_serverless,
        })
    }
}

impl Context {
    /// `[REDSHIFT] CONNECTION`; where it is not set, a password if there is one, else IAM.
    pub(crate) fn way(&self) -> Way {
        match self.text("REDSHIFT", "CONNECTION") {
            Some("password") => Way::Password,
            Some("iam") => Way::Iam,
            Some("data-api") => Way::DataApi,
            _ if self.text("CLUSTER", "DB_PASSWORD").is_some() => Way::Password,
            _ => Way::Iam,
        }
    }

    /// A session of Redshift, opened when it is first needed.
    ///
    /// # Errors
    /// The configuration lacks something, or a file of certificates cannot be used.
    pub(crate) async fn redshift(&self, endpoint: Endpoint, way: Way) -> anyhow::Result<RedshiftWarehouse> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let connector: Box<dyn Connector> = match way {
            Way::DataApi => Box::new(self.data_api(endpoint, Arc::clone(&clock)).await),
            Way::Password | Way::Iam => Box::new(self.wire(endpoint, way).await?),
        };
        Ok(RedshiftWarehouse::new(connector, self.cluster_files(), clock, Backoff::default()))
    }

    pub(super) fn cluster_files(&self) -> ClusterFiles {
        let manifests = self.text("S3", "MANIFEST_PREFIX").map(str::to_owned);
        ClusterFiles::new(Stores::new(self.store_settings()), manifests)
    }

    pub(super) fn wire_options(&self, endpoint: &Endpoint) -> WireOptions {
        WireOptions {
            host: endpoint.host.clone(),
            port: endpoint.port,
            database: endpoint.database.clone(),
            ca_file: self.text("REDSHIFT", "CA_FILE").map(PathBuf::from),
            connect_timeout: CONNECT_TIMEOUT,
            statement_timeout: self.statement_timeout(),
        }
    }

    async fn wire(&self, endpoint: Endpoint, way: Way) -> anyhow::Result<WireConnector> {
        let options = self.wire_options(&endpoint);
        let login: Box<dyn Login> = match (way, endpoint.password) {
            (Way::Password, Some(password)) => Box::new(PasswordLogin { user: endpoint.user, password }),
            (Way::Password, None) => {
                let hint = "set it, or DWH_CLUSTER_DB_PASSWORD, or [REDSHIFT] CONNECTION to iam";
                return Err(UsageError::new("[CLUSTER] DB_PASSWORD is empty", hint).into());
            }
            _ => Box::new(IamLogin {
                api: Arc::new(Aws::new(aws::options(self)).await),
                identifier: endpoint.identifier,
                is_serverless: endpoint.is_serverless,
                user: endpoint.user,
                database: endpoint.database,
            }),
        };
        Ok(WireConnector::new(options, login).map_err(CannotOpen)?)
    }

    async fn data_api(&self, endpoint: Endpoint, clock: Arc<dyn Clock>) -> DataApiConnector {
        let id = endpoint.identifier;
        let (cluster, workgroup) = if endpoint.is_serverless { (None, Some(id)) } else { (Some(id), None) };
        let target = DataApiTarget {
            cluster,
            workgroup,
            database: endpoint.database,
            user: Some(endpoint.user),
            secret_arn: self.text("REDSHIFT", "SECRET_ARN").map(str::to_owned),
        };
        DataApiConnector {
            api: Aws::new(aws::options(self)).await.data_api(),
            target,
            clock,
            statement_timeout: self.statement_timeout(),
        }
    }

    fn statement_timeout(&self) -> Option<Duration> {
        self.number("REDSHIFT", "STATEMENT_TIMEOUT").map(Duration::from_secs)
    }
}
