//! What a COPY that runs on the cluster has done, asked of the system views by a second session.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dwh_common::{Clock, SqlError};
use dwh_copy::{Progress, ProgressCounts};

use super::RedshiftWarehouse;
use super::copied::LoadViews;
use crate::warehouse::{ResultSet, Warehouse as _};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// No session has this number.
const UNKNOWN: i64 = 0;

/// Counts while a session loads.
pub(super) struct LoadWatch {
    /// Looks on.
    session: Box<RedshiftWarehouse>,
    progress: Arc<Progress>,
    /// Number of the session that loads.
    loading: AtomicI64,
    /// The query that was last seen: its rows stay in the views for a while.
    last_query: AtomicI64,
}

impl LoadWatch {
    pub(super) fn new(session: RedshiftWarehouse, progress: Arc<Progress>) -> Self {
        Self {
            session: Box::new(session),
            progress,
            loading: AtomicI64::new(UNKNOWN),
            last_query: AtomicI64::new(-1),
        }
    }

    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Notes the number of the session that will load.
    pub(super) fn loads_on(&self, session: Option<i64>) {
        self.loading.store(session.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// Waits for a COPY and counts meanwhile, if the session that loads is known.
    pub(super) async fn count_during<T>(
        &self,
        copy: impl Future<Output = T>,
        views: LoadViews,
        clock: &dyn Clock,
    ) -> T {
        let counting = async {
            let loading = self.loading.load(Ordering::Relaxed);
            if loading != UNKNOWN
                && let Err(error) = self.count(&views.running_load(loading), clock).await
            {
                // The load goes on without its figures.
                tracing::warn!(%error, "the progress of the COPY is not told");
            }
            std::future::pending().await
        };
        tokio::select! {
            biased;
            done = copy => done,
            never = counting => never,
        }
    }

    /// Looks again and again.
    async fn count(&self, sql: &str, clock: &dyn Clock) -> Result<(), SqlError> {
        let before = self.last_query.load(Ordering::Relaxed);
        let mut counted = ProgressCounts::default();
        loop {
            clock.sleep(LOOK).await;
            let found = figures(&self.session.query(sql).await?)?;
            if let Some((query, now)) = found.filter(|(query, _)| *query > before) {
                self.last_query.store(query, Ordering::Relaxed);
                self.progress.add(&now.since(&counted));
                counted = now;
            }
        }
    }
}

/// The query's number and its figures; `None` while there are none.
fn figures(found: &ResultSet) -> Result<Option<(i64, ProgressCounts)>, SqlError> {
    let number = |column| {
        let text = found.value(0, column).unwrap_or("0");
        text.parse::<i64>()
            .map_err(|_| SqlError::internal(format!("a system view gave {text:?} where a count must be")))
    };
    if found.rows.is_empty() {
        return Ok(None);
    }
    let count = |column| number(column).map(|count| u64::try_from(count).unwrap_or_default());
    let counts = ProgressCounts {
        objects_done: count("files")?,
        bytes_done: count("bytes")?,
        rows: count("loaded")?,
        errors: count("rejected")?,
        ..ProgressCounts::default()
    };
    Ok(Some((number("query")?, counts)))
}

#[cfg(test)]
mod tests {
    use super::figures;
    use crate::warehouse::ResultSet;

    #[test]
    fn figures_are_numbers_and_missing_ones_none() {
        let columns = ["query", "files", "bytes", "loaded", "rejected"].map(str::to_owned).to_vec();
        let row = |texts: [Option<&str>; 5]| texts.map(|text| text.map(str::to_owned)).to_vec();
        let of = |rows| figures(&ResultSet { columns: columns.clone(), rows });
        assert_eq!(of(vec![]), Ok(None));
        let (query, counts) = of(vec![row([Some("7"), Some("2"), Some("9"), Some("5"), None])])
            .expect("numbers")
            .expect("a row");
        assert_eq!(
            (query, counts.objects_done, counts.bytes_done, counts.rows, counts.errors),
            (7, 2, 9, 5, 0)
        );
        assert!(of(vec![row([Some("7"), Some("many"), None, None, None])]).is_err());
    }
}
