//! Policies come back as they were, and what they are on goes with it.

use chrono::{DateTime, Utc};
use dwh_common::RedshiftType;
use dwh_storage::{ColumnPath, Grantee, Mask, MaskKey, Policy, RowConjunction, RowPolicyKey};

use crate::fixtures::*;

fn policy(alias: Option<&str>, expressions: &[&str]) -> Policy {
    Policy {
        columns: vec![
            ("a".to_owned(), RedshiftType::Integer),
            ("the text".to_owned(), RedshiftType::Varchar(10)),
        ],
        alias: alias.map(ToOwned::to_owned),
        expressions: expressions.iter().map(|sql| (*sql).to_owned()).collect(),
        depends_on: vec![("public".to_owned(), "lookup".to_owned())],
        modified_by: 100,
        modified_at: DateTime::<Utc>::from_timestamp(1_700_000_000, 123_456_000).unwrap(),
    }
}

fn path(column: &str, path: &[&str]) -> ColumnPath {
    ColumnPath { column: column.to_owned(), path: path.iter().map(|part| (*part).to_owned()).collect() }
}

#[tokio::test]
async fn policies_come_back_as_they_were_and_leave_a_dropped_table() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let [kept, dropped] = create(&warehouse, &["kept", "dropped"]).await[..] else { unreachable!() };
    let mut transaction = begin(&warehouse);
    transaction
        .change_access(|access| {
            access.row_policies.insert("p".to_owned(), policy(Some("t"), &["t.a > 1"]));
            access.masking_policies.insert("m".to_owned(), policy(None, &["'x'", "NULL"]));
            access.row_security.insert(kept, RowConjunction::Or);
            access.row_security.insert(dropped, RowConjunction::And);
            for (relation, to) in [
                (kept, Grantee::Public),
                (kept, Grantee::User(101)),
                (dropped, Grantee::Role(7)),
                (dropped, Grantee::Group(8)),
            ] {
                let key = RowPolicyKey { relation, policy: "p".to_owned(), to };
                access.row_policies_on.insert(key, 100);
                let outputs = vec![path("c", &[]), path("s", &["a", "b \"c\""])];
                let key = MaskKey { relation, outputs, policy: "m".to_owned(), to };
                let mask = Mask { inputs: vec![path("c", &[])], priority: -3, grantor: 100 };
                access.masks.insert(key, mask);
            }
        })
        .unwrap();
    let access = transaction.access().clone();
    transaction.commit().await.unwrap();
    drop(warehouse);

    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    assert_eq!(*transaction.access(), access);
    transaction.drop_table(dropped).unwrap();
    let left = transaction.access();
    assert_eq!(left.row_security.keys().collect::<Vec<_>>(), [&kept]);
    assert!(left.row_policies_on.keys().all(|key| key.relation == kept));
    assert!(left.masks.keys().all(|key| key.relation == kept));
    assert_eq!((left.row_policies_on.len(), left.masks.len()), (2, 2));
    transaction.change_access(|access| access.detach_policies(Grantee::User(101))).unwrap();
    assert_eq!((transaction.access().row_policies_on.len(), transaction.access().masks.len()), (1, 1));
}
