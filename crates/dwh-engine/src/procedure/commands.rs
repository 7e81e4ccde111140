//! SQL commands, static and dynamic, and calls of other procedures.

use dwh_common::{SqlError, SqlState};
use dwh_sql::plpgsql::{Fragment, Target};
use dwh_sql::statement::{Statement, TableName};

use super::interpreter::{Interpreter, in_statement};
use super::value::first_row;
use crate::result::ResultSet;

impl Interpreter<'_, '_> {
    /// A command of the body.
    pub(super) async fn sql(&mut self, command: &Fragment, into: Option<&[Target]>) -> Result<(), SqlError> {
        let sql = self.bound(command)?;
        let done = self.command(&sql, &command.shown).await?;
        match into {
            Some(targets) => {
                let Some(rows) = done.rows else { return Err(no_rows()) };
                self.row_count = rows.row_count().min(1) as u64;
                self.set_row(targets, first_row(&rows)?).await?;
                self.set_found(self.row_count > 0);
            }
            None if done.sets_found => self.set_found(self.row_count > 0),
            None => {}
        }
        Ok(())
    }

    /// EXECUTE: FOUND stays as it is.
    pub(super) async fn dynamic(
        &mut self,
        command: &Fragment,
        into: Option<&[Target]>,
    ) -> Result<(), SqlError> {
        let sql = self.command_text(command).await?;
        let done = self.command(&sql, &sql).await?;
        if let Some(targets) = into {
            let Some(rows) = done.rows else { return Err(no_rows()) };
            self.row_count = rows.row_count().min(1) as u64;
            self.set_row(targets, first_row(&rows)?).await?;
        }
        Ok(())
    }

    /// The text that a dynamic command is.
    pub(super) async fn command_text(&mut self, command: &Fragment) -> Result<String, SqlError> {
        let value = self.value(command).await?;
        value
            .text
            .ok_or_else(|| SqlError::new(SqlState::NullValueNotAllowed, "cannot EXECUTE a null querystring"))
    }

    /// PERFORM.
    pub(super) async fn perform(&mut self, query: &Fragment) -> Result<(), SqlError> {
        let sql = format!("SELECT {}", self.bound(query)?);
        self.query(&sql, &format!("SELECT {}", query.shown)).await?;
        self.set_found(self.row_count > 0);
        Ok(())
    }

    /// A command that must have rows.
    pub(super) async fn query(&mut self, sql: &str, shown: &str) -> Result<ResultSet, SqlError> {
        self.command(sql, shown).await?.rows.ok_or_else(no_rows)
    }

    async fn command(&mut self, sql: &str, shown: &str) -> Result<Done, SqlError> {
        let ran = self.caller.run(sql, shown).await;
        let (outcome, statement) = ran.map_err(|error| in_statement(error, shown))?;
        for notice in outcome.notices {
            self.caller.tell(notice);
        }
        let affected = outcome.rows_affected;
        let rows = match outcome.rows {
            Some(rows) => Some(rows.collect().await?),
            None => None,
        };
        self.row_count = rows.as_ref().map_or(affected.unwrap_or(0), |rows| rows.row_count() as u64);
        let sets_found = matches!(
            statement,
            Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Merge(_)
        );
        Ok(Done { rows, sets_found })
    }

    /// CALL: what the other procedure gives back goes into the variables that were passed.
    pub(super) async fn call(
        &mut self,
        name: &TableName,
        arguments: &[(Fragment, Option<Target>)],
        text: &str,
    ) -> Result<(), SqlError> {
        let mut values = Vec::with_capacity(arguments.len());
        for (expression, _) in arguments {
            let value = self.value(expression).await?;
            let is_plain = expression.as_text().is_some_and(|text| text.starts_with('\''));
            values.push(if is_plain { super::Value { data_type: None, ..value } } else { value });
        }
        let called = self.caller.call(name, values, text).await;
        let (definition, outputs) = called.map_err(|error| in_statement(error, text))?;
        let inputs = definition.inputs().zip(arguments);
        let returned = inputs.filter(|(argument, _)| argument.mode.is_output());
        for ((argument, (_, target)), value) in returned.zip(outputs) {
            let Some(target) = target else {
                let name = argument.name.as_deref().unwrap_or("INOUT");
                let message = format!(
                    "procedure parameter \"{name}\" is an output parameter but corresponding argument is not writable"
                );
                return Err(SqlError::new(SqlState::SyntaxError, message));
            };
            self.set(target, value).await?;
        }
        Ok(())
    }
}

/// A command that has run.
struct Done {
    rows: Option<ResultSet>,
    sets_found: bool,
}

fn no_rows() -> SqlError {
    SqlError::new(SqlState::SyntaxError, "INTO used with a command that cannot return data")
}
