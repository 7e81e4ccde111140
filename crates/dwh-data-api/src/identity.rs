//! Whose session a request gets: `DbUser`, the user that the secret is named after, or the owner.

use dwh_common::{SqlError, SqlState};
use dwh_engine::{Session, SessionOptions};
use serde::Deserialize;

use crate::error::ApiError;
use crate::{DataApi, Inner};

/// What requests say about who asks, and about what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Target {
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) db_user: Option<String>,
    pub(crate) secret_arn: Option<String>,
}

impl Target {
    /// Refuses what contradicts itself. Any cluster or workgroup is this one.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let both = |one: &Option<String>, other: &Option<String>| one.is_some() && other.is_some();
        if both(&self.cluster_identifier, &self.workgroup_name) {
            return Err(ApiError::validation("give ClusterIdentifier or WorkgroupName, not both"));
        }
        if both(&self.db_user, &self.secret_arn) {
            return Err(ApiError::validation("give DbUser or SecretArn, not both"));
        }
        if both(&self.db_user, &self.workgroup_name) {
            return Err(ApiError::validation("DbUser goes with ClusterIdentifier, not with WorkgroupName"));
        }
        Ok(())
    }
}

impl Inner {
    /// The user of a request.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub(crate) fn user_of(&self, target: &Target) -> Result<String, SqlError> {
        if let Some(name) = &target.db_user {
            return Ok(name.clone());
        }
        for name in target.secret_arn.as_deref().map(names_of_secret).unwrap_or_default() {
            if self.engine.user(name)?.is_some() {
                return Ok(name.to_owned());
            }
        }
        Ok(self.options.owner.clone())
    }

    /// A session for a request.
    ///
    /// # Errors
    /// 3D000 for another database, 28000 for a user that is not, 53300 for a session too many.
    pub(crate) fn open_session(&self, target: &Target) -> Result<Session, SqlError> {
        let database = self.engine.database();
        if let Some(other) = target.database.as_deref().filter(|name| *name != database) {
            let message = format!("database \"{other}\" does not exist");
            return Err(SqlError::new(SqlState::InvalidCatalogName, message));
        }
        let options = SessionOptions { user: self.user_of(target)?, ..SessionOptions::default() };
        self.engine.session_as(options)
    }
}

impl DataApi {
    /// A session for the operations that answer at once.
    pub(crate) fn session(&self, target: &Target) -> Result<Session, ApiError> {
        target.check()?;
        self.inner.open_session(target).map_err(|error| ApiError::connection(&error))
    }
}

/// The users that a secret may be named after: `…:secret:<name>-<six characters>`, the name as it is or behind
/// a path (`prod/alice`), or as Redshift names the secrets that it manages, `redshift!<cluster>-<user>`.
fn names_of_secret(arn: &str) -> Vec<&str> {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let short = name.rsplit_once('-').filter(|(_, end)| end.len() == 6).map(|(name, _)| name);
    let mut names = Vec::new();
    for name in [Some(name), short].into_iter().flatten() {
        names.push(name);
        names.extend(name.rsplit_once('/').map(|(_, last)| last));
        let managed = name.strip_prefix("redshift!").and_then(|rest| rest.rsplit_once('-'));
        names.extend(managed.map(|(_, last)| last));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Target, names_of_secret};

    #[test]
    fn a_secret_is_named_after_its_user() {
        let arn = |name: &str| format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}");
        for name in ["alice-AbC123", "prod/alice-AbC123", "redshift!cluster-1-alice-AbC123", "alice"] {
            assert!(names_of_secret(&arn(name)).contains(&"alice"), "{name}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let some = |text: &str| Some(text.to_owned());
        let of_cluster = Target { cluster_identifier: some("c"), db_user: some("u"), ..Target::default() };
        assert!(of_cluster.check().is_ok());
        assert!(Target::default().check().is_ok());
        let both = Target { cluster_identifier: some("c"), workgroup_name: some("w"), ..Target::default() };
        assert!(both.check().is_err());
        let both = Target { db_user: some("u"), secret_arn: some("s"), ..Target::default() };
        assert!(both.check().is_err());
    }
}
