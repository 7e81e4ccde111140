//! Policies, to and from the table of properties: a property each, as JSON.

use std::collections::BTreeMap;

use dwh_common::RedshiftType;
use serde_json::{Value, json};

use super::{time_of_text, time_text};
use crate::access::{Access, ColumnPath, Grantee, Mask, MaskKey, Policy, RowConjunction, RowPolicyKey};

const ROW_POLICY: &str = "rls policy";
const ROW_POLICY_ON: &str = "rls policy attached";
const ROW_SECURITY: &str = "row level security";
const MASKING_POLICY: &str = "masking policy";
const MASK: &str = "masking policy attached";

/// Takes a property that is a policy's, and leaves others alone. What cannot be read would show rows that somebody must
/// not see, so it is an error.
pub(super) fn read(kind: &str, key: &str, value: &str, access: &mut Access) -> Option<()> {
    match kind {
        ROW_POLICY => drop(access.row_policies.insert(key.to_owned(), policy(value)?)),
        MASKING_POLICY => drop(access.masking_policies.insert(key.to_owned(), policy(value)?)),
        ROW_SECURITY => {
            let conjunction = if value == "OR" { RowConjunction::Or } else { RowConjunction::And };
            access.row_security.insert(key.parse().ok()?, conjunction);
        }
        ROW_POLICY_ON => {
            let (relation, policy, to): (i64, String, String) = serde_json::from_str(key).ok()?;
            let key = RowPolicyKey { relation, policy, to: grantee(&to)? };
            access.row_policies_on.insert(key, value.parse().ok()?);
        }
        MASK => {
            let (relation, outputs, policy, to): (i64, Value, String, String) =
                serde_json::from_str(key).ok()?;
            let key = MaskKey { relation, outputs: paths(&outputs)?, policy, to: grantee(&to)? };
            let (inputs, priority, grantor): (Value, i32, i64) = serde_json::from_str(value).ok()?;
            access.masks.insert(key, Mask { inputs: paths(&inputs)?, priority, grantor });
        }
        _ => {}
    }
    Some(())
}

/// The properties of all policies, by kind.
pub(super) fn properties(access: &Access) -> [(&'static str, BTreeMap<String, String>); 5] {
    let policies = |policies: &BTreeMap<String, Policy>| {
        policies.iter().map(|(name, policy)| (name.clone(), policy_json(policy))).collect()
    };
    let security = access.row_security.iter().map(|(id, how)| (id.to_string(), how.name().to_owned()));
    let attached = access.row_policies_on.iter().map(|(key, grantor)| {
        let key = json!([key.relation, key.policy, grantee_text(key.to)]).to_string();
        (key, grantor.to_string())
    });
    let masks = access.masks.iter().map(|(key, mask)| {
        let key = json!([key.relation, paths_json(&key.outputs), key.policy, grantee_text(key.to)]);
        (key.to_string(), json!([paths_json(&mask.inputs), mask.priority, mask.grantor]).to_string())
    });
    [
        (ROW_POLICY, policies(&access.row_policies)),
        (MASKING_POLICY, policies(&access.masking_policies)),
        (ROW_SECURITY, security.collect()),
        (ROW_POLICY_ON, attached.collect()),
        (MASK, masks.collect()),
    ]
}

fn policy_json(policy: &Policy) -> String {
    let columns: Vec<_> = policy.columns.iter().map(|(name, of)| json!([name, of.to_string()])).collect();
    json!({
        "columns": columns,
        "alias": policy.alias,
        "expressions": policy.expressions,
        "depends_on": policy.depends_on,
        "modified_by": policy.modified_by,
        "modified_at": time_text(policy.modified_at),
    })
    .to_string()
}

fn policy(text: &str) -> Option<Policy> {
    let value: Value = serde_json::from_str(text).ok()?;
    let columns: Vec<(String, String)> = serde_json::from_value(value["columns"].clone()).ok()?;
    let columns: Option<Vec<(String, RedshiftType)>> =
        columns.into_iter().map(|(name, of)| Some((name, of.parse().ok()?))).collect();
    Some(Policy {
        columns: columns?,
        alias: value["alias"].as_str().map(ToOwned::to_owned),
        expressions: serde_json::from_value(value["expressions"].clone()).ok()?,
        depends_on: serde_json::from_value(value["depends_on"].clone()).ok()?,
        modified_by: value["modified_by"].as_i64()?,
        modified_at: time_of_text(value["modified_at"].as_str()?)?,
    })
}

fn paths_json(paths: &[ColumnPath]) -> Vec<(&String, &Vec<String>)> {
    paths.iter().map(|path| (&path.column, &path.path)).collect()
}

fn paths(value: &Value) -> Option<Vec<ColumnPath>> {
    let paths: Vec<(String, Vec<String>)> = serde_json::from_value(value.clone()).ok()?;
    Some(paths.into_iter().map(|(column, path)| ColumnPath { column, path }).collect())
}

fn grantee_text(grantee: Grantee) -> String {
    match grantee {
        Grantee::Public => "public".to_owned(),
        Grantee::User(id) => format!("user {id}"),
        Grantee::Group(id) => format!("group {id}"),
        Grantee::Role(id) => format!("role {id}"),
    }
}

fn grantee(text: &str) -> Option<Grantee> {
    if text == "public" {
        return Some(Grantee::Public);
    }
    let (kind, id) = text.split_once(' ')?;
    let id = id.parse().ok()?;
    match kind {
        "user" => Some(Grantee::User(id)),
        "group" => Some(Grantee::Group(id)),
        "role" => Some(Grantee::Role(id)),
        _ => None,
    }
}
