//! Runs the work on a message so that neither a panic in it nor a client that goes hurts anyone.

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;

use dwh_common::{SqlError, SqlState};
use futures::FutureExt;

use super::Failure;
use super::channel::Input;

/// Does the work until it is done or nobody waits for it any more. Cancelling is the session's business.
///
/// # Errors
/// What is wrong with the work; XX000 when it panicked, which leaves the session usable: its transaction has
/// failed.
pub(super) async fn guarded<T>(
    work: impl Future<Output = Result<T, Failure>>,
    input: &mut Input,
) -> Result<T, Failure> {
    let work = AssertUnwindSafe(work).catch_unwind();
    tokio::select! {
        biased;
        done = work => match done {
            Ok(Err(Failure::Sql(error))) if error.state == SqlState::AdminShutdown => Err(Failure::Fatal(error)),
            Ok(done) => done,
            Err(_) => {
                tracing::error!("a statement panicked");
                let message = "the server met a fault of its own; the statement was rolled back";
                Err(SqlError::internal(message).into())
            }
        },
        () = input.closed() => Err(Failure::Gone(io::Error::from(io::ErrorKind::ConnectionAborted))),
    }
}
