//! Data tests: a check passes when its query returns no row.

use crate::error::PipelineError;
use crate::pipeline::Pipeline;
use crate::variables::Variables;
use crate::warehouse::{ResultSet, Warehouse};

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Name of the check's file.
    pub check: String,
    /// What must hold, from the comment that the file begins with.
    pub description: String,
    /// The rows that contradict it.
    pub offending: ResultSet,
}

impl CheckResult {
    /// Whether nothing contradicts the check.
    pub fn passed(&self) -> bool {
        self.offending.rows.is_empty()
    }
}

/// Runs all checks of a pipeline.
///
/// # Errors
/// [`PipelineError::Statement`] for a check that cannot be run; a check that fails is no error.
pub async fn check(
    pipeline: &Pipeline,
    variables: &Variables,
    warehouse: &dyn Warehouse,
) -> Result<Vec<CheckResult>, PipelineError> {
    let mut results = Vec::with_capacity(pipeline.checks.len());
    for file in &pipeline.checks {
        let sql = file.sql(variables)?;
        let offending = warehouse.query(&sql).await.map_err(|error| file.error(&sql, error))?;
        results.push(CheckResult { check: file.name.clone(), description: file.description(), offending });
    }
    Ok(results)
}
