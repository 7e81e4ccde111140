//! The console on Redshift.

use std::sync::Arc;

use async_trait::async_trait;
use dwh_common::{Backoff, Secret, SqlError};
use dwh_console::{Accounts, Redshift, Warehouse};
use dwh_pipeline::{ClusterFiles, PasswordLogin, RedshiftWarehouse, Types, WireConnector, WireOptions};

use super::connect::{Endpoint, Way};
use crate::clock::SystemClock;
use crate::context::Context;

impl Context {
    /// The target's database with the login that is configured. Of a query that has no limit so many rows are read.
    ///
    /// # Errors
    /// The configuration lacks something, or a file of certificates cannot be used.
    pub(crate) async fn redshift_for_console(&self, max_rows: usize) -> anyhow::Result<Redshift> {
        let endpoint = Endpoint::configured(self)?;
        let location = match self.way() {
            Way::DataApi => endpoint.identifier.clone(),
            Way::Password | Way::Iam => format!("{}:{}", endpoint.host, endpoint.port),
        };
        let (name, user) = (endpoint.database.clone(), endpoint.user.clone());
        let database = self.redshift(endpoint, self.way()).await?;
        Ok(Redshift::owner(database, location, name, user, max_rows))
    }

    /// The users of the target's database, with their passwords.
    ///
    /// # Errors
    /// HOST is empty.
    pub(crate) fn redshift_users(&self, max_rows: usize) -> anyhow::Result<DatabaseUsers> {
        let options = self.wire_options(&Endpoint::configured(self)?);
        Ok(DatabaseUsers { options, files: self.cluster_files(), max_rows })
    }
}

/// Whoever can log in to the database may use it.
pub(crate) struct DatabaseUsers {
    options: WireOptions,
    files: ClusterFiles,
    max_rows: usize,
}

#[async_trait]
impl Accounts for DatabaseUsers {
    async fn sign_in(&self, user: &str, password: &Secret) -> Result<Arc<dyn Warehouse>, SqlError> {
        let login = PasswordLogin { user: user.to_owned(), password: password.clone() };
        let connector = WireConnector::new(self.options.clone(), Box::new(login))?;
        let clock = Arc::new(SystemClock);
        let database =
            RedshiftWarehouse::new(Box::new(connector), self.files.clone(), clock, Backoff::default());
        database.another().run("SELECT 1", Types::Unwanted).await?;
        let location = format!("{}:{}", self.options.host, self.options.port);
        let (name, user) = (self.options.database.clone(), user.to_owned());
        let warehouse = Redshift::owner(database, location, name, user, self.max_rows);
        Ok(Arc::new(warehouse.without_ownership()))
    }
}
