//! Pausing and resuming: while a cluster is paused, only its storage costs (RS 7.3).

use crate::error::{ApiErrorKind, ClusterError};
use crate::lifecycle::Lifecycle;
use crate::spec::{Kind, refuse};
use crate::wait::is_available;

impl Lifecycle<'_> {
    /// Pauses the cluster and waits until it is.
    ///
    /// # Errors
    /// It is not there, not dwh's, or Serverless.
    pub async fn pause(&self) -> Result<(), ClusterError> {
        self.turn(("pause", "paused"), "paused").await
    }

    /// Resumes the cluster and waits until it is available.
    ///
    /// # Errors
    /// It is not there, not dwh's, or Serverless.
    pub async fn resume(&self) -> Result<(), ClusterError> {
        self.turn(("resume", "resumed"), "available").await
    }

    async fn turn(&self, verb: (&'static str, &'static str), wanted: &str) -> Result<(), ClusterError> {
        if matches!(self.spec.kind, Kind::Serverless { .. }) {
            let reason = "Serverless has no pause: it costs while it computes and nothing in between";
            return refuse("[DWH] DWH_CLUSTER_TYPE", reason.to_owned());
        }
        let found = self.find_ours().await?;
        let id = &self.spec.identifier;
        if found.status == wanted {
            self.kept(&format!("{} ({wanted})", self.name()));
            return Ok(());
        }
        if self.dry_run {
            return self.act(verb, &self.name(), async { Ok(()) }).await;
        }
        let from = if is_available(wanted) { "paused" } else { "available" };
        // A cluster that is on its way somewhere can be turned only when it has arrived.
        self.repeat(&self.name(), async || {
            use crate::wait::Look::{NotYet, Ready};
            let status = self.find_existing().await?.status;
            if status == wanted {
                return Ok(Ready(()));
            }
            if status != from {
                return Ok(NotYet(status));
            }
            let called = match verb.0 {
                "pause" => self.api.pause_cluster(id).await,
                _ => self.api.resume_cluster(id).await,
            };
            match called {
                Err(error) if error.kind == ApiErrorKind::Busy => Ok(NotYet(status)),
                done => {
                    done?;
                    self.wait_for_status(wanted).await?;
                    Ok(Ready(()))
                }
            }
        })
        .await?;
        self.done(verb.1, &self.name());
        Ok(())
    }
}
