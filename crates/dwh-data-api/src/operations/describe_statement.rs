//! DescribeStatement: how far a statement has come, and each text of a batch.

use dwh_sql::redact::redact;
use serde::{Deserialize, Serialize};

use super::whose::Whose;
use super::{seconds, wait_seconds};
use crate::DataApi;
use crate::error::ApiError;
use crate::parameters::SqlParameter;
use crate::statements::{ExecutionMode, Part, ResultFormat, Statement, Status};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStatement {
    id: String,
    wait_time_seconds: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    #[serde(flatten)]
    whole: DescribedPart,
    #[serde(flatten)]
    whose: Whose,
    redshift_pid: i32,
    result_format: ResultFormat,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_mode: Option<ExecutionMode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query_parameters: Vec<SqlParameter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sub_statements: Vec<DescribedPart>,
}

/// What is said of a statement, and of each text of a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedPart {
    id: String,
    status: Status,
    created_at: f64,
    updated_at: f64,
    /// Nanoseconds.
    duration: i64,
    has_result_set: bool,
    result_rows: i64,
    result_size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) async fn answer(api: &DataApi, request: DescribeStatement) -> Result<Described, ApiError> {
    let wait = wait_seconds(request.wait_time_seconds)?;
    let (statement, part) = api.inner.statements.get(&request.id)?;
    if wait > 0 {
        statement.ended_within(wait).await;
    }
    let progress = statement.progress();
    let asked = &statement.asked;
    let parts = progress.parts.iter().enumerate();
    let mut parts: Vec<DescribedPart> = parts.map(|(at, part)| described(&statement, at, part)).collect();
    let whole = match part {
        Some(number) => parts.swap_remove(number - 1),
        None => DescribedPart {
            id: statement.id.clone(),
            status: progress.status,
            created_at: seconds(statement.created_at),
            updated_at: seconds(progress.updated_at),
            duration: parts.iter().map(|part| part.duration).sum(),
            has_result_set: parts.iter().any(|part| part.has_result_set),
            result_rows: if asked.is_batch { -1 } else { parts[0].result_rows },
            result_size: if asked.is_batch { -1 } else { parts[0].result_size },
            query_string: (!asked.is_batch).then(|| redact(&asked.sqls[0])),
            error: progress.error,
        },
    };
    Ok(Described {
        whole,
        whose: api.inner.whose(&asked.target, &asked.user),
        redshift_pid: progress.pid,
        result_format: asked.result_format,
        secret_arn: asked.target.secret_arn.clone(),
        session_id: statement.session_id.clone(),
        execution_mode: asked.is_batch.then_some(asked.execution_mode),
        query_parameters: asked.parameters.clone(),
        sub_statements: if asked.is_batch && part.is_none() { parts } else { Vec::new() },
    })
}

fn described(statement: &Statement, at: usize, part: &Part) -> DescribedPart {
    let size = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
    DescribedPart {
        id: format!("{}:{}", statement.id, at + 1),
        status: part.status,
        created_at: seconds(statement.created_at),
        updated_at: seconds(part.updated_at),
        duration: part.duration_ns,
        has_result_set: part.result.is_some(),
        result_rows: part.rows,
        result_size: part.result.as_ref().map_or(-1, |pages| size(pages.size_bytes())),
        query_string: Some(redact(&statement.asked.sqls[at])),
        error: part.error.clone(),
    }
}
