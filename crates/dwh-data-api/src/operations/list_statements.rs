//! ListStatements: the statements of the last day, the newest first.

use dwh_sql::redact::redact;
use serde::{Deserialize, Serialize};

use super::paging::{Paging, token};
use super::seconds;
use super::whose::Filter;
use crate::DataApi;
use crate::error::ApiError;
use crate::parameters::SqlParameter;
use crate::statements::{ResultFormat, Statement, Status};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListStatements {
    #[serde(flatten)]
    paging: Paging,
    #[serde(flatten)]
    filter: Filter,
    /// Names that begin with it.
    statement_name: Option<String>,
    /// A status, or `ALL`.
    status: Option<String>,
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
    let count = request.paging.count(100)?;
    let before = request.paging.start()?.unwrap_or(u64::MAX);
    let status = match request.status.as_deref() {
        None | Some("ALL") => None,
        Some(name) => {
            let status = serde_json::from_value::<Status>(name.into());
            Some(status.map_err(|_| ApiError::validation(format!("{name:?} is no status of statements")))?)
        }
    };
    let mut found =
        api.inner.statements.before(before).into_iter().filter(|it| is_meant(api, it, request, status));
    let page: Vec<_> = found.by_ref().take(count).collect();
    let next_token = found.next().map(|next| token(next.number + 1));
    Ok(Statements { statements: page.iter().map(|statement| data(statement)).collect(), next_token })
}

fn is_meant(api: &DataApi, statement: &Statement, request: &ListStatements, status: Option<Status>) -> bool {
    let asked = &statement.asked;
    let name = request.statement_name.as_deref().unwrap_or_default();
    status.is_none_or(|status| status == statement.progress().status)
        && asked.name.as_deref().unwrap_or_default().starts_with(name)
        && request.filter.fits(&api.inner.whose(&asked.target, &asked.user))
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
