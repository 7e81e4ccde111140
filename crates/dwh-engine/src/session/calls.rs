//! CALL: which procedure is meant, in whose rights and under which parameters it runs, and how its transaction
//! ends (the guide's pages CALL and "Managing transactions").

use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use dwh_common::{ArgumentMode, RedshiftType, SqlError, SqlState};
use dwh_sql::redact::redact;
use dwh_sql::statement::{Call, ParsedStatement, Statement, TableName};
use dwh_storage::{ColumnDefinition, PrincipalId, ProcedureDefinition, ProcedureId, Securable};

use super::block::{Block, OpenBlock};
use super::caller::Caller;
use super::context::Times;
use super::cursors::Cursors;
use super::state::State;
use super::{Limits, Session};
use crate::activity::OpenTransaction;
use crate::context::StatementContext;
use crate::execute::{default_value, read_query};
use crate::procedure::{self, Value};
use crate::result::{Outcome, ResultSet};
use crate::statement_log::StatementLog;

/// The guide's page CALL.
const MAX_CALLS: usize = 16;

/// A call that runs: what it is told apart by, and what is put back when it ends.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) query_id: i64,
    pub(super) nonatomic: bool,
    /// The transaction is not the procedure's to end: it is the user's, or parameters are set.
    pub(super) is_atomic_context: bool,
    saved_user: Option<(PrincipalId, String)>,
    saved_settings: Vec<(String, Option<String>)>,
}

/// A procedure and the values of its input arguments.
pub(super) struct Prepared {
    id: ProcedureId,
    definition: ProcedureDefinition,
    values: Vec<Value>,
}

/// What a call belongs to.
#[derive(Clone, Copy)]
struct Within<'a> {
    limits: &'a Limits,
    log: &'a StatementLog,
    is_atomic_context: bool,
}

impl Session {
    /// CALL as a client sends it.
    pub(super) async fn call(
        &self,
        state: &mut State,
        call: &Call,
        sql: &str,
        limits: &Limits,
        log: &StatementLog,
    ) -> Result<Outcome, SqlError> {
        let is_own = matches!(state.block, Block::None);
        if is_own {
            let mut block = OpenBlock::new(state.settings.is_read_only());
            let id = log.transaction_id();
            block.transaction =
                Some(Box::new(self.engine.warehouse().begin_numbered(id, state.temporary.clone())?));
            self.note_transaction(state, OpenTransaction { id, started_at: block.started });
            state.block = Block::Open(block);
        }
        let within = Within { limits, log, is_atomic_context: !is_own };
        let done = Box::pin(self.call_in_block(state, call, sql, within)).await;
        let ended = self.end_call(state, is_own, done.is_ok()).await;
        let mut outcome = done?;
        ended?;
        outcome.notices = self.notices.take();
        Ok(outcome)
    }

    async fn call_in_block(
        &self,
        state: &mut State,
        call: &Call,
        sql: &str,
        within: Within<'_>,
    ) -> Result<Outcome, SqlError> {
        let Within { limits, log, is_atomic_context } = within;
        let prepared = limits.guard(Box::pin(self.prepare(state, call))).await?;
        if prepared.definition.nonatomic && !is_atomic_context {
            // Each statement is its own transaction; the first has the number of the call.
            state.block = Block::None;
            state.transaction = None;
            state.spare_transaction_id = Some(log.transaction_id());
        }
        let definition = prepared.definition.clone();
        let values = self.run_call(state, prepared, within).await?;
        if definition.outputs().next().is_none() {
            return Ok(Outcome::done("CALL"));
        }
        let query = procedure::output_query(&definition, &values);
        let row = Box::pin(self.query_here(state, &query)).await?;
        let style = state.settings.options().text_style();
        Ok(Outcome::rows("CALL", row.into_rows(sql)?.in_style(style)))
    }

    /// Commits what is the call's own, or undoes it; puts back what calls have changed.
    async fn end_call(&self, state: &mut State, is_own: bool, succeeded: bool) -> Result<(), SqlError> {
        state.unwind_calls(0);
        state.spare_transaction_id = None;
        state.loose_cursors = Cursors::default();
        match (&state.block, is_own, succeeded) {
            (Block::Open(_), true, true) => {
                let id = state.transaction.map(|now| now.id);
                self.commit(state).await?;
                if let Some(id) = id {
                    self.log_ending(state, "COMMIT", id);
                }
            }
            (Block::None, true, _) => {}
            (_, true, _) => drop(self.rollback(state)),
            // What handles an exception has ended the user's transaction.
            (Block::None, false, false) => state.block = Block::Failed,
            (_, false, false) => state.fail_block(),
            (_, false, true) => {}
        }
        Ok(())
    }

    /// CALL inside a procedure.
    pub(super) async fn call_nested(
        &self,
        state: &mut State,
        name: &TableName,
        values: Vec<Value>,
        shown: &str,
        limits: &Limits,
    ) -> Result<(ProcedureDefinition, Vec<Value>), SqlError> {
        let statement = Statement::Call(Call { name: name.clone(), arguments: Vec::new() });
        let parsed = ParsedStatement { statement, text: redact(shown), offset_chars: 0 };
        let log = self.begin_log(state, &parsed);
        let called = Box::pin(self.call_logged(state, name, values, limits, &log)).await;
        match &called {
            Ok(_) => log.finish(0, 0),
            Err(error) => log.fail(error),
        }
        called
    }

    async fn call_logged(
        &self,
        state: &mut State,
        name: &TableName,
        values: Vec<Value>,
        limits: &Limits,
        log: &StatementLog,
    ) -> Result<(ProcedureDefinition, Vec<Value>), SqlError> {
        let depth = state.calls.len();
        if depth >= MAX_CALLS {
            let message = format!("procedures are called more than {MAX_CALLS} levels deep");
            return Err(SqlError::new(SqlState::StatementTooComplex, message));
        }
        let prepared = self.find(state, name, values)?;
        let definition = prepared.definition.clone();
        let caller = state.calls.last();
        if caller.is_some_and(|caller| caller.nonatomic != definition.nonatomic) {
            let message = "all procedures of a chain of calls must have the same transaction mode";
            return Err(SqlError::new(SqlState::FeatureNotSupported, message)
                .with_hint("Create all of them NONATOMIC, or none."));
        }
        if let Some(out) = definition.arguments.iter().find(|a| a.mode == ArgumentMode::Out) {
            let name = out.name.as_deref().unwrap_or("OUT");
            let message =
                format!("a procedure with the OUT argument \"{name}\" cannot be called from a procedure");
            return Err(SqlError::new(SqlState::FeatureNotSupported, message)
                .with_hint("Declare the argument INOUT and pass a variable."));
        }
        let is_atomic_context = caller.is_some_and(|caller| caller.is_atomic_context);
        let called =
            Box::pin(self.run_call(state, prepared, Within { limits, log, is_atomic_context })).await;
        state.unwind_calls(depth);
        Ok((definition, called?))
    }

    /// Runs a procedure with its owner's rights if it is SECURITY DEFINER, and with its parameters.
    async fn run_call(
        &self,
        state: &mut State,
        Prepared { id, definition, values }: Prepared,
        Within { limits, log, is_atomic_context }: Within<'_>,
    ) -> Result<Vec<Value>, SqlError> {
        let mut frame = Frame {
            query_id: log.query_id(),
            nonatomic: definition.nonatomic,
            is_atomic_context: is_atomic_context || !definition.settings.is_empty(),
            saved_user: None,
            saved_settings: Vec::new(),
        };
        if definition.security_definer {
            let owner = self.look(state, |context| owner(context, id))?;
            frame.saved_user = Some(state.become_user(owner));
        }
        for (name, _) in &definition.settings {
            frame.saved_settings.push((name.clone(), state.settings.changed(name)));
        }
        state.calls.push(frame);
        for (name, value) in &definition.settings {
            state.settings.set(name, Some(value.clone()), false)?;
        }
        let mut caller = Caller::new(self, state, limits);
        Box::pin(procedure::run(&mut caller, &definition, values)).await
    }

    /// The procedure of a call that a client sent, and the values of its arguments.
    async fn prepare(&self, state: &mut State, call: &Call) -> Result<Prepared, SqlError> {
        let values = match procedure::argument_query(&call.arguments) {
            None => Vec::new(),
            Some(query) => {
                let row = self.query_here(state, &query).await;
                // A position in that text would be shown in the statement's.
                let row = row.map_err(|error| SqlError { position: None, ..error })?;
                procedure::argument_values(&call.arguments, &row)?
            }
        };
        self.find(state, &call.name, values)
    }

    fn find(&self, state: &mut State, name: &TableName, values: Vec<Value>) -> Result<Prepared, SqlError> {
        self.look(state, |context| {
            let id = procedure::resolve(context, name, &values)?;
            let known = context.transaction.access().procedures.get(&id);
            let definition =
                known.cloned().ok_or_else(|| SqlError::internal(format!("there is no procedure {id}")))?;
            Ok(Prepared { id, definition, values })
        })
    }

    /// The columns of a call's row, without running it; `None` if it has no output arguments.
    pub(super) async fn described_call(
        &self,
        state: &mut State,
        call: &Call,
    ) -> Result<Option<SchemaRef>, SqlError> {
        let definition = self.prepare(state, call).await?.definition;
        let has_outputs = definition.outputs().next().is_some();
        Ok(has_outputs.then(|| procedure::output_schema(&definition)))
    }

    /// Runs a query in the transaction as it is, without a log entry, and reads its rows.
    pub(super) async fn query_here(&self, state: &mut State, sql: &str) -> Result<ResultSet, SqlError> {
        let mut statements = dwh_sql::parse_with(sql, state.settings.parse_options())?;
        let (Some(parsed), 0) = (statements.pop(), statements.len()) else {
            return Err(SqlError::new(SqlState::SyntaxError, "expected one expression"));
        };
        let Statement::Query(query) = &parsed.statement else {
            return Err(SqlError::new(SqlState::SyntaxError, "expected an expression"));
        };
        let mut look = self.begin_look(state)?;
        let read = {
            let context = self.context(state, &mut look.transaction, Times::now(), &parsed, sql, None);
            read_query(&context, query).await
        };
        look.end(state);
        read
    }

    /// A literal converted as INSERT converts it for a column of this type.
    pub(super) async fn assigned_here(
        &self,
        state: &mut State,
        literal: &str,
        to: RedshiftType,
        variable: &str,
    ) -> Result<ScalarValue, SqlError> {
        let column =
            ColumnDefinition { default: Some(literal.to_owned()), ..ColumnDefinition::new(variable, to) };
        let parsed = nothing();
        let mut look = self.begin_look(state)?;
        let assigned = {
            let context = self.context(state, &mut look.transaction, Times::now(), &parsed, "", None);
            default_value(&context, &column).await
        };
        look.end(state);
        assigned
    }

    /// Looks at the catalog as the transaction sees it.
    pub(super) fn look<T>(
        &self,
        state: &mut State,
        look: impl FnOnce(&mut StatementContext<'_>) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.looking(state, &nothing(), "", look)
    }
}

/// Stands for the statement where there is none.
fn nothing() -> ParsedStatement {
    ParsedStatement { statement: Statement::Commit, text: String::new(), offset_chars: 0 }
}

fn owner(context: &StatementContext<'_>, id: ProcedureId) -> Result<(PrincipalId, String), SqlError> {
    let access = context.transaction.access();
    let owner = access.owner(Securable::Procedure(id));
    let name = access.users.get(&owner).map(|user| user.name.clone());
    name.map(|name| (owner, name)).ok_or_else(|| {
        SqlError::new(SqlState::UndefinedObject, "the owner of the procedure does not exist any more")
    })
}

impl State {
    /// Ends calls until so many are left: users and parameters are what they were.
    pub(super) fn unwind_calls(&mut self, left: usize) {
        while self.calls.len() > left {
            let Some(frame) = self.calls.pop() else { return };
            for (name, before) in frame.saved_settings.into_iter().rev() {
                self.settings.put_back(&name, before);
            }
            if let Some(user) = frame.saved_user {
                self.become_user(user);
            }
        }
        if left == 0 {
            self.row_loops = 0;
        }
    }
}
