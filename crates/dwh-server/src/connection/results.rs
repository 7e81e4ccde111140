//! Sends the outcome of a statement, batch by batch.

use std::pin::pin;

use dwh_engine::{Notice, Outcome, Rows, Session};
use dwh_sql::statement::ParsedStatement;

use super::Failure;
use super::channel::Output;
use crate::encode::Encoder;
use crate::message::{Format, backend};

/// Rows on their way to a client: the rest of a batch, then the batches that follow.
pub(super) struct Sending {
    rows: Rows,
    formats: Vec<Format>,
    batch: Option<(Encoder, usize)>,
}

/// Why sending stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    All,
    /// As many as were asked for; there may be more.
    Limit,
}

impl Sending {
    pub(super) fn new(rows: Rows, formats: Vec<Format>) -> Self {
        Self { rows, formats, batch: None }
    }

    /// Sends rows, at most `max_rows` (0 is no limit). The next batch is made when the last one is on its
    /// way, so that a slow client holds back the work.
    pub(super) async fn send(&mut self, max_rows: usize, output: &mut Output) -> Result<Sent, Failure> {
        let mut left = if max_rows == 0 { usize::MAX } else { max_rows };
        loop {
            if let Some((encoder, next)) = &mut self.batch {
                while *next < encoder.row_count() {
                    if left == 0 {
                        return Ok(Sent::Limit);
                    }
                    encoder.write(*next, &mut output.buffer);
                    *next += 1;
                    left -= 1;
                    output.flush_if_full().await?;
                }
                self.batch = None;
            }
            if left == 0 {
                return Ok(Sent::Limit);
            }
            match self.rows.next().await? {
                Some(batch) => self.batch = Some((Encoder::new(&batch, &self.formats, &self.rows.style)?, 0)),
                None => return Ok(Sent::All),
            }
        }
    }
}

/// Runs a statement; what it tells while it runs is sent at once, and what it told before an error in front of that.
///
/// # Errors
/// What is wrong with the statement; the connection broke.
pub(super) async fn run_telling(
    session: &Session,
    parsed: &ParsedStatement,
    sql: &str,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let mut work = pin!(session.run_statement(parsed, sql));
    loop {
        let notices = tokio::select! {
            biased;
            done = &mut work => {
                if done.is_err() {
                    tell(&session.notices_before_error(), output);
                }
                return Ok(done?);
            }
            notices = session.notices() => notices,
        };
        tell(&notices, output);
        output.flush().await?;
    }
}

/// Puts notices into the buffer.
pub(super) fn tell(notices: &[Notice], output: &mut Output) {
    notices.iter().for_each(|notice| backend::notice(&mut output.buffer, notice));
}

/// Sends a whole outcome as text: notices, rows, and what was done.
pub(super) async fn send_outcome(outcome: Outcome, output: &mut Output) -> Result<(), Failure> {
    tell(&outcome.notices, output);
    if let Some(rows) = outcome.rows {
        let formats = vec![Format::Text; rows.schema.fields().len()];
        backend::row_description(&mut output.buffer, &rows.schema, &formats);
        Sending::new(rows, formats).send(0, output).await?;
    }
    backend::command_complete(&mut output.buffer, &outcome.tag);
    Ok(())
}
