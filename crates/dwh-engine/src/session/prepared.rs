//! PREPARE, EXECUTE, DEALLOCATE: statements that a session keeps as text with parameters.

use std::collections::BTreeMap;

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{Execute, Prepare};

use crate::result::Outcome;

/// The prepared statements of a session, by name.
#[derive(Debug, Default)]
pub(super) struct PreparedStatements(BTreeMap<String, Prepared>);

#[derive(Debug)]
struct Prepared {
    text: String,
    types: Vec<Option<RedshiftType>>,
    parameter_count: usize,
}

impl PreparedStatements {
    /// PREPARE.
    pub(super) fn prepare(&mut self, prepare: &Prepare) -> Result<Outcome, SqlError> {
        if self.0.contains_key(&prepare.name) {
            return Err(SqlError::new(
                SqlState::DuplicatePreparedStatement,
                format!("prepared statement \"{}\" already exists", prepare.name),
            ));
        }
        let prepared = Prepared {
            text: prepare.text.clone(),
            types: prepare.types.iter().map(|data_type| without_length(*data_type)).collect(),
            parameter_count: prepare.types.len().max(prepare.parameter_count),
        };
        self.0.insert(prepare.name.clone(), prepared);
        Ok(Outcome::done("PREPARE"))
    }

    /// EXECUTE: the statement as text, its parameters replaced by the values.
    pub(super) fn bind(&self, execute: &Execute) -> Result<String, SqlError> {
        let prepared = self.0.get(&execute.name).ok_or_else(|| undefined(&execute.name))?;
        if execute.arguments.len() != prepared.parameter_count {
            return Err(SqlError::new(
                SqlState::SyntaxError,
                format!("wrong number of parameters for prepared statement \"{}\"", execute.name),
            )
            .with_detail(format!(
                "Expected {} parameters but got {}.",
                prepared.parameter_count,
                execute.arguments.len()
            )));
        }
        let values: Vec<String> = execute.arguments.iter().map(dwh_sql::to_sql).collect();
        dwh_sql::bind_parameters(&prepared.text, &values, &prepared.types)
    }

    /// DEALLOCATE.
    pub(super) fn deallocate(&mut self, name: Option<&str>) -> Result<Outcome, SqlError> {
        match name {
            None => self.0.clear(),
            Some(name) => drop(self.0.remove(name).ok_or_else(|| undefined(name))?),
        }
        Ok(Outcome::done("DEALLOCATE"))
    }
}

/// A parameter's type has no length in PostgreSQL: `char` takes any text. A number without precision is of
/// the precision that its value has.
fn without_length(data_type: RedshiftType) -> Option<RedshiftType> {
    match data_type {
        RedshiftType::Char(_) | RedshiftType::Varchar(_) => Some(RedshiftType::MAX_VARCHAR),
        RedshiftType::Decimal { .. } => None,
        other => Some(other),
    }
}

fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::InvalidSqlStatementName, format!("prepared statement \"{name}\" does not exist"))
}
