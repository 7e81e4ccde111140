//! The transaction block of a session (RS 3.7).

use chrono::{DateTime, Utc};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{AlterTableAction, Statement};
use dwh_storage::Transaction;

use super::cursors::Cursors;

/// Where a session stands between statements, as ReadyForQuery tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Not in a block.
    Idle,
    /// Between BEGIN and COMMIT.
    InBlock,
    /// In a block that only ROLLBACK ends.
    Failed,
}

/// Whether a block is open.
#[derive(Default)]
#[expect(clippy::large_enum_variant, reason = "there is one of them a session")]
pub(super) enum Block {
    /// Each statement is its own transaction.
    #[default]
    None,
    /// Between BEGIN and COMMIT.
    Open(OpenBlock),
    /// A statement failed: only ROLLBACK (or COMMIT, which rolls back) is taken.
    Failed,
}

impl Block {
    pub(super) fn status(&self) -> TransactionStatus {
        match self {
            Self::None => TransactionStatus::Idle,
            Self::Open(_) => TransactionStatus::InBlock,
            Self::Failed => TransactionStatus::Failed,
        }
    }
}

/// An open block.
pub(super) struct OpenBlock {
    /// The snapshot is taken by the first statement, not by BEGIN (RS 3.7).
    pub(super) transaction: Option<Box<Transaction>>,
    pub(super) started: DateTime<Utc>,
    /// READ ONLY.
    pub(super) read_only: bool,
    /// Cursors end with their transaction.
    pub(super) cursors: Cursors,
}

impl OpenBlock {
    pub(super) fn new(read_only: bool) -> Self {
        Self { transaction: None, started: Utc::now(), read_only, cursors: Cursors::default() }
    }
}

/// 25P02, for every statement of a failed block but its end.
pub(super) fn aborted() -> SqlError {
    SqlError::new(
        SqlState::InFailedSqlTransaction,
        "current transaction is aborted, commands ignored until end of transaction block",
    )
    .with_hint("Send ROLLBACK.")
}

/// Transaction statements keep their own meaning, and these refuse a block or commit by themselves.
pub(super) fn may_be_in_implicit_block(statement: &Statement) -> bool {
    !matches!(
        statement,
        Statement::Begin(_)
            | Statement::Commit
            | Statement::Rollback
            | Statement::Truncate(_)
            | Statement::Vacuum(_)
            | Statement::AlterTable { action: AlterTableAction::Append { .. }, .. }
            | Statement::DeclareCursor(_)
            | Statement::Fetch { .. }
            | Statement::CloseCursor(_)
            // It may end transactions.
            | Statement::Call(_)
    )
}

/// What a READ ONLY transaction refuses: all that changes the database. Temporary tables are the
/// session's own and may change, which only the statement itself can tell.
pub(super) fn writes(statement: &Statement) -> bool {
    match statement {
        Statement::CreateTable(create) => !create.temporary,
        Statement::CreateTableAs(create) => !create.temporary,
        Statement::Query(_)
        | Statement::Explain { .. }
        | Statement::Show(_)
        | Statement::ShowObjects(_)
        | Statement::Use { .. }
        | Statement::Set { .. }
        | Statement::Reset(_)
        | Statement::SetTransaction(_)
        | Statement::SetSessionCharacteristics(_)
        | Statement::Begin(_)
        | Statement::Commit
        | Statement::Rollback
        | Statement::Prepare(_)
        | Statement::Execute(_)
        | Statement::Deallocate(_)
        | Statement::DeclareCursor(_)
        | Statement::Fetch { .. }
        | Statement::CloseCursor(_)
        | Statement::Cancel(_)
        | Statement::Call(_)
        | Statement::Unload(_)
        | Statement::Analyze { .. }
        | Statement::AnalyzeCompression { .. } => false,
        _ => true,
    }
}

/// 25006.
pub(super) fn read_only() -> SqlError {
    SqlError::new(SqlState::ReadOnlySqlTransaction, "transaction is read-only")
}
