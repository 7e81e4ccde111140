//! What a statement has at hand of its session.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use dwh_sql::statement::ParsedStatement;
use dwh_storage::{Privilege, Transaction};

use super::Session;
use super::state::State;
use crate::access::Rights;
use crate::context::StatementContext;
use crate::session_functions::{SessionFacts, SessionFunctions};
use crate::statement_log::StatementLog;

/// When the transaction and the statement began.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) started: DateTime<Utc>,
    pub(super) statement_start: DateTime<Utc>,
}

impl Times {
    /// Both now: for a look at the catalog.
    pub(super) fn now() -> Self {
        let now = Utc::now();
        Self { started: now, statement_start: now }
    }
}

impl Session {
    /// What a statement has at hand in a transaction.
    pub(super) fn context<'a>(
        &'a self,
        state: &'a mut State,
        transaction: &'a mut Transaction,
        times: Times,
        parsed: &'a ParsedStatement,
        sql: &'a str,
        log: Option<&'a StatementLog>,
    ) -> StatementContext<'a> {
        let (user_id, user) = (state.user.0, state.user.1.as_str());
        let mut search_path = state.settings.search_path(user);
        let rights = Rights::new(transaction, user_id);
        search_path.retain(|schema| rights.has_schema(schema, Privilege::USAGE));
        let may_signal_others = rights.has_system(Privilege::CANCEL);
        let facts = self.facts(state, user, may_signal_others, &search_path, times);
        StatementContext {
            engine: &self.engine,
            session_id: self.id,
            user,
            user_id,
            session_user: &self.session_user,
            new_user: None,
            settings: &state.settings,
            search_path,
            transaction,
            autocommit: false,
            statement_start: times.statement_start,
            functions: SessionFunctions::new(&facts),
            own_state: self.engine.state_for(state.settings.options()),
            submitted: sql,
            text: &parsed.text,
            log,
            last_copy: &mut state.last_copy,
            last_unload: &mut state.last_unload,
            copy_progress: Arc::clone(&self.options.copy_progress),
            notices: Vec::new(),
        }
    }

    fn facts(
        &self,
        state: &State,
        user: &str,
        may_signal_others: bool,
        search_path: &[String],
        times: Times,
    ) -> SessionFacts {
        let Times { started, statement_start } = times;
        SessionFacts {
            user: user.to_owned(),
            user_id: state.user.0,
            session_user: self.session_user.1.clone(),
            session_user_id: self.session_user.0,
            may_signal_others,
            database: self.engine.database().to_owned(),
            schema: search_path
                .iter()
                .find(|schema| **schema != user)
                .cloned()
                .unwrap_or_else(|| "public".to_owned()),
            schemas: search_path.iter().filter(|schema| **schema != user).cloned().collect(),
            engine: self.engine.clone(),
            settings: state.settings.clone(),
            setting_requests: state.setting_requests.clone(),
            session_id: self.id,
            last_copy_id: state.last_copy.query_id,
            last_copy_count: state.last_copy.rows,
            last_unload_id: state.last_unload.query_id,
            last_unload_count: state.last_unload.rows,
            last_query_id: state.last_query_id.unwrap_or(-1),
            transaction_start_us: started.timestamp_micros(),
            statement_start_us: statement_start.timestamp_micros(),
        }
    }
}
