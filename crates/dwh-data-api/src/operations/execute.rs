//! ExecuteStatement and BatchExecuteStatement: submit, and answer with an id.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::whose::Whose;
use super::{seconds, wait_seconds};
use crate::error::ApiError;
use crate::identity::Target;
use crate::parameters::{SqlParameter, bind};
use crate::statements::{Asked, ExecutionMode, ResultFormat, Statement, Status, Submission};
use crate::{DataApi, running};

/// The longest text, in bytes (RS 7.4).
const MAX_SQL_BYTES: usize = 100 * 1024;
/// The most texts of a batch (RS 7.4).
const MAX_SQLS: usize = 40;
const MAX_KEEP_ALIVE_SECONDS: u64 = 86_400;

/// What both operations take beside their texts. `WithEvent` has no effect: there is no EventBridge.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Common {
    #[serde(flatten)]
    target: Target,
    parameters: Vec<SqlParameter>,
    statement_name: Option<String>,
    client_token: Option<String>,
    result_format: ResultFormat,
    execution_mode: ExecutionMode,
    session_keep_alive_seconds: Option<u64>,
    session_id: Option<String>,
    wait_time_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExecuteStatement {
    sql: String,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchExecuteStatement {
    sqls: Vec<String>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Submitted {
    id: String,
    created_at: f64,
    #[serde(flatten)]
    whose: Whose,
    status: Status,
    has_result_set: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    redshift_pid: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

pub(crate) async fn execute(api: &DataApi, request: ExecuteStatement) -> Result<Submitted, ApiError> {
    submit(api, vec![request.sql], request.common, false).await
}

pub(crate) async fn batch(api: &DataApi, request: BatchExecuteStatement) -> Result<Submitted, ApiError> {
    if request.sqls.is_empty() || request.sqls.len() > MAX_SQLS {
        return Err(ApiError::validation(format!("Sqls has 1 to {MAX_SQLS} statements")));
    }
    submit(api, request.sqls, request.common, true).await
}

async fn submit(
    api: &DataApi,
    sqls: Vec<String>,
    common: Common,
    is_batch: bool,
) -> Result<Submitted, ApiError> {
    check(&sqls, &common)?;
    let wait = wait_seconds(common.wait_time_seconds)?;
    let bound = bind(&sqls, &common.parameters)?;
    let (target, user) = match &common.session_id {
        Some(id) => {
            let session = api.inner.sessions.get(id)?;
            (session.target, session.user)
        }
        None => {
            let user = api.inner.user_of(&common.target);
            (common.target, user.map_err(|error| ApiError::internal(error.to_string()))?)
        }
    };
    let asked = Asked {
        target,
        user,
        sqls,
        parameters: common.parameters,
        is_batch,
        name: common.statement_name,
        result_format: common.result_format,
        execution_mode: common.execution_mode,
    };
    let (session_id, keep_alive) = (common.session_id, common.session_keep_alive_seconds);
    let statements = &api.inner.statements;
    let statement = match statements
        .submit(asked, common.client_token, |asked| session(api, session_id, asked, keep_alive))?
    {
        Submission::Earlier(statement) => statement,
        Submission::New(statement) => {
            running::start(api.clone(), Arc::clone(&statement), bound);
            statement
        }
    };
    if wait > 0 {
        statement.ended_within(wait).await;
    }
    Ok(answer(api, &statement))
}

/// The session that is kept for later statements, if there is to be one.
fn session(
    api: &DataApi,
    id: Option<String>,
    asked: &Asked,
    keep_alive_seconds: Option<u64>,
) -> Result<Option<String>, ApiError> {
    let sessions = &api.inner.sessions;
    match (id, keep_alive_seconds) {
        (Some(id), seconds) => {
            sessions.take(&id, seconds)?;
            Ok(Some(id))
        }
        (None, Some(seconds @ 1..)) => {
            sessions.reserve(asked.target.clone(), asked.user.clone(), seconds).map(Some)
        }
        (None, _) => Ok(None),
    }
}

fn check(sqls: &[String], common: &Common) -> Result<(), ApiError> {
    common.target.check()?;
    for sql in sqls {
        if sql.trim().is_empty() {
            return Err(ApiError::validation("a statement is empty"));
        }
        if sql.len() > MAX_SQL_BYTES {
            return Err(ApiError::validation(format!("a statement has at most {MAX_SQL_BYTES} bytes")));
        }
    }
    if common.session_keep_alive_seconds.is_some_and(|seconds| seconds > MAX_KEEP_ALIVE_SECONDS) {
        let message = format!("SessionKeepAliveSeconds is 0 to {MAX_KEEP_ALIVE_SECONDS}");
        return Err(ApiError::validation(message));
    }
    if common.client_token.as_ref().is_some_and(|token| !(1..=64).contains(&token.len())) {
        return Err(ApiError::validation("ClientToken has 1 to 64 characters"));
    }
    Ok(())
}

fn answer(api: &DataApi, statement: &Statement) -> Submitted {
    let progress = statement.progress();
    let asked = &statement.asked;
    Submitted {
        id: statement.id.clone(),
        created_at: seconds(statement.created_at),
        whose: api.inner.whose(&asked.target, &asked.user),
        status: progress.status,
        has_result_set: progress.parts.iter().any(|part| part.result.is_some()),
        redshift_pid: (progress.pid != 0).then_some(progress.pid),
        secret_arn: asked.target.secret_arn.clone(),
        session_id: statement.session_id.clone(),
    }
}
