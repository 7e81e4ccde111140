//! What a session keeps from statement to statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dwh_common::SqlError;
use dwh_sql::statement::{Execute, ParsedStatement, Statement};
use dwh_storage::{PrincipalId, TemporaryTables};

use super::block::Block;
use super::calls::Frame;
use super::cursors::Cursors;
use super::prepared::PreparedStatements;
use crate::activity::OpenTransaction;
use crate::context::LastTransfer;
use crate::result::Outcome;
use crate::settings::{SettingRequests, Settings};

#[derive(Default)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) setting_requests: SettingRequests,
    /// Whose rights statements have: SET SESSION AUTHORIZATION changes it.
    pub(super) user: (PrincipalId, String),
    /// What SET LOCAL SESSION AUTHORIZATION will put back.
    pub(super) user_before: Option<(PrincipalId, String)>,
    pub(super) block: Block,
    /// Whether the block was opened for the statements of one text, not by BEGIN.
    pub(super) implicit: bool,
    pub(super) prepared: PreparedStatements,
    pub(super) temporary: TemporaryTables,
    pub(super) last_copy: LastTransfer,
    pub(super) last_unload: LastTransfer,
    /// The last query that read or changed tables; `None` before the first.
    pub(super) last_query_id: Option<i64>,
    /// The transaction of the block, also of a failed one.
    pub(super) transaction: Option<OpenTransaction>,
    /// The procedures that run, the outermost first.
    pub(super) calls: Vec<Frame>,
    /// Cursors of a NONATOMIC procedure outside a transaction block.
    pub(super) loose_cursors: Cursors,
    /// Loops over rows that run: each has a cursor of its own.
    pub(super) row_loops: usize,
    /// The number of a call whose statements are transactions of their own: the first of them has it.
    pub(super) spare_transaction_id: Option<u64>,
    /// Set when reading the rows of a statement of the block has failed.
    pub(super) reading_failed: Arc<AtomicBool>,
}

impl State {
    /// Statements have this user's rights from now on; gives back whose they had.
    pub(super) fn become_user(&mut self, user: (PrincipalId, String)) -> (PrincipalId, String) {
        self.settings.note_user(&user.1);
        std::mem::replace(&mut self.user, user)
    }

    /// Does what SET_CONFIG has asked for; the function has checked the values.
    pub(super) fn apply_setting_requests(&mut self) {
        for request in self.setting_requests.take() {
            // Outside a block a local setting ended with its own statement.
            if !request.local || matches!(self.block, Block::Open(_)) {
                let _ = self.settings.set(&request.name, Some(request.value), request.local);
            }
        }
    }

    /// Statements that concern the session alone; `None` for all others.
    pub(super) fn run_here(&mut self, statement: &Statement) -> Option<Result<Outcome, SqlError>> {
        Some(match statement {
            Statement::Set { name, value, local } => {
                self.settings.set(name, value.clone(), *local).map(|()| Outcome::done("SET"))
            }
            Statement::Reset(name) => self.settings.reset(name.as_deref()).map(|()| Outcome::done("RESET")),
            Statement::SetTransaction(modes) => {
                if let (Block::Open(block), Some(read_only)) = (&mut self.block, modes.read_only) {
                    block.read_only = read_only;
                }
                Ok(Outcome::done("SET"))
            }
            Statement::SetSessionCharacteristics(modes) => match modes.read_only {
                Some(read_only) => {
                    let value = if read_only { "on" } else { "off" };
                    let name = "default_transaction_read_only";
                    self.settings.set(name, Some(value.to_owned()), false).map(|()| Outcome::done("SET"))
                }
                None => Ok(Outcome::done("SET")),
            },
            Statement::Prepare(prepare) => self.prepared.prepare(prepare),
            Statement::Deallocate(name) => self.prepared.deallocate(name.as_deref()),
            _ => return None,
        })
    }

    /// The statement that EXECUTE runs. Errors in it have no place in the text that was submitted.
    pub(super) fn bind(&self, execute: &Execute) -> Result<ParsedStatement, SqlError> {
        let text = self.prepared.bind(execute)?;
        let parsed = dwh_sql::parse_with(&text, self.settings.parse_options());
        let mut statements = parsed.map_err(|error| SqlError { position: None, ..error })?;
        statements.pop().ok_or_else(|| SqlError::internal("a prepared statement without text"))
    }

    pub(super) fn note_failed_reading(&mut self) {
        if self.reading_failed.swap(false, Ordering::Relaxed) {
            self.fail_block();
        }
    }
}
