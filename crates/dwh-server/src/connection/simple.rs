//! The simple query protocol: a text of statements, each answered in turn (RS 5.1).

use dwh_engine::Session;
use dwh_sql::Parameters;
use dwh_sql::statement::ParsedStatement;

use super::Failure;
use super::channel::Output;
use super::extended::{DEALLOCATE, Extended};
use super::results::{run_telling, send_outcome};
use crate::message::backend;

/// Runs all statements of a text; several are one transaction.
///
/// # Errors
/// What is wrong with the first statement that fails; those before it are rolled back.
pub(super) async fn query(
    session: &Session,
    sql: &str,
    extended: &mut Extended,
    output: &mut Output,
) -> Result<(), Failure> {
    let ran = run(session, sql, extended, output).await;
    match ran {
        Ok(()) => Ok(session.end_implicit_block(true).await?),
        Err(failure) => {
            session.end_implicit_block(false).await?;
            Err(failure)
        }
    }
}

async fn run(
    session: &Session,
    sql: &str,
    extended: &mut Extended,
    output: &mut Output,
) -> Result<(), Failure> {
    // What a cancelled text has left.
    session.end_implicit_block(false).await?;
    let statements: Vec<ParsedStatement> = session.parse(sql, Parameters::Values(&[])).await?;
    if statements.is_empty() {
        backend::empty_query(&mut output.buffer);
        return Ok(());
    }
    if statements.len() > 1 {
        session.begin_implicit_block(&statements).await;
    }
    for parsed in &statements {
        if extended.deallocates(&parsed.statement) {
            backend::command_complete(&mut output.buffer, DEALLOCATE);
            continue;
        }
        let outcome = run_telling(session, parsed, sql, output).await?;
        send_outcome(outcome, output).await?;
    }
    Ok(())
}
