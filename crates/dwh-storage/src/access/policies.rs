//! Policies: which rows of a relation somebody sees (the guide's chapter "Row-level security"), and what of its columns
//! ("Dynamic data masking"). What they mean for a query is the engine's to say.

use chrono::{DateTime, Utc};
use dwh_common::RedshiftType;

use super::{Access, Grantee, PrincipalId, Securable};

/// A policy, as CREATE RLS POLICY or CREATE MASKING POLICY makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// WITH: the columns that the expressions name, and their types.
    pub columns: Vec<(String, RedshiftType)>,
    /// AS: the relation's name in the condition.
    pub alias: Option<String>,
    /// USING, as SQL in which tables have their schemas: a condition on rows, or a value for each masked column.
    pub expressions: Vec<String>,
    /// The tables that the expressions read: schema and name.
    pub depends_on: Vec<(String, String)>,
    /// Who made or altered it.
    pub modified_by: PrincipalId,
    /// When.
    pub modified_at: DateTime<Utc>,
}

/// Where an RLS policy is attached, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPolicyKey {
    /// The table or view, by its id.
    pub relation: i64,
    /// The policy.
    pub policy: String,
    /// Whose queries it is for.
    pub to: Grantee,
}

/// A column, or a part of a SUPER column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnPath {
    /// The column's name.
    pub column: String,
    /// Attributes below it.
    pub path: Vec<String>,
}

/// Where a masking policy is attached, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaskKey {
    /// The table or view, by its id.
    pub relation: i64,
    /// What is masked.
    pub outputs: Vec<ColumnPath>,
    /// The policy.
    pub policy: String,
    /// Whose queries it is for.
    pub to: Grantee,
}

/// How a masking policy is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// What the policy's columns stand for.
    pub inputs: Vec<ColumnPath>,
    /// Of several on a column, the highest applies.
    pub priority: i32,
    /// Who attached it.
    pub grantor: PrincipalId,
}

/// How the conditions of several policies go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowConjunction {
    /// All must hold.
    And,
    /// One must.
    Or,
}

impl RowConjunction {
    /// As SQL writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
        }
    }
}

impl Access {
    /// Whether there is no policy anywhere, and no table on which row-level security is on.
    pub fn is_without_policies(&self) -> bool {
        self.row_security.is_empty() && self.row_policies_on.is_empty() && self.masks.is_empty()
    }

    /// Takes a user's or role's policies off: it is dropped.
    pub fn detach_policies(&mut self, of: Grantee) {
        self.row_policies_on.retain(|key, _| key.to != of);
        self.masks.retain(|key, _| key.to != of);
    }

    /// Takes all policies off a relation that is dropped.
    pub(super) fn forget_policies_on(&mut self, gone: Securable) {
        let Securable::Relation(id) = gone else { return };
        self.row_security.remove(&id);
        self.row_policies_on.retain(|key, _| key.relation != id);
        self.masks.retain(|key, _| key.relation != id);
    }
}
