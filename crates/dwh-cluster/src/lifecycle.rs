//! What all operations work with, and what they tell.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dwh_common::Clock;

use crate::api::{AwsApi, Tags};
use crate::error::{ApiError, ApiErrorKind, ClusterError};
use crate::spec::{ClusterSpec, TAG_CLUSTER};

/// Something that happened, or in a dry run would happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// It is there already and stays as it is.
    Kept {
        /// The resource.
        what: &'a str,
    },
    /// A dry run would do this.
    Would {
        /// `create`, `delete`, `open`, ….
        action: &'static str,
        /// The resource.
        what: &'a str,
    },
    /// It was done.
    Done {
        /// `created`, `deleted`, `opened`, ….
        action: &'static str,
        /// The resource.
        what: &'a str,
    },
    /// Waiting: the state, told each time it was asked for.
    State {
        /// The resource.
        what: &'a str,
        /// State as AWS spells it.
        status: &'a str,
        /// Time since the waiting began.
        waited: Duration,
    },
    /// It looks wrong but stops nothing.
    Warning(&'a str),
}

/// Is told what happens.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// The operations on one cluster.
#[derive(Clone, Copy)]
pub struct Lifecycle<'a> {
    /// AWS.
    pub api: &'a dyn AwsApi,
    /// For waits and ages.
    pub clock: &'a dyn Clock,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
    /// The cluster.
    pub spec: &'a ClusterSpec,
    /// Looks, and tells what would be done, and does nothing.
    pub dry_run: bool,
}

impl Lifecycle<'_> {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now().into()
    }

    /// Whether dwh created a resource, for this cluster.
    pub(crate) fn is_ours(&self, tags: &Tags) -> bool {
        tags.get(TAG_CLUSTER).is_some_and(|cluster| *cluster == self.spec.identifier)
    }

    /// Refuses what has this cluster's name and is not dwh's.
    pub(crate) fn require_ours(&self, tags: &Tags, what: &str) -> Result<(), ClusterError> {
        match self.is_ours(tags) {
            true => Ok(()),
            false => Err(ClusterError::Foreign { what: what.to_owned() }),
        }
    }

    pub(crate) fn kept(&self, what: &str) {
        self.observer.event(Event::Kept { what });
    }

    pub(crate) fn done(&self, action: &'static str, what: &str) {
        self.observer.event(Event::Done { action, what });
    }

    pub(crate) fn warn(&self, text: &str) {
        self.observer.event(Event::Warning(text));
    }

    /// In a dry run says what would be done, and that is all.
    pub(crate) fn only_says(&self, action: &'static str, what: &str) -> bool {
        if self.dry_run {
            self.observer.event(Event::Would { action, what });
        }
        self.dry_run
    }

    /// Does something, or says in a dry run that it would be done: `create` and `created` are the verb's forms.
    pub(crate) async fn act(
        &self,
        (verb, done): (&'static str, &'static str),
        what: &str,
        work: impl Future<Output = Result<(), ApiError>>,
    ) -> Result<(), ClusterError> {
        if !self.only_says(verb, what) {
            work.await?;
            self.done(done, what);
        }
        Ok(())
    }
}

/// An error of a kind that means that it was done before.
pub(crate) fn unless(kind: ApiErrorKind, result: Result<(), ApiError>) -> Result<(), ApiError> {
    match result {
        Err(error) if error.kind == kind => Ok(()),
        result => result,
    }
}
