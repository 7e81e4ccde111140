//! What a client asks of a statement before it runs: the types of its parameters and of its columns.

use arrow::datatypes::SchemaRef;
use dwh_common::{RedshiftType, SqlError};
use dwh_sql::statement::{ParsedStatement, Statement};
use dwh_sql::{ParameterValue, Parameters};

use super::block::{Block, aborted};
use super::context::Times;
use super::cursors::outside_block;
use super::{Session, State};
use crate::context::StatementContext;
use crate::execute;
use crate::parameter_types;

/// What is known of a statement before its parameters have values.
#[derive(Debug, Clone)]
pub struct Description {
    /// The type of each parameter: the client's, or the one that its place in the statement gives it.
    pub parameters: Vec<RedshiftType>,
    /// Labels and types of the rows; `None` for statements that return none.
    pub rows: Option<SchemaRef>,
}

impl Session {
    /// Describes the one statement of a text; `None` for a text without a statement.
    ///
    /// `declared` has the types that the client gave its parameters, `$1` first.
    ///
    /// # Errors
    /// The text cannot be read or planned; an open block has failed then.
    pub async fn describe(
        &self,
        sql: &str,
        declared: &[Option<RedshiftType>],
    ) -> Result<Option<Description>, SqlError> {
        let mut state = self.state.lock().await;
        let described = self.describe_with(&mut state, sql, declared).await;
        described.inspect_err(|_| state.fail_block())
    }

    /// The rows that a statement of [`Session::parse`] would return; `None` if it returns none.
    ///
    /// # Errors
    /// The statement cannot be planned; an open block has failed then.
    pub async fn describe_rows(
        &self,
        parsed: &ParsedStatement,
        sql: &str,
    ) -> Result<Option<SchemaRef>, SqlError> {
        let mut state = self.state.lock().await;
        let described = self.rows_of(&mut state, parsed, sql).await;
        described.inspect_err(|_| state.fail_block())
    }

    async fn describe_with(
        &self,
        state: &mut State,
        sql: &str,
        declared: &[Option<RedshiftType>],
    ) -> Result<Option<Description>, SqlError> {
        let options = state.settings.parse_options();
        let count = dwh_sql::parameter_count(sql)?.max(declared.len());
        let kept = dwh_sql::parse_with_parameters(sql, options, Parameters::Keep)?;
        let [statement] = &kept[..] else {
            return if kept.is_empty() { Ok(None) } else { Err(several_statements()) };
        };
        let mut parameters = declared.to_vec();
        parameters.resize(count, None);
        if parameters.iter().any(Option::is_none) && !matches!(state.block, Block::Failed) {
            let find = |context: &mut StatementContext<'_>| {
                Ok(parameter_types::infer(context, &statement.statement, count))
            };
            let inferred = self.looking(state, statement, sql, find)?;
            for (known, inferred) in parameters.iter_mut().zip(inferred) {
                *known = known.or(inferred);
            }
        }
        let parameters: Vec<_> =
            parameters.into_iter().map(|known| known.unwrap_or(RedshiftType::MAX_VARCHAR)).collect();
        let nulls: Vec<_> = parameters.iter().map(|known| ParameterValue::null(*known)).collect();
        let parsed = dwh_sql::parse_with_parameters(sql, options, Parameters::Values(&nulls))?;
        let rows = match parsed.first() {
            Some(parsed) => self.rows_of(state, parsed, sql).await?,
            None => None,
        };
        Ok(Some(Description { parameters, rows }))
    }

    async fn rows_of(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
    ) -> Result<Option<SchemaRef>, SqlError> {
        let ends_block = matches!(parsed.statement, Statement::Commit | Statement::Rollback);
        if matches!(state.block, Block::Failed) && !ends_block {
            return Err(aborted());
        }
        match &parsed.statement {
            Statement::Query(_) | Statement::Explain { .. } | Statement::Show(_) => {
                self.planned_rows(state, parsed, sql).await
            }
            Statement::Fetch { cursor, .. } => match &state.block {
                Block::Open(block) => block.cursors.schema(cursor).map(Some),
                _ => Err(outside_block("FETCH")),
            },
            Statement::Execute(execute) => {
                let bound = state.bind(execute)?;
                match &bound.statement {
                    Statement::Query(_) => self.planned_rows(state, &bound, &bound.text).await,
                    _ => Ok(None),
                }
            }
            Statement::Call(call) => self.described_call(state, call).await,
            _ => Ok(None),
        }
    }

    async fn planned_rows(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
    ) -> Result<Option<SchemaRef>, SqlError> {
        let mut look = self.begin_look(state)?;
        // The rows are not read: nothing runs.
        let described = {
            let mut context = self.context(state, &mut look.transaction, Times::now(), parsed, sql, None);
            execute::execute(&mut context, &parsed.statement).await
        };
        look.end(state);
        Ok(described?.rows.map(|rows| rows.schema))
    }
}

/// PostgreSQL's words: only a simple query takes several.
fn several_statements() -> SqlError {
    SqlError::new(
        dwh_common::SqlState::SyntaxError,
        "cannot insert multiple commands into a prepared statement",
    )
}
