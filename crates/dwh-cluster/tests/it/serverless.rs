use dwh_cluster::{ClusterError, Kind};
use serde_json::json;

use crate::account::Account;

async fn serverless() -> Option<Account> {
    let mut account = Account::new().await?;
    account.spec.kind = Kind::Serverless { base_rpu: 8 };
    account.spec.password = None;
    Some(account)
}

#[tokio::test]
async fn a_workgroup_lives_as_a_cluster_does() {
    let Some(account) = serverless().await else { return };
    account.stand_in.set(&json!({"looks": 2}));
    let all = json!({
        "namespaces": ["dwhcluster"],
        "workgroups": ["dwhcluster"],
        "security_groups": ["dwh-dwhcluster"],
        "roles": ["dwhRole"],
    });
    let cluster = account.cluster();
    for _ in 0..2 {
        cluster.create().await.unwrap();
        assert_eq!(account.left(), all);
        let found = cluster.wait().await.unwrap();
        assert_eq!(found.kind, account.spec.kind);
        assert!(found.endpoint.is_some_and(|(host, _)| host.contains("redshift-serverless")));
    }
    let kinds: Vec<&str> =
        cluster.resources().await.unwrap().iter().map(|resource| resource.resource).collect();
    assert_eq!(kinds, ["workgroup", "namespace", "security group", "role"]);
    assert!(matches!(cluster.pause().await, Err(ClusterError::Spec { .. })));
    for _ in 0..2 {
        cluster.delete(false).await.unwrap();
        assert_eq!(account.left(), json!({}));
    }
}

#[tokio::test]
async fn create_and_delete_go_on_after_a_failure_at_any_call() {
    let Some(account) = serverless().await else { return };
    for (kind, times) in [("denied", 1), ("lost", 1)] {
        for call in 1.. {
            account.stand_in.fail(call, kind, times);
            let first = account.cluster().create().await;
            let calls = account.stand_in.calls().len();
            account.never_fail();
            account.cluster().create().await.unwrap_or_else(|error| panic!("after {first:?}: {error}"));
            account.cluster().wait().await.unwrap();

            account.stand_in.fail(call, kind, times);
            let first = account.cluster().delete(false).await;
            let calls = calls.max(account.stand_in.calls().len());
            account.never_fail();
            account.cluster().delete(false).await.unwrap_or_else(|error| panic!("after {first:?}: {error}"));
            assert_eq!(account.left(), json!({}), "call {call} {kind}");
            if calls < call {
                break;
            }
        }
    }
}
