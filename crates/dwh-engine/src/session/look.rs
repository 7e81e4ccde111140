//! Looks at the data as the session sees them, beside its statements: to describe one, or to evaluate an expression of
//! a procedure.

use dwh_common::SqlError;
use dwh_sql::statement::ParsedStatement;
use dwh_storage::Transaction;

use super::Session;
use super::block::Block;
use super::context::Times;
use super::state::State;
use crate::context::StatementContext;

/// A transaction to look with: that of the open block, or one that is dropped again.
pub(super) struct Look {
    pub(super) transaction: Box<Transaction>,
    is_of_block: bool,
}

impl Look {
    /// Gives the block its transaction back.
    pub(super) fn end(self, state: &mut State) {
        if let Block::Open(block) = &mut state.block
            && self.is_of_block
        {
            block.transaction = Some(self.transaction);
        }
    }
}

impl Session {
    pub(super) fn begin_look(&self, state: &mut State) -> Result<Look, SqlError> {
        let of_block = match &mut state.block {
            Block::Open(block) => block.transaction.take(),
            _ => None,
        };
        Ok(match of_block {
            Some(transaction) => Look { transaction, is_of_block: true },
            None => {
                let own = self.engine.warehouse().begin(state.temporary.clone())?;
                Look { transaction: Box::new(own), is_of_block: false }
            }
        })
    }

    /// Runs `work` in the open transaction, or in one that is dropped again.
    pub(super) fn looking<T>(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
        work: impl FnOnce(&mut StatementContext<'_>) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let mut look = self.begin_look(state)?;
        let seen = work(&mut self.context(state, &mut look.transaction, Times::now(), parsed, sql, None));
        look.end(state);
        seen
    }
}
