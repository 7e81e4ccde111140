//! ListStatements: the statements of the last day, the newest first.

use dwh_sql::redact::redact;
use serde::{Deserialize, Serialize};

use super::paging::{count, read_token, token};
use super::seconds;
use crate::DataApi;
use crate::error::ApiError;
use crate::parameters::SqlParameter;
use crate::statements::{ResultFormat, Statement, Status};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListStatements {
    next_token: Option<String>,
    max_results: Option<i64>,
    /// Names that begin with it.
    statement_name: Option<String>,
    /// A status, or `ALL`.
    status: Option<String>,
    database: Option<String>,
    cluster_identifier: Option<String>,
    workgroup_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statements {
    statements: Vec<StatementData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatementData {
    id: String,
    status: Status,
    created_at: f64,
    updated_at: f64,
    is_batch_statement: bool,
    result_format: ResultFormat,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query_strings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query_parameters: Vec<SqlParameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

pub(crate) fn answer(api: &DataApi, request: &ListStatements) -> Result<Statements, ApiError> {
    let count = count(request.max_results, 100)?;
    let before = read_token(request.next_token.as_deref())?.unwrap_or(u64::MAX);
    let status = match request.status.as_deref() {
        None | Some("ALL") => None,
        Some(name) => {
            let status = serde_json::from_value::<Status>(name.into());
            Some(status.map_err(|_| ApiError::validation(format!("{name:?} is no status of statements")))?)
        }
    };
    let mut found =
        api.inner.statements.before(before).into_iter().filter(|it| is_meant(it, request, status));
    let page: Vec<_> = found.by_ref().take(count).collect();
    let next_token = found.next().map(|next| token(next.number + 1));
    Ok(Statements { statements: page.iter().map(|statement| data(statement)).collect(), next_token })
}

fn is_meant(statement: &Statement, request: &ListStatements, status: Option<Status>) -> bool {
    let asked = &statement.asked;
    let is = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
    let name = request.statement_name.as_deref().unwrap_or_default();
    status.is_none_or(|status| status == statement.progress().status)
        && asked.name.as_deref().unwrap_or_default().starts_with(name)
        && is(&request.database, &asked.target.database)
        && is(&request.cluster_identifier, &asked.target.cluster_identifier)
        && is(&request.workgroup_name, &asked.target.workgroup_name)
}

fn data(statement: &Statement) -> StatementData {
    let (asked, progress) = (&statement.asked, statement.progress());
    let texts = asked.sqls.iter().map(|sql| redact(sql));
    let (query_string, query_strings) = match asked.is_batch {
        true => (None, texts.collect()),
        false => (texts.into_iter().next(), Vec::new()),
    };
    StatementData {
        id: statement.id.clone(),
        status: progress.status,
        created_at: seconds(statement.created_at),
        updated_at: seconds(progress.updated_at),
        is_batch_statement: asked.is_batch,
        result_format: asked.result_format,
        query_string,
        query_strings,
        query_parameters: asked.parameters.clone(),
        statement_name: asked.name.clone(),
        secret_arn: asked.target.secret_arn.clone(),
        session_id: statement.session_id.clone(),
    }
}
