//! The interpreter: one statement after another, expressions through the session.

use std::future::{Future, ready};

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::{Body, Fragment, Handler, Statement, StatementKind, Target};
use dwh_storage::ProcedureDefinition;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::value::{Kind, Value, first_row};
use super::variables::Slot;
use crate::session::{Caller, Ending};

/// After so many statements a cancel request gets its turn.
const STATEMENTS_A_BREATH: u32 = 64;

/// A procedure that runs.
pub(crate) struct Interpreter<'b, 'c> {
    pub(super) caller: &'b mut Caller<'c>,
    pub(super) definition: &'b ProcedureDefinition,
    pub(super) body: &'b Body,
    pub(super) slots: Vec<Slot>,
    /// The handlers of the blocks that are open, the innermost last.
    pub(super) handlers: Vec<&'b Handler>,
    /// The exceptions whose handlers run, the innermost last.
    pub(super) caught: Vec<Raised>,
    /// Rows that the last SQL command returned or changed.
    pub(super) row_count: u64,
    steps: u32,
}

/// Where the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    /// EXIT, perhaps with a label.
    Exit(Option<String>),
    /// CONTINUE, perhaps with a label.
    Continue(Option<String>),
    Return,
}

/// An error on its way out.
#[derive(Debug, Clone)]
pub(super) struct Raised {
    pub(super) error: Box<SqlError>,
    /// Only the first so many of the open handlers catch it.
    pub(super) beyond: usize,
    /// Whether its context names the line.
    pub(super) is_placed: bool,
}

impl From<SqlError> for Raised {
    fn from(error: SqlError) -> Self {
        Self { error: Box::new(error), beyond: usize::MAX, is_placed: false }
    }
}

impl Raised {
    /// OTHERS: every error but the end of the statement by its user.
    pub(super) fn can_be_caught(&self) -> bool {
        !matches!(self.error.state, SqlState::QueryCanceled | SqlState::AdminShutdown)
    }
}

pub(super) type Ran<T = Flow> = Result<T, Raised>;

/// A statement that does not jump.
fn next<'s>(work: impl Future<Output = Result<(), SqlError>> + Send + 's) -> BoxFuture<'s, Ran> {
    work.map(|done| done.map(|()| Flow::Next).map_err(Raised::from)).boxed()
}

impl<'b, 'c> Interpreter<'b, 'c> {
    pub(super) fn new(
        caller: &'b mut Caller<'c>,
        definition: &'b ProcedureDefinition,
        body: &'b Body,
    ) -> Self {
        let slots = body.variables.iter().map(|_| Slot::Value(Kind::Any, Value::default())).collect();
        Self {
            caller,
            definition,
            body,
            slots,
            handlers: Vec::new(),
            caught: Vec::new(),
            row_count: 0,
            steps: 0,
        }
    }

    /// Runs the body.
    pub(super) async fn run(&mut self) -> Result<(), SqlError> {
        let body = self.body;
        self.block(&body.block).await.map(drop).map_err(|raised| *raised.error)
    }

    /// Runs statements until one jumps. Blocks and loops come back here, so the future is on the heap.
    pub(super) fn statements<'s>(&'s mut self, statements: &'b [Statement]) -> BoxFuture<'s, Ran> {
        async move {
            for statement in statements {
                let flow = self.statement(statement).await?;
                if flow != Flow::Next {
                    return Ok(flow);
                }
            }
            Ok(Flow::Next)
        }
        .boxed()
    }

    async fn statement(&mut self, statement: &'b Statement) -> Ran {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(STATEMENTS_A_BREATH) {
            self.caller.breathe().await?;
        }
        let done = self.execute(statement).await.map_err(|raised| {
            let place = format!("line {} at {}", statement.line, statement.kind.context_name());
            self.placed(raised, &place)
        });
        match done {
            Err(raised) => self.continue_behind(raised).await,
            done => done,
        }
    }

    /// Names the line of an error, unless that is known.
    pub(super) fn placed(&self, raised: Raised, place: &str) -> Raised {
        if raised.is_placed {
            return raised;
        }
        let place = format!("PL/pgSQL function \"{}\" {place}", self.definition.name);
        Raised { error: Box::new(raised.error.in_context(place)), is_placed: true, beyond: raised.beyond }
    }

    /// The run of a statement. Each kind is on the heap by itself: what the largest of them needs on the stack would
    /// count for every level of nesting.
    fn execute<'s>(&'s mut self, statement: &'b Statement) -> BoxFuture<'s, Ran> {
        match &statement.kind {
            StatementKind::Block(block) => self.block(block).boxed(),
            StatementKind::If { arms, otherwise } => self.if_statement(arms, otherwise).boxed(),
            StatementKind::Case { search, arms, otherwise } => {
                self.case_statement(search.as_ref(), arms, otherwise.as_deref()).boxed()
            }
            StatementKind::Loop(body) => self.endless_loop(body).boxed(),
            StatementKind::While { condition, body } => self.while_loop(condition, body).boxed(),
            StatementKind::ForInteger { variable, reverse, first, last, step, body } => {
                let range = (first, last, step.as_ref());
                self.integer_loop(*variable, *reverse, range, body).boxed()
            }
            StatementKind::ForRows { targets, rows, body } => self.row_loop(targets, rows, body).boxed(),
            StatementKind::Jump { continues, label, when } => {
                self.jump(*continues, label.as_deref(), when.as_ref()).boxed()
            }
            StatementKind::Call { name, arguments, text } => next(self.call(name, arguments, text)),
            StatementKind::Sql { command, into } => next(self.sql(command, into.as_deref())),
            StatementKind::Execute { command, into } => next(self.dynamic(command, into.as_deref())),
            StatementKind::Perform(query) => next(self.perform(query)),
            StatementKind::Assign { target, value } => next(self.assign(target, value)),
            StatementKind::Raise { level, format, values } => {
                next(self.raise(*level, format, values, statement.line))
            }
            StatementKind::GetRowCount(targets) => next(self.get_row_count(targets)),
            StatementKind::Open { cursor, query } => next(self.open(*cursor, query)),
            StatementKind::Fetch { cursor, into } => next(self.fetch(*cursor, into)),
            StatementKind::Commit => next(self.caller.end_transaction(Ending::Commit)),
            StatementKind::Rollback => next(self.caller.end_transaction(Ending::Rollback)),
            StatementKind::StartTransaction => {
                let started = self.caller.start_transaction();
                ready(started.map(|()| Flow::Next).map_err(Raised::from)).boxed()
            }
            StatementKind::Close(cursor) => {
                let closed = self.close(*cursor);
                ready(closed.map(|()| Flow::Next).map_err(Raised::from)).boxed()
            }
            StatementKind::Reraise => {
                let caught = self.caught.last().cloned();
                ready(caught.map_or(Ok(Flow::Next), Err)).boxed()
            }
            StatementKind::Return => ready(Ok(Flow::Return)).boxed(),
            StatementKind::Null => ready(Ok(Flow::Next)).boxed(),
        }
    }

    async fn jump(&mut self, continues: bool, label: Option<&str>, when: Option<&Fragment>) -> Ran {
        let jumps = match when {
            Some(condition) => self.condition(condition).await?,
            None => true,
        };
        let jump = if continues { Flow::Continue } else { Flow::Exit };
        Ok(if jumps { jump(label.map(str::to_owned)) } else { Flow::Next })
    }

    async fn assign(&mut self, target: &Target, value: &Fragment) -> Result<(), SqlError> {
        let value = self.value(value).await?;
        self.set(target, value).await
    }

    async fn get_row_count(&mut self, targets: &[Target]) -> Result<(), SqlError> {
        for target in targets {
            self.set(target, Value::new(RedshiftType::BigInt, self.row_count.to_string())).await?;
        }
        Ok(())
    }

    // --- expressions ---

    /// The fragment with its variables as literals.
    pub(super) fn bound(&self, fragment: &Fragment) -> Result<String, SqlError> {
        fragment.bind(|reference| self.get(reference).map(|value| value.literal()))
    }

    /// The value of an expression.
    pub(super) async fn value(&mut self, expression: &Fragment) -> Result<Value, SqlError> {
        if let Some(reference) = expression.as_variable() {
            return self.get(reference);
        }
        let sql = format!("SELECT {}", self.bound(expression)?);
        let row = self.caller.evaluate(&sql).await;
        let row = row.map_err(|error| in_statement(error, &format!("SELECT {}", expression.shown)))?;
        if row.row_count() > 1 {
            let message = format!("query \"SELECT {}\" returned more than one row", expression.shown);
            return Err(SqlError::new(SqlState::CardinalityViolation, message));
        }
        let mut values = first_row(&row)?.into_iter();
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value),
            (_, other) => {
                let columns = if other.is_some() { "more than one column" } else { "no column" };
                let message = format!("query \"SELECT {}\" returned {columns}", expression.shown);
                Err(SqlError::new(SqlState::SyntaxError, message))
            }
        }
    }

    /// Whether a condition is true; NULL is not.
    pub(super) async fn condition(&mut self, expression: &Fragment) -> Result<bool, SqlError> {
        let value = self.value(expression).await?;
        match (value.data_type, &value.text) {
            (_, None) => Ok(false),
            (Some(RedshiftType::Boolean), _) => Ok(value.is_true()),
            (_, Some(_)) => Ok(self.cast(&value, "BOOLEAN").await?.is_true()),
        }
    }

    /// The value converted by CAST.
    pub(super) async fn cast(&mut self, value: &Value, to: &str) -> Result<Value, SqlError> {
        self.first_value(&format!("SELECT CAST({} AS {to})", value.literal())).await
    }

    /// The first value that a query gives; NULL if it has no row.
    pub(super) async fn first_value(&mut self, sql: &str) -> Result<Value, SqlError> {
        let rows = self.caller.evaluate(sql).await?;
        Ok(first_row(&rows)?.into_iter().next().map(|(_, value)| value).unwrap_or_default())
    }
}

/// An error of SQL inside the body: its position would be one in other text.
pub(super) fn in_statement(error: SqlError, shown: &str) -> SqlError {
    SqlError { position: None, ..error }.in_context(format!("SQL statement \"{shown}\""))
}
