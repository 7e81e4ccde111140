//! LOOP, WHILE and FOR.

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::{Fragment, Loop, RowSource, Target, VariableId, VariableKind};

use super::interpreter::{Flow, Interpreter, Ran};
use super::value::{Kind, Value, first_row, integer, rows};
use super::variables::Slot;

/// What a loop does after its body.
enum After {
    Again,
    /// The loop is over; the run goes on so.
    Leave(Flow),
}

fn after(flow: Flow, body: &Loop) -> After {
    let is_own = |label: &Option<String>| label.is_none() || *label == body.label;
    match flow {
        Flow::Next => After::Again,
        Flow::Continue(label) if is_own(&label) => After::Again,
        Flow::Exit(label) if is_own(&label) => After::Leave(Flow::Next),
        flow => After::Leave(flow),
    }
}

impl<'b> Interpreter<'b, '_> {
    pub(super) async fn endless_loop(&mut self, body: &'b Loop) -> Ran {
        loop {
            if let After::Leave(flow) = after(self.statements(&body.body).await?, body) {
                return Ok(flow);
            }
            // An empty body has no statement that would.
            self.caller.breathe().await?;
        }
    }

    pub(super) async fn while_loop(&mut self, condition: &Fragment, body: &'b Loop) -> Ran {
        while self.condition(condition).await? {
            if let After::Leave(flow) = after(self.statements(&body.body).await?, body) {
                return Ok(flow);
            }
            self.caller.breathe().await?;
        }
        Ok(Flow::Next)
    }

    pub(super) async fn integer_loop(
        &mut self,
        variable: VariableId,
        reverse: bool,
        (first, last, step): (&Fragment, &Fragment, Option<&Fragment>),
        body: &'b Loop,
    ) -> Ran {
        let mut at = integer(&self.integer_value(first).await?, "lower bound")?;
        let last = integer(&self.integer_value(last).await?, "upper bound")?;
        let step = match step {
            Some(step) => integer(&self.integer_value(step).await?, "BY value")?,
            None => 1,
        };
        if step <= 0 {
            let message = "BY value of FOR loop must be greater than zero";
            return Err(SqlError::new(SqlState::InvalidParameterValue, message).into());
        }
        let mut found = false;
        while if reverse { at >= last } else { at <= last } {
            found = true;
            let value = Value::new(RedshiftType::Integer, at.to_string());
            self.slots[variable] = Slot::Value(Kind::Type(RedshiftType::Integer), value);
            if let After::Leave(flow) = after(self.statements(&body.body).await?, body) {
                self.set_found(true);
                return Ok(flow);
            }
            self.caller.breathe().await?;
            let next = if reverse { at.checked_sub(step) } else { at.checked_add(step) };
            let Some(next) = next.filter(|next| i32::try_from(*next).is_ok()) else { break };
            at = next;
        }
        self.set_found(found);
        Ok(Flow::Next)
    }

    /// A bound of a loop, rounded as an assignment to an integer is.
    async fn integer_value(&mut self, expression: &Fragment) -> Result<Value, SqlError> {
        let value = self.value(expression).await?;
        match value.data_type {
            Some(RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt) => Ok(value),
            _ => self.cast(&value, "INTEGER").await,
        }
    }

    /// The rows are read before the first is looked at, so that the loop outlives the transaction.
    pub(super) async fn row_loop(&mut self, targets: &[Target], source: &RowSource, body: &'b Loop) -> Ran {
        self.caller.begin_row_loop()?;
        let done = self.over_rows(targets, source, body).await;
        self.caller.end_row_loop();
        done
    }

    async fn over_rows(&mut self, targets: &[Target], source: &RowSource, body: &'b Loop) -> Ran {
        let result = match source {
            RowSource::Query(query) => {
                let sql = self.bound(query)?;
                self.query(&sql, &query.shown).await?
            }
            RowSource::Dynamic(command) => {
                let sql = self.command_text(command).await?;
                self.query(&sql, &sql).await?
            }
            RowSource::Cursor(cursor, values) => {
                let VariableKind::Cursor { query, .. } = &self.body.variables[*cursor].kind else {
                    return Err(SqlError::internal("a loop over what is no cursor").into());
                };
                self.bind_cursor_arguments(*cursor, values).await?;
                let sql = self.bound(query)?;
                self.query(&sql, &query.shown).await?
            }
        };
        let rows = rows(&result)?;
        let found = !rows.is_empty();
        if !found {
            self.set_row(targets, first_row(&result)?).await?;
        }
        for row in rows {
            self.set_row(targets, row).await?;
            if let After::Leave(flow) = after(self.statements(&body.body).await?, body) {
                self.set_found(true);
                return Ok(flow);
            }
            self.caller.breathe().await?;
        }
        self.set_found(found);
        Ok(Flow::Next)
    }
}
