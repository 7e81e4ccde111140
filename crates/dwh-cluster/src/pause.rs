//! Pausing and resuming: while a cluster is paused, only its storage costs (RS 7.3).

use crate::error::{ApiError, ApiErrorKind, ClusterError};
use crate::found::AVAILABLE;
use crate::lifecycle::Lifecycle;
use crate::spec::{Kind, refuse};
use crate::wait::Look;

const PAUSED: &str = "paused";

/// From one state to the other.
struct Turn {
    verb: (&'static str, &'static str),
    from: &'static str,
    to: &'static str,
}

const PAUSE: Turn = Turn { verb: ("pause", "paused"), from: AVAILABLE, to: PAUSED };
const RESUME: Turn = Turn { verb: ("resume", "resumed"), from: PAUSED, to: AVAILABLE };

impl Lifecycle<'_> {
    /// Pauses the cluster and waits until it is.
    ///
    /// # Errors
    /// It is not there, not dwh's, or Serverless.
    pub async fn pause(&self) -> Result<(), ClusterError> {
        self.turn(PAUSE, async || self.api.pause_cluster(&self.spec.identifier).await).await
    }

    /// Resumes the cluster and waits until it is available.
    ///
    /// # Errors
    /// It is not there, not dwh's, or Serverless.
    pub async fn resume(&self) -> Result<(), ClusterError> {
        self.turn(RESUME, async || self.api.resume_cluster(&self.spec.identifier).await).await
    }

    async fn turn(
        &self,
        Turn { verb: (verb, done), from, to }: Turn,
        call: impl AsyncFn() -> Result<(), ApiError>,
    ) -> Result<(), ClusterError> {
        if matches!(self.spec.kind, Kind::Serverless { .. }) {
            let reason = "Serverless has no pause: it costs while it computes and nothing in between";
            return refuse("[DWH] DWH_CLUSTER_TYPE", reason.to_owned());
        }
        let name = self.name();
        if self.find_ours().await?.status == to {
            self.kept(&format!("{name} ({to})"));
            return Ok(());
        }
        if self.only_says(verb, &name) {
            return Ok(());
        }
        // A cluster that is on its way somewhere can be turned only when it has arrived.
        self.repeat(&name, async || {
            let status = self.find_existing().await?.status;
            if status == to {
                return Ok(Look::Ready(()));
            }
            if status != from {
                return Ok(Look::NotYet(status));
            }
            match call().await {
                Err(error) if error.kind == ApiErrorKind::Busy => Ok(Look::NotYet(status)),
                called => {
                    called?;
                    self.wait_for_status(to).await?;
                    Ok(Look::Ready(()))
                }
            }
        })
        .await?;
        self.done(done, &name);
        Ok(())
    }
}
