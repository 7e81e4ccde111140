//! What the operations about the catalog have in common: a query in a session of the user, its rows as texts.

use arrow::array::{Array, StringViewArray};
use dwh_engine::{Session, text_of};
use dwh_sql::{ParameterValue, Parameters};

use crate::error::ApiError;

/// The rows of a query with `$1`, `$2`, …; NULL is `None`.
///
/// # Errors
/// What is wrong with the query, or the user may not ask it.
pub(super) async fn rows(
    session: &Session,
    sql: &str,
    values: &[&str],
) -> Result<Vec<Vec<Option<String>>>, ApiError> {
    let value = |value: &&str| ParameterValue { data_type: None, text: Some((*value).to_owned()) };
    let values: Vec<ParameterValue> = values.iter().map(value).collect();
    let failed = |error| ApiError::query(&error);
    let parsed = session.parse(sql, Parameters::Values(&values)).await.map_err(failed)?;
    let mut rows = Vec::new();
    for statement in &parsed {
        let outcome = session.run_statement(statement, sql).await.map_err(failed)?;
        let Some(mut found) = outcome.rows else { continue };
        while let Some(batch) = found.next().await.map_err(failed)? {
            let columns = batch
                .columns()
                .iter()
                .map(|column| text_of(column, &found.style))
                .collect::<Result<Vec<_>, _>>();
            let columns = columns.map_err(failed)?;
            let text =
                |column: &StringViewArray, row| column.is_valid(row).then(|| column.value(row).to_owned());
            let row = |row| columns.iter().map(|column| text(column, row)).collect();
            rows.extend((0..batch.num_rows()).map(row));
        }
    }
    Ok(rows)
}

/// The rows of a query of one column, without NULLs.
///
/// # Errors
/// As [`rows`].
pub(super) async fn names(session: &Session, sql: &str, values: &[&str]) -> Result<Vec<String>, ApiError> {
    Ok(rows(session, sql, values).await?.into_iter().flatten().flatten().collect())
}

/// A pattern, or one that everything fits.
pub(super) fn pattern(asked: &Option<String>) -> &str {
    asked.as_deref().filter(|pattern| !pattern.is_empty()).unwrap_or("%")
}
