//! The Redshift Data API: SQL over HTTPS, for a cluster that no network path leads to (RS 7.4).
//!
//! A statement is handed in, asked after until it is done, and its result fetched page by page. Statements of one
//! [`DataApi`] session share a database session, which the service keeps for a while.

use std::ops::ControlFlow;
use std::time::Duration;

use aws_sdk_redshiftdata::Client;
use aws_sdk_redshiftdata::types::{Field, StatusString};
use dwh_common::{Clock, hex};

use crate::api::aws::error::call;
use crate::error::{ApiError, ApiErrorKind};

const SERVICE: &str = "redshift-data";
/// The longest statement that the service takes (RS 7.4).
const MAX_SQL_BYTES: usize = 100 * 1024;
/// How long the service keeps a session that nobody uses: longer than any pause between two statements.
const KEEP_ALIVE_SECONDS: i32 = 600;
const EXECUTE: &str = "ExecuteStatement";
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Whose database, and who asks.
#[derive(Debug, Clone)]
pub struct DataApiTarget {
    /// Cluster; a workgroup if there is none.
    pub cluster: Option<String>,
    /// Workgroup.
    pub workgroup: Option<String>,
    /// Database.
    pub database: String,
    /// Database user of temporary credentials; the caller's own where there is none. For clusters only.
    pub user: Option<String>,
    /// Secret with user and password, instead of temporary credentials.
    pub secret_arn: Option<String>,
}

/// The Data API.
#[derive(Debug, Clone)]
pub struct DataApi {
    client: Client,
}

/// How a statement ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataApiOutput {
    /// The database session.
    pub session_id: Option<String>,
    /// Rows changed or returned.
    pub row_count: u64,
    /// What the database says, if the statement failed.
    pub error: Option<String>,
}

/// Some rows of a result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataApiPage {
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
    /// Values as text, NULL as `None`.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Gets the pages of a result as they come, at least one if the statement has rows; `Break` wants no more.
pub type TakePage<'a> = dyn FnMut(DataApiPage) -> ControlFlow<()> + Send + 'a;

impl DataApi {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Runs one statement in a session, or in a new one, waits for its end, and fetches its rows page by page.
    ///
    /// # Errors
    /// AWS refuses a call; an error of the statement is in the output.
    pub async fn run(
        &self,
        target: &DataApiTarget,
        session_id: Option<&str>,
        sql: &str,
        clock: &dyn Clock,
        take: &mut TakePage<'_>,
    ) -> Result<DataApiOutput, ApiError> {
        if sql.len() > MAX_SQL_BYTES {
            return Err(ApiError {
                service: SERVICE,
                operation: EXECUTE,
                kind: ApiErrorKind::Other,
                code: String::new(),
                message: format!("the statement has {} bytes, and the Data API takes 100 KB", sql.len()),
            });
        }
        let mut request =
            self.client.execute_statement().sql(sql).session_keep_alive_seconds(KEEP_ALIVE_SECONDS);
        request = match session_id {
            // A session knows its database and user.
            Some(id) => request.session_id(id),
            None => request
                .set_cluster_identifier(target.cluster.clone())
                .set_workgroup_name(target.workgroup.clone())
                .database(&target.database)
                .set_db_user(
                    target.user.clone().filter(|_| target.secret_arn.is_none() && target.cluster.is_some()),
                )
                .set_secret_arn(target.secret_arn.clone()),
        };
        let started =
            request.send().await.map_err(call(SERVICE, EXECUTE)).map_err(|error| match session_id {
                Some(_) if is_about_the_session(&error) => {
                    ApiError { kind: ApiErrorKind::SessionEnded, ..error }
                }
                _ => error,
            })?;
        let id = started.id().unwrap_or_default().to_owned();
        let cancel = CancelOnDrop { client: Some(self.client.clone()), id: id.clone() };
        let mut output = self.finish(&id, clock, take).await?;
        cancel.disarm();
        output.session_id = started.session_id().or(session_id).map(str::to_owned);
        Ok(output)
    }

    async fn finish(
        &self,
        id: &str,
        clock: &dyn Clock,
        take: &mut TakePage<'_>,
    ) -> Result<DataApiOutput, ApiError> {
        let mut wait = FIRST_WAIT;
        loop {
            let told = self
                .client
                .describe_statement()
                .id(id)
                .send()
                .await
                .map_err(call(SERVICE, "DescribeStatement"))?;
            match told.status() {
                Some(StatusString::Finished) => {
                    let row_count = u64::try_from(told.result_rows()).unwrap_or_default();
                    if told.has_result_set() == Some(true) {
                        self.fetch(id, take).await?;
                    }
                    return Ok(DataApiOutput { row_count, ..DataApiOutput::default() });
                }
                Some(StatusString::Failed | StatusString::Aborted) => {
                    let error =
                        told.error().filter(|text| !text.is_empty()).unwrap_or("the statement was aborted");
                    return Ok(DataApiOutput { error: Some(error.to_owned()), ..DataApiOutput::default() });
                }
                _ => {}
            }
            clock.sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn fetch(&self, id: &str, take: &mut TakePage<'_>) -> Result<(), ApiError> {
        let mut next = None;
        loop {
            let request = self.client.get_statement_result().id(id).set_next_token(next);
            let page = request.send().await.map_err(call(SERVICE, "GetStatementResult"))?;
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let column = |column: &aws_sdk_redshiftdata::types::ColumnMetadata| {
                (
                    text(column.label().filter(|label| !label.is_empty()).or(column.name())),
                    text(column.type_name()),
                )
            };
            let taken = take(DataApiPage {
                columns: page.column_metadata().iter().map(column).collect(),
                rows: page.records().iter().map(|row| row.iter().map(text_of).collect()).collect(),
            });
            next = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if next.is_none() || taken == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
}

/// What a request in a session is refused with if the session is not there any more. The service has no code of its
/// own for it: `ValidationException` with "Session is not available" or "Session with Id … is invalid" (seen by
/// others, awslabs/mcp#4587). All else that it validates is right, as the session was opened with it.
fn is_about_the_session(error: &ApiError) -> bool {
    ["ValidationException", "ResourceNotFoundException"].contains(&error.code.as_str())
}

/// A value as psql shows it.
fn text_of(field: &Field) -> Option<String> {
    match field {
        Field::StringValue(text) => Some(text.clone()),
        Field::LongValue(number) => Some(number.to_string()),
        Field::DoubleValue(number) => Some(number.to_string()),
        Field::BooleanValue(value) => Some(if *value { "t" } else { "f" }.to_owned()),
        Field::BlobValue(bytes) => Some(hex::encode(bytes)),
        // NULL, and kinds of values that this version of the SDK does not know.
        _ => None,
    }
}

/// Cancels a statement that nobody waits for any more.
struct CancelOnDrop {
    client: Option<Client>,
    id: String,
}

impl CancelOnDrop {
    fn disarm(mut self) {
        self.client = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let (Some(client), id) = (self.client.take(), std::mem::take(&mut self.id)) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // It may have ended by itself meanwhile.
                let _ = client.cancel_statement().id(id).send().await;
            });
        }
    }
}
