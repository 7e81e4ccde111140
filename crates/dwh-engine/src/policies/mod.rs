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
use crate::names::Relation;

/// The relation's name in conditions that give it none, as Redshift's views show it.
pub(crate) const ROW_ALIAS: &str = "rls_table";

/// A relation that policies may be attached to: a table or view.
pub(crate) struct Protected {
    /// Its number.
    pub(crate) id: i64,
    relation: Relation,
    /// Its name in a statement that is about to change its rows: they are found by their own values, not by masked ones.
    target: Option<String>,
}

impl Protected {
    /// `None` for what has no policies, temporary tables and the system's.
    pub(crate) fn of(relation: Relation) -> Option<Self> {
        let id = match &relation {
            Relation::Table(table) if !table.definition.temporary => table.id,
            Relation::View(view) => view.id,
            Relation::Table(_) | Relation::System(_) => return None,
        };
        Some(Self { id, relation, target: None })
    }

    /// The same as the target of a statement, under the name that it has there.
    pub(crate) fn into_target(self, name: &str) -> Self {
        Self { target: Some(quote_ident(name)), ..self }
    }

    /// Its schema and name.
    pub(crate) fn name(&self) -> (&str, &str) {
        match &self.relation {
            Relation::Table(table) => (&table.definition.schema, &table.definition.name),
            Relation::View(view) => (&view.definition.schema, &view.definition.name),
            Relation::System(system) => (system.schema, system.name),
        }
    }

    /// Its columns; those of a late-binding view are not known.
    pub(crate) fn columns(&self) -> Vec<(&str, Option<RedshiftType>)> {
        match &self.relation {
            Relation::Table(table) => {
                let columns = table.definition.columns.iter();
                columns.map(|column| (column.name.as_str(), Some(column.data_type))).collect()
            }
            Relation::View(view) => {
                let types = view.definition.column_types.iter().copied().map(Some);
                let names = view.definition.column_names.iter().map(String::as_str);
                names.zip(types.chain(std::iter::repeat(None))).collect()
            }
            Relation::System(_) => Vec::new(),
        }
    }

    /// The type of a column, as far as it is known; `None` if there is no such column.
    pub(crate) fn column(&self, name: &str) -> Option<Option<RedshiftType>> {
        self.columns().into_iter().find(|(own, _)| *own == name).map(|(_, data_type)| data_type)
    }

    /// How SQL names it.
    fn sql_name(&self) -> String {
        self.target.clone().unwrap_or_else(|| {
            let (schema, name) = self.name();
            format!("{}.{}", quote_ident(schema), quote_ident(name))
        })
    }
}

/// What stands in the relation's place.
pub(crate) struct Substitute {
    /// The query.
    pub(crate) sql: String,
    /// Whether row-level security took part, and not only masks.
    pub(crate) by_rows: bool,
}

/// The query in the place of a relation for a user; `None` if the user sees it as it is.
pub(crate) fn substitute(user: &Rights<'_>, relation: &Protected) -> Option<Substitute> {
    let condition = row_condition(user, relation.id);
    let masks = match relation.target.is_some() {
        true => Vec::new(),
        false => masks::of(user.access(), &user.grantees(), relation),
    };
    let by_rows = condition.is_some();
    let rows = match condition {
        Some((alias, condition)) => rows_where(relation, &alias, &condition),
        None if masks.is_empty() => return None,
        None => format!("SELECT * FROM {}", relation.sql_name()),
    };
    let sql = if masks.is_empty() { rows } else { masks::over(&rows, relation, &masks) };
    Some(Substitute { sql, by_rows })
}

/// The query that a policy on rows alone would make of a relation.
pub(crate) fn filtered(relation: &Protected, policy: &Policy) -> String {
    rows_where(relation, policy.alias.as_deref().unwrap_or(ROW_ALIAS), &policy.expressions.join(" AND "))
}

/// The query that the masks for these grantees alone make of a relation.
pub(crate) fn masked(access: &Access, grantees: &[Grantee], relation: &Protected) -> String {
    let rows = format!("SELECT * FROM {}", relation.sql_name());
    masks::over(&rows, relation, &masks::of(access, grantees, relation))
}

fn rows_where(relation: &Protected, alias: &str, condition: &str) -> String {
    format!("SELECT * FROM {} AS {} WHERE {condition}", relation.sql_name(), quote_ident(alias))
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
