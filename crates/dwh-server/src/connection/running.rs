//! Runs the work on a message so that neither a panic in it nor a client that goes hurts anyone.

use std::future::Future;
use std::io;
use std::pin::pin;

use dwh_common::SqlState;

use super::Failure;
use super::channel::Input;

/// Does the work until it is done or nobody waits for it any more, unless `outlives_client` says then that it goes
/// on. Cancelling is the session's business.
///
/// # Errors
/// What is wrong with the work; XX000 when it panicked, which leaves the session usable: its transaction has
/// failed.
pub(super) async fn guarded<T>(
    work: impl Future<Output = Result<T, Failure>>,
    input: &mut Input,
    outlives_client: impl Fn() -> bool,
) -> Result<T, Failure> {
    let mut work = pin!(dwh_engine::guarded(work));
    let done = tokio::select! {
        biased;
        done = &mut work => done,
        () = input.closed() => {
            if !outlives_client() {
                return Err(Failure::Gone(io::Error::from(io::ErrorKind::ConnectionAborted)));
            }
            work.await
        }
    };
    match done? {
        Err(Failure::Sql(error)) if error.state == SqlState::AdminShutdown => Err(Failure::Fatal(error)),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::SqlState;

    use super::super::Failure;
    use super::super::channel::channel;
    use super::guarded;

    #[tokio::test]
    async fn a_panic_is_the_error_of_its_statement() {
        let (_client, server) = tokio::io::duplex(64);
        let (mut input, _output) = channel(Box::new(server), 1024);
        let ran = guarded::<()>(async { panic!("a fault") }, &mut input, || false).await;
        assert!(matches!(ran, Err(Failure::Sql(error)) if error.state == SqlState::InternalError));
        let ran = guarded(async { Ok(7) }, &mut input, || false).await;
        assert!(matches!(ran, Ok(7)));
    }

    #[tokio::test]
    async fn a_client_that_goes_ends_its_statement() {
        let (client, server) = tokio::io::duplex(64);
        let (mut input, _output) = channel(Box::new(server), 1024);
        drop(client);
        let ran = guarded::<()>(std::future::pending(), &mut input, || false).await;
        assert!(matches!(ran, Err(Failure::Gone(_))));
    }

    #[tokio::test]
    async fn work_that_outlives_its_client_is_done() {
        let (client, server) = tokio::io::duplex(64);
        let (mut input, _output) = channel(Box::new(server), 1024);
        drop(client);
        let work = async {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            Ok(7)
        };
        assert!(matches!(guarded(work, &mut input, || true).await, Ok(7)));
    }
}
