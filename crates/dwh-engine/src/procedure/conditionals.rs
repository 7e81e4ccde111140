//! IF and CASE.

use dwh_common::{SqlError, SqlState};
use dwh_sql::plpgsql::{Fragment, Statement, VariableId};

use super::interpreter::{Interpreter, Ran, in_statement};
use super::value::Kind;
use super::variables::Slot;

impl<'b> Interpreter<'b, '_> {
    pub(super) async fn if_statement(
        &mut self,
        arms: &'b [(Fragment, Vec<Statement>)],
        otherwise: &'b [Statement],
    ) -> Ran {
        for (condition, body) in arms {
            if self.condition(condition).await? {
                return self.statements(body).await;
            }
        }
        self.statements(otherwise).await
    }

    pub(super) async fn case_statement(
        &mut self,
        search: Option<&'b (Fragment, VariableId)>,
        arms: &'b [(Vec<Fragment>, Vec<Statement>)],
        otherwise: Option<&'b [Statement]>,
    ) -> Ran {
        let wanted = match search {
            Some((expression, variable)) => {
                let value = self.value(expression).await?;
                self.slots[*variable] = Slot::Value(Kind::Any, value.clone());
                Some(value)
            }
            None => None,
        };
        for (values, body) in arms {
            for value in values {
                let holds = match &wanted {
                    Some(wanted) => self.equals(&wanted.literal(), value).await?,
                    None => self.condition(value).await?,
                };
                if holds {
                    return self.statements(body).await;
                }
            }
        }
        match otherwise {
            Some(body) => self.statements(body).await,
            None => Err(SqlError::new(SqlState::CaseNotFound, "case not found")
                .with_hint("CASE statement is missing ELSE part.")
                .into()),
        }
    }

    async fn equals(&mut self, wanted: &str, value: &Fragment) -> Result<bool, SqlError> {
        let sql = format!("SELECT {wanted} = ({})", self.bound(value)?);
        let equal = self.first_value(&sql).await;
        let equal = equal.map_err(|error| in_statement(error, &format!("SELECT {}", value.shown)))?;
        Ok(equal.is_true())
    }
}
