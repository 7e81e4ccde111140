use dwh_cluster::{AwsApi, ClusterError, Kind, NewNamespace, Tags};
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
async fn a_namespace_of_somebody_else_with_this_name_is_left_alone() {
    let Some(account) = serverless().await else { return };
    let theirs = Tags::from([("owner".to_owned(), "somebody".to_owned())]);
    let namespace = NewNamespace {
        name: "dwhcluster",
        database: "dev",
        user: "somebody",
        password: None,
        role_arn: "arn:aws:iam::123456789012:role/theirs",
        tags: &theirs,
    };
    account.api.create_namespace(&namespace).await.unwrap();
    let left = account.left();
    for outcome in [account.cluster().create().await.map(drop), account.cluster().delete(false).await] {
        assert!(matches!(outcome, Err(ClusterError::Foreign { .. })), "{outcome:?}");
        assert_eq!(account.left(), left);
    }
}

#[tokio::test]
async fn a_workgroup_of_another_namespace_with_this_name_is_left_alone() {
    let Some(account) = serverless().await else { return };
    account.stand_in.put_workgroup("dwhcluster", "theirs");
    let created = account.cluster().create().await.unwrap_err().to_string();
    assert!(created.contains("workgroup dwhcluster of namespace theirs"), "{created}");
    account.cluster().delete(false).await.unwrap();
    assert_eq!(account.left(), json!({"namespaces": ["theirs"], "workgroups": ["dwhcluster"]}));
}

#[tokio::test]
async fn what_is_being_deleted_is_created_anew_when_it_is_gone() {
    let Some(account) = serverless().await else { return };
    let cluster = account.cluster();
    cluster.create().await.unwrap();
    account.stand_in.set(&json!({"looks_deleting": 3}));
    account.api.delete_workgroup("dwhcluster").await.unwrap();
    account.told();
    // The namespace stays, and gets a new workgroup.
    cluster.create().await.unwrap();
    cluster.wait().await.unwrap();
    let told = account.told();
    assert!(told.iter().any(|line| line == "workgroup dwhcluster is deleting"), "{told:?}");
    assert!(!told.iter().any(|line| line == "created namespace dwhcluster"), "{told:?}");
    // Nothing stays.
    account.api.delete_workgroup("dwhcluster").await.unwrap();
    while account.api.workgroup("dwhcluster").await.unwrap().is_some() {}
    account.api.delete_namespace("dwhcluster", None).await.unwrap();
    account.told();
    cluster.create().await.unwrap();
    cluster.wait().await.unwrap();
    let told = account.told();
    assert!(told.iter().any(|line| line == "created namespace dwhcluster"), "{told:?}");
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
