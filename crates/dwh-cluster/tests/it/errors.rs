use dwh_cluster::{Aws, AwsApi, AwsOptions, ClusterError};
use dwh_common::Secret;

use crate::account::Account;

async fn hint_of(account: &Account, kind: &str) -> String {
    account.stand_in.fail(1, kind, 5);
    let error = account.cluster().create().await.unwrap_err();
    account.never_fail();
    format!("{error}: {}", error.hint().unwrap_or_default())
}

#[tokio::test]
async fn errors_of_aws_say_what_to_do() {
    let Some(account) = Account::new().await else { return };
    let denied = hint_of(&account, "denied").await;
    assert!(denied.contains("sts:GetCallerIdentity") && denied.contains("dwh cluster policy"), "{denied}");
    let expired = hint_of(&account, "expired").await;
    assert!(expired.contains("log in again"), "{expired}");
    let throttled = hint_of(&account, "throttled").await;
    assert!(throttled.contains("run the same command again"), "{throttled}");
}

#[tokio::test]
async fn the_permission_that_is_missing_is_named_for_every_service() {
    let Some(account) = Account::new().await else { return };
    for call in 1.. {
        account.stand_in.fail(call, "denied", 1);
        let outcome = account.cluster().create().await;
        let calls = account.stand_in.calls();
        account.never_fail();
        account.cluster().delete(false).await.unwrap();
        if calls.len() < call {
            break;
        }
        let error = outcome.unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.contains(&calls[call - 1]), "{}: {hint}", calls[call - 1]);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_any_call() {
    let Some(mut account) = Account::new().await else { return };
    account.spec.kind = dwh_cluster::Kind::Provisioned { node_type: "dc2.large".to_owned(), nodes: 4 };
    account.never_fail();
    let error = account.cluster().create().await.unwrap_err();
    assert!(matches!(error, ClusterError::Spec { .. }), "{error}");
    assert!(error.to_string().contains("ra3.large"), "{error}");
    assert_eq!(account.stand_in.calls(), [] as [String; 0]);
}

#[tokio::test]
async fn an_endpoint_that_nobody_answers_at_is_told_from_missing_credentials() {
    let options = AwsOptions {
        region: "us-west-2".to_owned(),
        keys: Some((Secret::new("AKIAIOSFODNN7EXAMPLE"), Secret::new("secret"))),
        // A port that nothing listens on.
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        sleep: None,
    };
    let error = Aws::new(options).await.caller().await.unwrap_err();
    let text = format!("{error}: {}", error.hint().unwrap_or_default());
    assert!(text.contains("AWS cannot be reached") && text.contains("onnection refused"), "{text}");
    assert!(text.contains("it goes on where it stopped"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
