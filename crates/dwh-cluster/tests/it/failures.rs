//! A failure injected at every call of every step: the step is run again, and the end state is right.

use dwh_cluster::{ClusterError, Lifecycle};
use serde_json::{Value, json};

use crate::account::{Account, all_of_classic};

/// What goes wrong, and how often in a row: the SDK tries a call five times where trying may help.
const FAULTS: [(&str, usize); 4] = [("throttled", 5), ("denied", 1), ("lost", 1), ("lost", 5)];

#[derive(Debug, Clone, Copy)]
enum Step {
    Create,
    Open,
    Pause,
    Resume,
    Close,
    Delete,
}

impl Step {
    async fn run(self, cluster: Lifecycle<'_>) -> Result<(), ClusterError> {
        let cidr = Some("203.0.113.7/32".parse()?);
        match self {
            Self::Create => {
                cluster.create().await?;
                cluster.wait().await.map(drop)
            }
            Self::Open => cluster.open_port(cidr, false).await.map(drop),
            Self::Pause => cluster.pause().await,
            Self::Resume => cluster.resume().await,
            Self::Close => cluster.close_port(cidr).await.map(drop),
            Self::Delete => cluster.delete(false).await,
        }
    }

    /// What undoes it, to try the next failure.
    fn back(self) -> Self {
        match self {
            Self::Create => Self::Delete,
            Self::Open => Self::Close,
            Self::Pause => Self::Resume,
            Self::Resume => Self::Pause,
            Self::Close => Self::Open,
            Self::Delete => Self::Create,
        }
    }

    /// What there is after it, and the cluster's state.
    fn end_state(self) -> (Value, Option<&'static str>) {
        match self {
            Self::Create | Self::Close | Self::Resume => (all_of_classic(0), Some("available")),
            Self::Open => (all_of_classic(1), Some("available")),
            Self::Pause => (all_of_classic(0), Some("paused")),
            Self::Delete => (json!({}), None),
        }
    }
}

async fn state(account: &Account) -> (Value, Option<String>) {
    (account.left(), account.cluster().find().await.unwrap().map(|found| found.status))
}

/// Fails every call of a step once in every way.
async fn try_all_failures(account: &Account, step: Step) {
    let expected = step.end_state();
    for (kind, times) in FAULTS {
        for call in 1.. {
            account.stand_in.fail(call, kind, times);
            let first = step.run(account.cluster()).await;
            let calls = account.stand_in.calls();
            account.never_fail();
            if calls.len() < call {
                // The step has fewer calls: all were tried.
                first.unwrap();
                step.back().run(account.cluster()).await.unwrap();
                break;
            }
            let failed_call = &calls[call - 1];
            match &first {
                // Tried again by the SDK, or a look while waiting that does not matter.
                Ok(()) => assert_ne!(kind, "denied", "{step:?}: {failed_call} was denied and nobody noticed"),
                Err(ClusterError::Api(error)) => {
                    assert_eq!(*failed_call, format!("{}:{}", error.service, error.operation), "{error}");
                    assert!(error.hint().is_some(), "{error}");
                }
                Err(error) => panic!("{step:?}: {failed_call} {kind}: {error}"),
            }
            step.run(account.cluster()).await.unwrap_or_else(|error| {
                panic!("{step:?} after {failed_call} was {kind} {times} times: {error}");
            });
            let (left, status) = state(account).await;
            assert_eq!(
                (left, status.as_deref()),
                expected,
                "{step:?} after {failed_call} was {kind} {times} times"
            );
            step.back().run(account.cluster()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn create_goes_on_after_a_failure_at_any_call() {
    let Some(account) = Account::new().await else { return };
    try_all_failures(&account, Step::Create).await;
    assert_eq!(account.left(), json!({}));
}

#[tokio::test]
async fn delete_goes_on_after_a_failure_at_any_call() {
    let Some(account) = Account::new().await else { return };
    Step::Create.run(account.cluster()).await.unwrap();
    try_all_failures(&account, Step::Delete).await;
}

#[tokio::test]
async fn the_port_and_the_nodes_go_on_after_a_failure_at_any_call() {
    let Some(account) = Account::new().await else { return };
    Step::Create.run(account.cluster()).await.unwrap();
    try_all_failures(&account, Step::Open).await;
    try_all_failures(&account, Step::Pause).await;
    Step::Open.run(account.cluster()).await.unwrap();
    try_all_failures(&account, Step::Close).await;
    Step::Close.run(account.cluster()).await.unwrap();
    Step::Pause.run(account.cluster()).await.unwrap();
    try_all_failures(&account, Step::Resume).await;
    Step::Delete.run(account.cluster()).await.unwrap();
    assert_eq!(account.left(), json!({}));
}
