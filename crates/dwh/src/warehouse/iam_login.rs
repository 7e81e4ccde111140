//! Temporary database credentials from IAM, asked for anew for each connection: they last 15 minutes (RS 8.3).

use std::sync::Arc;

use async_trait::async_trait;
use dwh_cluster::{ApiError, ApiErrorKind, AwsApi};
use dwh_common::{Secret, SqlError, SqlState};
use dwh_pipeline::Login;

/// Who asks for credentials, and for which database.
pub(crate) struct IamLogin {
    pub(crate) api: Arc<dyn AwsApi>,
    pub(crate) identifier: String,
    pub(crate) is_serverless: bool,
    pub(crate) user: String,
    pub(crate) database: String,
}

#[async_trait]
impl Login for IamLogin {
    async fn credentials(&self) -> Result<(String, Secret), SqlError> {
        let found = match self.is_serverless {
            true => self.api.workgroup_credentials(&self.identifier, &self.database).await,
            false => self.api.cluster_credentials(&self.identifier, &self.user, &self.database).await,
        };
        let found = found.map_err(|error| of_api(&error))?;
        Ok((found.user, found.password))
    }
}

/// An error of AWS where one of SQL is wanted.
pub(super) fn of_api(error: &ApiError) -> SqlError {
    let state = match error.kind {
        ApiErrorKind::AccessDenied
        | ApiErrorKind::ExpiredToken
        | ApiErrorKind::InvalidCredentials
        | ApiErrorKind::NoCredentials => SqlState::InvalidAuthorizationSpecification,
        ApiErrorKind::Unavailable
        | ApiErrorKind::Throttled
        | ApiErrorKind::Busy
        | ApiErrorKind::SessionEnded => SqlState::ConnectionFailure,
        _ => SqlState::CannotConnectNow,
    };
    let sql_error = SqlError::new(state, error.to_string());
    match error.hint() {
        Some(hint) => sql_error.with_hint(hint),
        None => sql_error,
    }
}
