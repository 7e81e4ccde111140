use dwh_cluster::{AwsApi, ClusterError, NewCluster, TAG_CLUSTER, Tags};
use serde_json::json;

use crate::account::{Account, all_of_classic};

#[tokio::test]
async fn the_classic_sequence_works_and_each_step_twice() {
    let Some(account) = Account::new().await else { return };
    account.stand_in.set(&json!({"looks": 2}));
    let cidr = "203.0.113.7/32".parse().unwrap();
    let cluster = account.cluster();

    for round in 0..2 {
        let role_arn = cluster.create().await.unwrap();
        assert_eq!(role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/dwh/dwhRole"));
        assert_eq!(account.left(), all_of_classic(0), "round {round}");
        let found = cluster.wait().await.unwrap();
        assert!(found.endpoint.is_some_and(|(host, port)| host.starts_with("dwhcluster.") && port == 5439));
        let told = account.told();
        assert_eq!(told.iter().any(|line| line == "cluster dwhcluster is creating"), round == 0, "{told:?}");
    }
    for _ in 0..2 {
        cluster.open_port(Some(cidr), false).await.unwrap();
        assert_eq!(account.left(), all_of_classic(1));
    }
    for _ in 0..2 {
        cluster.pause().await.unwrap();
        assert_eq!(cluster.find_existing().await.unwrap().status, "paused");
    }
    assert!(matches!(cluster.wait().await, Err(ClusterError::BadState { status, .. }) if status == "paused"));
    for _ in 0..2 {
        cluster.resume().await.unwrap();
        assert_eq!(cluster.find_existing().await.unwrap().status, "available");
    }
    for _ in 0..2 {
        cluster.close_port(None).await.unwrap();
        assert_eq!(account.left(), all_of_classic(0));
    }
    for _ in 0..2 {
        cluster.delete(false).await.unwrap();
        assert_eq!(account.left(), json!({}));
    }
    assert!(matches!(cluster.wait().await, Err(ClusterError::NotFound { .. })));
}

#[tokio::test]
async fn what_is_created_is_as_configured_and_tagged() {
    let Some(account) = Account::new().await else { return };
    let cluster = account.cluster();
    cluster.create().await.unwrap();
    let found = cluster.wait().await.unwrap();
    assert_eq!(found.kind, account.spec.kind);
    assert_eq!((found.database.as_str(), found.user.as_str()), ("dwh", "dwhuser"));
    assert_eq!(found.roles[0].1, "in-sync");
    let is_tagged = |tags: &Tags| {
        tags.get(TAG_CLUSTER).is_some_and(|id| id == "dwhcluster")
            && tags.get("team").is_some_and(|team| team == "music")
    };
    assert!(is_tagged(&found.tags), "{:?}", found.tags);
    let role = account.api.role("dwhRole").await.unwrap().unwrap();
    assert!(is_tagged(&role.tags), "{:?}", role.tags);
    let groups = account.api.security_groups_named("dwh-dwhcluster").await.unwrap();
    assert!(is_tagged(&groups[0].tags) && groups[0].ingress.is_empty(), "{groups:?}");
    let group = account.api.subnet_group("dwh-dwhcluster").await.unwrap().unwrap();
    assert!(is_tagged(&group.tags), "{group:?}");

    let resources = cluster.resources().await.unwrap();
    let kinds: Vec<&str> = resources.iter().map(|resource| resource.resource).collect();
    assert_eq!(kinds, ["cluster", "subnet group", "security group", "role"]);
    assert!(
        resources.iter().all(|resource| resource.cluster == "dwhcluster" && resource.created_at.is_some())
    );
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let Some(account) = Account::new().await else { return };
    let mut cluster = account.cluster();
    cluster.dry_run = true;
    assert_eq!(cluster.create().await.unwrap(), None);
    let told = account.told();
    for what in [
        "role dwhRole",
        "read s3://udacity-dend/log_data",
        "security group",
        "subnet group",
        "4 nodes of ra3.large",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with("would create") && line.contains(what)),
            "{what}: {told:#?}"
        );
    }
    assert!(!told.iter().any(|line| line.contains("Passw0rd")), "{told:#?}");
    assert_eq!(account.left(), json!({}));

    account.cluster().create().await.unwrap();
    cluster.open_port(Some("203.0.113.7".parse().unwrap()), false).await.unwrap();
    cluster.pause().await.unwrap();
    cluster.delete(false).await.unwrap();
    assert_eq!(account.left(), all_of_classic(0));
    assert_eq!(account.cluster().find_existing().await.unwrap().status, "available");
}

#[tokio::test]
async fn the_whole_internet_is_let_in_only_when_told() {
    let Some(account) = Account::new().await else { return };
    let cluster = account.cluster();
    cluster.create().await.unwrap();
    let everyone = "0.0.0.0/0".parse().unwrap();
    let refused = cluster.open_port(Some(everyone), false).await;
    assert!(matches!(refused, Err(ClusterError::WholeInternet { .. })), "{refused:?}");
    assert_eq!(account.left(), all_of_classic(0));
    account.told();
    cluster.open_port(Some(everyone), true).await.unwrap();
    let told = account.told();
    assert!(told.iter().any(|line| line.contains("every machine of the internet")), "{told:?}");
    assert_eq!(account.left(), all_of_classic(1));
}

#[tokio::test]
async fn what_dwh_did_not_create_is_used_and_never_deleted() {
    let Some(account) = Account::new().await else { return };
    let theirs = Tags::from([("owner".to_owned(), "somebody".to_owned())]);
    account.api.create_role("dwhRole", "{}", &theirs).await.unwrap();
    account.cluster().create().await.unwrap();
    assert!(account.told().iter().any(|line| line.contains("role dwhRole was not created by dwh")));
    account.cluster().delete(false).await.unwrap();
    assert_eq!(account.left(), json!({"roles": ["dwhRole"]}));

    // Another configuration that shares the role.
    account.cluster().create().await.unwrap();
    let mut other = account.spec.clone();
    other.identifier = "other".to_owned();
    let mut cluster = account.cluster();
    cluster.spec = &other;
    cluster.create().await.unwrap();
    cluster.delete(false).await.unwrap();
    assert!(account.left()["clusters"] == json!(["dwhcluster"]), "{}", account.left());
}

#[tokio::test]
async fn a_cluster_of_somebody_else_with_this_name_is_left_alone() {
    let Some(account) = Account::new().await else { return };
    let theirs = Tags::from([("owner".to_owned(), "somebody".to_owned())]);
    let new = NewCluster {
        identifier: "dwhcluster",
        node_type: "ra3.large",
        nodes: 2,
        database: "dev",
        user: "somebody",
        password: account.spec.password.as_ref(),
        port: 5439,
        role_arn: "arn:aws:iam::123456789012:role/theirs",
        subnet_group: "default",
        security_group_id: "sg-12345678",
        is_public: false,
        tags: &theirs,
    };
    account.api.create_cluster(&new).await.unwrap();
    let left = account.left();
    let cluster = account.cluster();
    let foreign = |outcome: Result<(), ClusterError>| {
        let error = outcome.unwrap_err();
        assert!(matches!(error, ClusterError::Foreign { .. }), "{error}");
        assert!(error.hint().unwrap().contains("DWH_CLUSTER_IDENTIFIER"), "{error}");
    };
    foreign(cluster.create().await.map(drop));
    foreign(cluster.pause().await);
    foreign(cluster.delete(false).await);
    assert_eq!(account.left(), left);

    // A role and a group that dwh has created around it go, and nothing else.
    let ours = Tags::from([(TAG_CLUSTER.to_owned(), "dwhcluster".to_owned())]);
    account.api.create_role("dwhRole", "{}", &ours).await.unwrap();
    let vpc = account.api.default_vpc().await.unwrap().unwrap();
    account.api.create_security_group("dwh-dwhcluster", &vpc, &ours).await.unwrap();
    foreign(cluster.delete(false).await);
    assert_eq!(account.left(), left);
}

#[tokio::test]
async fn a_security_group_of_somebody_else_is_not_opened_and_not_deleted() {
    let Some(account) = Account::new().await else { return };
    let vpc = account.api.default_vpc().await.unwrap().unwrap();
    let theirs = Tags::from([("owner".to_owned(), "somebody".to_owned())]);
    account.api.create_security_group("dwh-dwhcluster", &vpc, &theirs).await.unwrap();
    let cluster = account.cluster();
    assert!(matches!(cluster.create().await, Err(ClusterError::Foreign { .. })));
    let open = cluster.open_port(Some("203.0.113.7".parse().unwrap()), false).await;
    assert!(matches!(open, Err(ClusterError::NotFound { .. })), "{open:?}");
    cluster.delete(false).await.unwrap();
    assert_eq!(account.left(), json!({"security_groups": ["dwh-dwhcluster"]}));
}

#[tokio::test]
async fn a_final_snapshot_is_taken_when_asked_for() {
    let Some(account) = Account::new().await else { return };
    account.cluster().create().await.unwrap();
    account.cluster().delete(true).await.unwrap();
    let told = account.told();
    let name = told.iter().find_map(|line| line.split_once("final snapshot ")).unwrap().1;
    assert!(name.starts_with("dwhcluster-final-"), "{told:?}");
    assert_eq!(account.left(), json!({"snapshots": [name]}));
    account.cluster().create().await.unwrap();
    account.cluster().delete(false).await.unwrap();
    assert_eq!(account.left(), json!({"snapshots": [name]}), "without one, none is taken");
}
