//! Work whose panic is an error of its own and hurts nobody else.

use std::panic::AssertUnwindSafe;

use dwh_common::SqlError;
use futures::FutureExt;

/// Does the work. Rolling back what it had begun is the caller's: [`Session::fail_block`] and
/// [`Session::end_implicit_block`].
///
/// # Errors
/// XX000 when it panicked.
///
/// [`Session::fail_block`]: crate::Session::fail_block
/// [`Session::end_implicit_block`]: crate::Session::end_implicit_block
pub async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, SqlError> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| {
        tracing::error!("a statement panicked");
        SqlError::internal("the server met a fault of its own; the statement was rolled back")
    })
}

#[cfg(test)]
mod tests {
    use dwh_common::SqlState;

    use super::guarded;

    #[tokio::test]
    async fn a_panic_is_an_error() {
        assert_eq!(guarded(async { 7 }).await, Ok(7));
        let failed = guarded::<()>(async { panic!("a fault") }).await;
        assert_eq!(failed.map_err(|error| error.state), Err(SqlState::InternalError));
    }
}
