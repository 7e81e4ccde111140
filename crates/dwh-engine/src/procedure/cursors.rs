//! OPEN, FETCH and CLOSE: a cursor variable holds the name of a cursor of the session.

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::{CursorQuery, Fragment, Target, VariableId, VariableKind};

use super::interpreter::{Interpreter, in_statement};
use super::value::{Value, first_row};
use super::variables::Slot;

impl Interpreter<'_, '_> {
    pub(super) async fn open(&mut self, cursor: VariableId, query: &CursorQuery) -> Result<(), SqlError> {
        let name = match self.cursor_name(cursor) {
            Ok(name) => name,
            // One that nobody named gets a name.
            Err(_) => {
                let name = "<unnamed portal 1>".to_owned();
                let target = Target { variable: cursor, field: None };
                self.set(&target, Value::new(RedshiftType::MAX_VARCHAR, name.clone())).await?;
                name
            }
        };
        let (sql, shown) = match query {
            CursorQuery::Query(query) => (self.bound(query)?, query.shown.clone()),
            CursorQuery::Dynamic(command) => {
                let sql = self.command_text(command).await?;
                (sql.clone(), sql)
            }
            CursorQuery::Bound(values) => {
                self.bind_cursor_arguments(cursor, values).await?;
                let body = self.body;
                let VariableKind::Cursor { query, .. } = &body.variables[cursor].kind else {
                    return Err(SqlError::internal("a cursor without a query"));
                };
                (self.bound(query)?, query.shown.clone())
            }
        };
        let opened = self.caller.open_cursor(&name, &sql, &shown).await;
        opened.map_err(|error| in_statement(error, &shown))
    }

    /// Gives the arguments of a bound cursor their values.
    pub(super) async fn bind_cursor_arguments(
        &mut self,
        cursor: VariableId,
        values: &[Fragment],
    ) -> Result<(), SqlError> {
        let body = self.body;
        let VariableKind::Cursor { arguments, .. } = &body.variables[cursor].kind else { return Ok(()) };
        for (argument, expression) in arguments.iter().zip(values) {
            let value = self.value(expression).await?;
            self.declare(*argument)?;
            self.set(&Target { variable: *argument, field: None }, value).await?;
        }
        Ok(())
    }

    pub(super) async fn fetch(&mut self, cursor: VariableId, into: &[Target]) -> Result<(), SqlError> {
        let name = self.cursor_name(cursor)?;
        let fetched = self.caller.fetch(&name).await?;
        self.row_count = fetched.row_count() as u64;
        self.set_row(into, first_row(&fetched)?).await?;
        self.set_found(self.row_count > 0);
        Ok(())
    }

    pub(super) fn close(&mut self, cursor: VariableId) -> Result<(), SqlError> {
        let name = self.cursor_name(cursor)?;
        self.caller.close_cursor(&name)
    }

    fn cursor_name(&self, cursor: VariableId) -> Result<String, SqlError> {
        match &self.slots[cursor] {
            Slot::Value(_, Value { text: Some(name), .. }) => Ok(name.clone()),
            _ => {
                let message = format!("cursor variable \"{}\" is NULL", self.name(cursor));
                Err(SqlError::new(SqlState::NullValueNotAllowed, message))
            }
        }
    }
}
