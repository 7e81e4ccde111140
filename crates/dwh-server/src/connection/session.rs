//! The loop over a client's messages.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dwh_common::{SqlError, SqlState};
use dwh_engine::Session;
use tokio::sync::OwnedSemaphorePermit;

use super::channel::{Input, Output, close};
use super::extended::Extended;
use super::running::guarded;
use super::status::ReportedParameters;
use super::{Failure, simple};
use crate::cancel::Entry;
use crate::message::frontend::{Frontend, SYNC};
use crate::message::{backend, protocol_violation};
use crate::server::Shared;

/// A client that may send statements.
pub(super) struct Connection {
    shared: Arc<Shared>,
    started: Started,
    input: Input,
    output: Output,
    extended: Extended,
    reported: ReportedParameters,
}

/// What a client has that was let in.
pub(super) struct Started {
    pub(super) session: Session,
    pub(super) entry: Entry,
    /// How long the client may say nothing.
    pub(super) idle_timeout: Option<Duration>,
    /// Counts among the connections.
    pub(super) _place: OwnedSemaphorePermit,
}

/// What comes after a message.
enum Next {
    /// Another message.
    Message,
    /// The client has said goodbye.
    End,
}

impl Connection {
    pub(super) fn new(
        shared: Arc<Shared>,
        started: Started,
        (input, output): (Input, Output),
        reported: ReportedParameters,
    ) -> Self {
        Self { shared, started, input, output, extended: Extended::default(), reported }
    }

    #[cfg(test)]
    pub(super) fn idle_timeout(&self) -> Option<Duration> {
        self.started.idle_timeout
    }

    /// Answers messages until the client goes, says nothing for too long, or the server stops.
    ///
    /// # Errors
    /// The connection broke, or was ended with an error.
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        let ended = match self.ready().await {
            Ok(()) => self.answer_messages().await,
            Err(failure) => Err(failure),
        };
        if let Err(Failure::Fatal(error)) = &ended {
            backend::fatal(&mut self.output.buffer, error);
        }
        // Gives up its locks and its place before the client has gone.
        drop((self.extended, self.started));
        close(self.input, self.output).await;
        ended
    }

    async fn answer_messages(&mut self) -> Result<(), Failure> {
        loop {
            let (tag, body) = match self.next_message().await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(()),
                Err(Failure::Sql(error)) => {
                    self.refuse(self.input.skipped_tag(), &error).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let answered = match Frontend::read(tag, body) {
                Ok(message) => self.answer(message).await,
                Err(error) => Err(Failure::Sql(error)),
            };
            match answered {
                Ok(Next::Message) => {}
                Ok(Next::End) => return Ok(()),
                Err(Failure::Sql(error)) => self.refuse(tag, &error).await?,
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Waits for a message, as long as a client may be silent.
    async fn next_message(&mut self) -> Result<Option<(u8, bytes::Bytes)>, Failure> {
        let idle_timeout = self.started.idle_timeout;
        let silence = async {
            match idle_timeout {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let mut stopping = self.shared.stopping();
        let message = tokio::select! {
            biased;
            message = self.input.message() => message,
            () = silence => return Err(Failure::Fatal(SqlError::new(
                SqlState::IdleSessionTimeout,
                "terminating connection due to idle-session timeout",
            ))),
            () = self.started.entry.handle().terminated() => return Err(Failure::Fatal(terminated())),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Failure::Fatal(terminated())),
        };
        match message {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(SqlError::new(SqlState::ProgramLimitExceeded, error.to_string()).into())
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Failure::Fatal(protocol_violation(error.to_string())))
            }
            other => Ok(other?),
        }
    }

    async fn answer(&mut self, message: Frontend) -> Result<Next, Failure> {
        if self.extended.skips(&message) {
            return Ok(Next::Message);
        }
        let sync_follows = self.input.buffered_tag() == Some(SYNC);
        let Self { started: Started { session, .. }, input, output, extended, .. } = self;
        let session = &*session;
        let outlives_client = || session.outlives_client();
        match message {
            Frontend::Query(sql) => {
                extended.forget_unnamed();
                guarded(simple::query(session, &sql, extended, output), input, outlives_client).await?;
                self.ready().await?;
            }
            Frontend::Parse { name, sql, types } => {
                guarded(extended.parse(session, name, sql, &types, output), input, outlives_client).await?;
            }
            Frontend::Bind(bind) => {
                guarded(extended.bind(session, bind, output), input, outlives_client).await?;
            }
            Frontend::Describe(target, name) => {
                guarded(extended.describe(session, target, &name, output), input, outlives_client).await?;
            }
            Frontend::Execute { portal, max_rows } => {
                let work = extended.execute(session, &portal, max_rows, sync_follows, output);
                guarded(work, input, outlives_client).await?;
            }
            Frontend::Close(target, name) => extended.close(target, &name, output),
            Frontend::Flush => output.flush().await?,
            Frontend::Sync => {
                if let Err(error) = extended.sync(session).await {
                    backend::error(&mut output.buffer, &error);
                }
                self.ready().await?;
            }
            Frontend::Terminate => return Ok(Next::End),
            Frontend::FunctionCall => {
                self.started.session.fail_block().await;
                let error = SqlError::unsupported("a function call message");
                backend::error(&mut self.output.buffer, &error);
                self.ready().await?;
            }
            // What a client sent before it knew that its COPY was refused.
            Frontend::CopyData(_) | Frontend::Password(_) => {}
        }
        Ok(Next::Message)
    }

    /// Tells an error; after one in the extended protocol everything up to Sync is skipped.
    async fn refuse(&mut self, tag: u8, error: &SqlError) -> Result<(), Failure> {
        self.started.session.fail_block().await;
        backend::error(&mut self.output.buffer, error);
        if matches!(tag, b'P' | b'B' | b'D' | b'E' | b'C' | b'H') {
            self.extended.skip_to_sync();
            self.output.flush().await?;
            return Ok(());
        }
        // A panic has left it open; of a failed block nothing is committed.
        let _ = self.started.session.end_implicit_block(false).await;
        self.ready().await
    }

    /// Says that the next statement may come.
    async fn ready(&mut self) -> Result<(), Failure> {
        self.reported.report(&self.started.session, &mut self.output.buffer).await;
        let status = self.started.session.transaction_status().await;
        self.extended.transaction_is(status);
        backend::ready_for_query(&mut self.output.buffer, status);
        Ok(self.output.flush().await?)
    }
}

/// 57P01 in PostgreSQL's words.
fn terminated() -> SqlError {
    SqlError::new(SqlState::AdminShutdown, "terminating connection due to administrator command")
}
