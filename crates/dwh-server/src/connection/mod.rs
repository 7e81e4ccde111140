//! One client's connection: start-up, authentication, then its statements until it goes.

mod channel;
mod extended;
mod handshake;
mod login;
mod results;
mod running;
mod session;
mod simple;
mod status;

use std::io;

use dwh_common::SqlError;

pub(crate) use handshake::serve;

/// Why the work on a message ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The client is told, and the connection goes on.
    #[error("{0}")]
    Sql(#[from] SqlError),
    /// The client is told, and the connection ends.
    #[error("{0}")]
    Fatal(SqlError),
    /// The client has gone.
    #[error("the connection broke: {0}")]
    Gone(#[from] io::Error),
}
