//! What policies make of a relation for one user (the guide's chapters "Row-level security" and "Dynamic data masking"):
//! a query in its place, planned and run apart from the user's own, so that none of the user's conditions sees a row or
//! value that the policies hide.

mod masks;
mod secured;
mod shown;

use dwh_common::RedshiftType;
use dwh_sql::keywords::quote_ident;
use dwh_storage::{Access, Grantee, Policy, Privilege, RowConjunction};

pub(crate) use self::masks::overlap;
pub(crate) use self::secured::Secured;
pub(crate) use self::shown::{columns_json, condition_text, paths_json, values_json};
use crate::access::Rights;

/// The relation's name in conditions that give it none, as Redshift's views show it.
pub(crate) const ROW_ALIAS: &str = "rls_table";

/// A relation that policies may be attached to.
pub(crate) struct Protected<'a> {
    /// Its number.
    pub(crate) id: i64,
    /// How SQL names it.
    pub(crate) sql_name: String,
    /// Its columns.
    pub(crate) columns: Vec<(&'a str, Option<RedshiftType>)>,
    /// Whether rows of it are about to be changed: they are found by their own values, not by masked ones.
    pub(crate) is_target: bool,
}

/// What stands in the relation's place.
pub(crate) struct Substitute {
    /// The query.
    pub(crate) sql: String,
    /// Whether row-level security took part, and not only masks.
    pub(crate) by_rows: bool,
}

/// The query in the place of a relation for a user; `None` if the user sees it as it is.
pub(crate) fn substitute(user: &Rights<'_>, relation: &Protected<'_>) -> Option<Substitute> {
    let condition = row_condition(user, relation.id);
    let masks = match relation.is_target {
        true => Vec::new(),
        false => masks::of(user.access(), &user.grantees(), relation),
    };
    let by_rows = condition.is_some();
    let rows = match condition {
        Some((alias, condition)) => rows_where(relation, &alias, &condition),
        None if masks.is_empty() => return None,
        None => format!("SELECT * FROM {}", relation.sql_name),
    };
    let sql = if masks.is_empty() { rows } else { masks::over(&rows, relation, &masks) };
    Some(Substitute { sql, by_rows })
}

/// The query that a policy on rows alone would make of a relation.
pub(crate) fn filtered(relation: &Protected<'_>, policy: &Policy) -> String {
    rows_where(relation, policy.alias.as_deref().unwrap_or(ROW_ALIAS), &policy.expressions.join(" AND "))
}

/// The query that the masks for these grantees alone make of a relation.
pub(crate) fn masked(access: &Access, grantees: &[Grantee], relation: &Protected<'_>) -> String {
    let rows = format!("SELECT * FROM {}", relation.sql_name);
    masks::over(&rows, relation, &masks::of(access, grantees, relation))
}

fn rows_where(relation: &Protected<'_>, alias: &str, condition: &str) -> String {
    format!("SELECT * FROM {} AS {} WHERE {condition}", relation.sql_name, quote_ident(alias))
}

/// Whether row-level security is not for a user: superusers, `sys:secadmin`, and whoever has IGNORE RLS.
pub(crate) fn ignores_rows(user: &Rights<'_>) -> bool {
    user.is_security_administrator() || user.has_system(Privilege::IGNORE_RLS)
}

/// Whether row-level security hides rows of a relation from a user.
pub(crate) fn hides_rows(user: &Rights<'_>, relation: i64) -> bool {
    user.access().row_security.contains_key(&relation) && !ignores_rows(user)
}

/// The condition on rows that a user sees, and what it calls the relation; without a policy for the user there are none.
fn row_condition(user: &Rights<'_>, relation: i64) -> Option<(String, String)> {
    if !hides_rows(user, relation) {
        return None;
    }
    let access = user.access();
    let policies = row_policies(access, relation, &user.grantees());
    let alias = policies.iter().find_map(|policy| policy.alias.clone());
    let parts: Vec<String> =
        policies.iter().flat_map(|policy| &policy.expressions).map(|part| format!("({part})")).collect();
    let condition = match access.row_security.get(&relation) {
        _ if parts.is_empty() => "FALSE".to_owned(),
        Some(RowConjunction::Or) => parts.join(" OR "),
        _ => parts.join(" AND "),
    };
    Some((alias.unwrap_or_else(|| ROW_ALIAS.to_owned()), condition))
}

/// The policies on a relation for any of these, each once.
fn row_policies<'a>(access: &'a Access, relation: i64, grantees: &[Grantee]) -> Vec<&'a Policy> {
    let mut names: Vec<&String> = access
        .row_policies_on
        .keys()
        .filter(|key| key.relation == relation && grantees.contains(&key.to))
        .map(|key| &key.policy)
        .collect();
    names.dedup();
    names.into_iter().filter_map(|name| access.row_policies.get(name)).collect()
}
