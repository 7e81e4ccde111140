//! Runs a statement in a task of its own.

use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use dwh_common::{SqlError, SqlState};
use dwh_engine::{Outcome, Session, guarded};
use dwh_sql::statement::ParsedStatement;
use dwh_sql::{ParameterValue, Parameters};

use crate::DataApi;
use crate::pages::Pages;
use crate::parameters::Bound;
use crate::statements::{ExecutionMode, Statement, Status};

/// Why a statement has not done its work.
struct Failed {
    /// The text at fault, counted from 0, if it was one.
    part: Option<usize>,
    error: SqlError,
}

/// Starts a statement.
pub(crate) fn start(api: DataApi, statement: Arc<Statement>, bound: Bound) {
    tokio::spawn(async move {
        statement.change(|progress| progress.status = Status::Picked);
        let id = statement.session_id.as_deref();
        let kept = id.and_then(|id| api.inner.sessions.used_by(id, &statement.id));
        let session = match kept {
            Some(session) => Ok(session),
            None => api.inner.open_session(&statement.asked.target).map(Arc::new),
        };
        let ran = match &session {
            Ok(session) => or_rolled_back(session, run(session, &statement, &bound)).await,
            Err(error) => Err(Failed { part: None, error: error.clone() }),
        };
        if let Some(id) = id {
            api.inner.sessions.give_back(id, session.ok());
        }
        end(&statement, ran);
    });
}

/// Does the work; a panic in it rolls back what it had begun, and is its error.
async fn or_rolled_back(
    session: &Session,
    work: impl Future<Output = Result<(), Failed>>,
) -> Result<(), Failed> {
    match guarded(work).await {
        Ok(ran) => ran,
        Err(error) => {
            session.fail_block().await;
            // Of a failed block nothing is committed.
            let _ = session.end_implicit_block(false).await;
            Err(Failed { part: None, error })
        }
    }
}

async fn run(session: &Session, statement: &Statement, bound: &Bound) -> Result<(), Failed> {
    statement.runs_in(session.cancel_handle());
    statement.change(|progress| {
        progress.status = Status::Started;
        progress.pid = session.id();
    });
    let is_transaction = statement.asked.execution_mode == ExecutionMode::Transaction;
    let mut texts = Vec::with_capacity(bound.sqls.len());
    for (part, sql) in bound.sqls.iter().enumerate() {
        let parsed = parse(session, sql, &bound.values).await;
        texts.push(parsed.map_err(|error| fail_part(statement, part, Instant::now(), error))?);
    }
    let all: Vec<ParsedStatement> = texts.iter().flatten().cloned().collect();
    if is_transaction && all.len() > 1 {
        session.begin_implicit_block(&all).await;
    }
    let mut ran = Ok(());
    for (part, parsed) in texts.iter().enumerate() {
        ran = run_part(session, statement, part, &bound.sqls[part], parsed).await;
        if ran.is_err() {
            break;
        }
    }
    let ended = session.end_implicit_block(ran.is_ok()).await;
    ran?;
    ended.map_err(|error| Failed { part: None, error })
}

async fn parse(
    session: &Session,
    sql: &str,
    values: &[ParameterValue],
) -> Result<Vec<ParsedStatement>, SqlError> {
    let parsed = session.parse(sql, Parameters::Values(values)).await?;
    if parsed.len() > 1 && !values.is_empty() {
        let message = "cannot insert multiple commands into a prepared statement";
        return Err(SqlError::new(SqlState::SyntaxError, message));
    }
    Ok(parsed)
}

/// Runs one text; its result is that of its last statement with rows.
async fn run_part(
    session: &Session,
    statement: &Statement,
    part: usize,
    sql: &str,
    parsed: &[ParsedStatement],
) -> Result<(), Failed> {
    let started = Instant::now();
    statement.change(|progress| progress.parts[part].status = Status::Started);
    for one in parsed {
        let done = async {
            if statement.is_cancelled() {
                return Err(SqlError::new(SqlState::QueryCanceled, "Query cancelled on user's request"));
            }
            let Outcome { rows, rows_affected, .. } = session.run_statement(one, sql).await?;
            let count = rows_affected.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1);
            Ok(match rows {
                Some(rows) => {
                    let pages = Pages::write(rows, statement.asked.result_format).await?;
                    (i64::try_from(pages.row_count()).unwrap_or(i64::MAX), Some(Arc::new(pages)))
                }
                None => (count, None),
            })
        };
        let (rows, result) = done.await.map_err(|error| fail_part(statement, part, started, error))?;
        statement.change(|progress| {
            let part = &mut progress.parts[part];
            part.rows = rows;
            part.result = result.or(part.result.take());
        });
    }
    end_part(statement, part, Status::Finished, started, None);
    Ok(())
}

fn fail_part(statement: &Statement, part: usize, started: Instant, error: SqlError) -> Failed {
    let status = if is_cancelled(statement, &error) { Status::Aborted } else { Status::Failed };
    end_part(statement, part, status, started, Some(format!("ERROR: {error}")));
    Failed { part: Some(part), error }
}

fn end_part(statement: &Statement, part: usize, status: Status, started: Instant, error: Option<String>) {
    statement.change(|progress| {
        let part = &mut progress.parts[part];
        part.status = status;
        part.error = error;
        part.updated_at = Utc::now();
        part.duration_ns = i64::try_from(started.elapsed().as_nanos()).unwrap_or(i64::MAX);
    });
}

fn is_cancelled(statement: &Statement, error: &SqlError) -> bool {
    statement.is_cancelled() && error.state == SqlState::QueryCanceled
}

/// Says how the whole has ended. What comes after a text that failed does not run.
fn end(statement: &Statement, ran: Result<(), Failed>) {
    statement.change(|progress| {
        let Err(Failed { part, error }) = ran else {
            progress.status = Status::Finished;
            return;
        };
        progress.status = if is_cancelled(statement, &error) { Status::Aborted } else { Status::Failed };
        let severity = if progress.pid == 0 { "FATAL" } else { "ERROR" };
        progress.error = Some(match part {
            Some(part) if statement.asked.is_batch => {
                format!("Query #{} failed with {severity}: {error}", part + 1)
            }
            _ => format!("{severity}: {error}"),
        });
        let status = progress.status;
        for later in progress.parts.iter_mut().filter(|part| !part.status.has_ended()) {
            later.status = if part.is_none() { status } else { Status::Aborted };
        }
    });
}

#[cfg(test)]
mod tests {
    use dwh_engine::{Engine, EngineOptions, SessionOptions, TransactionStatus};
    use dwh_sql::Parameters;

    use super::or_rolled_back;

    #[tokio::test]
    async fn a_panic_rolls_back_and_leaves_the_session_usable() {
        let dir = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(EngineOptions::new(dir.path())).expect("a warehouse");
        let session = engine.session(SessionOptions::default());
        let sql = "CREATE TABLE half (a INT); INSERT INTO half VALUES (1)";
        let statements = session.parse(sql, Parameters::Values(&[])).await.expect("it parses");
        let ran = or_rolled_back(&session, async {
            assert!(session.begin_implicit_block(&statements).await);
            for statement in &statements {
                session.run_statement(statement, sql).await.expect("it runs");
            }
            panic!("a fault")
        });
        assert!(ran.await.is_err());
        assert_eq!(session.transaction_status().await, TransactionStatus::Idle);
        let gone = session.run("SELECT * FROM half").await;
        assert!(gone.is_err_and(|error| error.message.contains("does not exist")));
        assert!(session.run("SELECT 1").await.is_ok());
    }
}
