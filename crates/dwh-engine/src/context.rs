//! What one statement has at hand while it runs.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, execute_stream};
use dwh_common::SqlError;
use dwh_sql::statement::TableName;
use dwh_storage::{PrincipalId, Table, Transaction, WriteIntent};

use crate::access::Rights;
use crate::engine::Engine;
use crate::names::Names;
use crate::plan::Planner;
use crate::result::Notice;
use crate::session_functions::SessionFunctions;
use crate::settings::Settings;
use crate::shared_subplans;
use crate::statement_log::StatementLog;
use crate::system_tables::SystemView;

/// The last COPY or UNLOAD of a session, for pg_last_copy_id(), pg_last_unload_count() and so on (RS 1.14, 6.3).
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastTransfer {
    pub(crate) query_id: i64,
    pub(crate) rows: i64,
}

impl Default for LastTransfer {
    fn default() -> Self {
        Self { query_id: -1, rows: 0 }
    }
}

/// One statement of one session inside one transaction.
pub(crate) struct StatementContext<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) session_id: i32,
    pub(crate) user: &'a str,
    /// Number of the user whose rights the statement has.
    pub(crate) user_id: PrincipalId,
    /// The user that the session was opened for.
    pub(crate) session_user: &'a (PrincipalId, String),
    /// Set by SET SESSION AUTHORIZATION: whose rights the session has from now on.
    pub(crate) new_user: Option<(PrincipalId, String)>,
    pub(crate) settings: &'a Settings,
    pub(crate) search_path: Vec<String>,
    pub(crate) transaction: &'a mut Transaction,
    /// Whether the statement is its own transaction.
    pub(crate) autocommit: bool,
    pub(crate) statement_start: DateTime<Utc>,
    pub(crate) functions: SessionFunctions,
    /// Where the session's settings ask for another state than the engine's.
    pub(crate) own_state: Option<SessionState>,
    /// The statement as submitted, for positions of errors.
    pub(crate) submitted: &'a str,
    /// The statement with its secrets masked, for the load history.
    pub(crate) text: &'a str,
    /// What the log keeps of the statement; `None` if it is only described.
    pub(crate) log: Option<&'a StatementLog>,
    pub(crate) last_copy: &'a mut LastTransfer,
    pub(crate) last_unload: &'a mut LastTransfer,
    pub(crate) copy_progress: Arc<dwh_copy::Progress>,
    pub(crate) notices: Vec<Notice>,
}

impl StatementContext<'_> {
    /// What the user of the statement may do.
    pub(crate) fn rights(&self) -> Rights<'_> {
        Rights::new(self.transaction, self.user_id)
    }

    /// Notes in the log that rows of a table were written: `step` is `insert` or `delete`.
    pub(crate) fn wrote(&self, step: &str, table: &Table, rows: u64) {
        if let Some(log) = self.log {
            log.wrote(step, table, rows);
        }
    }

    /// The statement's number in the log.
    pub(crate) fn query_id(&self) -> i64 {
        match self.log {
            Some(log) => log.query_id(),
            None => self.engine.warehouse().query_log().next_query_id(),
        }
    }

    pub(crate) fn names(&self) -> Names<'_> {
        Names {
            transaction: self.transaction,
            database: self.engine.database(),
            search_path: &self.search_path,
            target: None,
            attributes_in: self.settings.attributes_keep_case().then_some(self.submitted),
            is_unprotected: false,
        }
    }

    /// Runs `work` with a planner that sees the transaction as it is now.
    pub(crate) fn with_planner<T>(&self, work: impl FnOnce(&Planner<'_>) -> T) -> T {
        self.with_planner_on(self.names(), work)
    }

    /// The same, with a name for the target of UPDATE, DELETE or MERGE.
    pub(crate) fn with_planner_on<T>(&self, names: Names<'_>, work: impl FnOnce(&Planner<'_>) -> T) -> T {
        let system = self.system_view();
        let planner = Planner::new(
            self.state(),
            self.rights(),
            names,
            &self.functions,
            &system,
            self.submitted,
            self.settings.parse_options(),
        );
        let done = work(&planner);
        if let Some(log) = self.log.filter(|_| planner.reads_tables()) {
            log.reads_table();
        }
        done
    }

    pub(crate) fn system_view(&self) -> SystemView<'_> {
        SystemView {
            engine: self.engine,
            rights: self.rights(),
            transaction: self.transaction,
            load_log: self.engine.warehouse().load_log(),
            database: self.engine.database(),
            user: self.user,
            session_user: self.session_user,
            search_path: &self.search_path,
            settings: self.settings,
            columns_of_view: &|_| None,
        }
    }

    pub(crate) fn state(&self) -> &SessionState {
        self.own_state.as_ref().unwrap_or_else(|| self.engine.state())
    }

    /// The table of that name, locked for writing and as it is after the lock was had.
    pub(crate) async fn lock_table(
        &mut self,
        name: &TableName,
        intent: WriteIntent,
    ) -> Result<Arc<Table>, SqlError> {
        let table = self.names().table(name)?;
        if !table.definition.temporary {
            let waiting = Instant::now();
            let locked = self.transaction.lock(table.id, intent).await;
            if let Some(log) = self.log {
                log.waited_for_lock(waiting.elapsed());
            }
            locked?;
        }
        // Waiting may have moved the transaction to a newer snapshot.
        self.names().table(name)
    }

    /// The physical plan of a logical one.
    pub(crate) async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, SqlError> {
        let state = self.state();
        let planned = async {
            let optimized = shared_subplans::optimize(state, plan)?;
            let physical = state.query_planner().create_physical_plan(&optimized, state).await?;
            Ok((optimized, physical))
        };
        let (optimized, physical) = planned.await.map_err(|error| self.submitted_error(&error))?;
        if let Some(log) = self.log {
            log.planned(optimized, &physical);
        }
        Ok(physical)
    }

    /// Starts a plan; its batches come as one stream.
    pub(crate) async fn stream(&self, plan: &LogicalPlan) -> Result<SendableRecordBatchStream, SqlError> {
        let physical = self.physical(plan).await?;
        execute_stream(physical, self.state().task_ctx()).map_err(|error| self.submitted_error(&error))
    }

    pub(crate) fn submitted_error(&self, error: &datafusion::error::DataFusionError) -> SqlError {
        crate::error::from_datafusion(error, self.submitted)
    }
}
