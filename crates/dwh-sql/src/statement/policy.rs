//! Statements about policies: which rows somebody sees (row-level security), and what of their columns (dynamic data
//! masking).

use dwh_common::RedshiftType;
use sqlparser::ast::Expr;

use super::{GranteeName, TableName};

/// What a policy is for; each kind has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// RLS: rows.
    Rows,
    /// MASKING: values.
    Masking,
}

impl PolicyKind {
    /// As statements call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "RLS POLICY",
            Self::Masking => "MASKING POLICY",
        }
    }
}

/// A statement about policies.
#[derive(Debug, Clone)]
pub enum PolicyStatement {
    /// CREATE RLS POLICY, CREATE MASKING POLICY.
    Create(CreatePolicy),
    /// ALTER … POLICY … USING.
    Alter {
        /// Kind.
        kind: PolicyKind,
        /// Name.
        name: String,
        /// USING.
        expressions: Vec<Expr>,
    },
    /// DROP … POLICY.
    Drop {
        /// Kind.
        kind: PolicyKind,
        /// Name.
        name: String,
        /// IF EXISTS was given.
        if_exists: bool,
        /// CASCADE: it is detached first.
        cascade: bool,
    },
    /// ATTACH RLS POLICY, DETACH RLS POLICY.
    AttachRows {
        /// The policy.
        name: String,
        /// Tables and views.
        relations: Vec<TableName>,
        /// Whose queries it is for.
        to: Vec<GranteeName>,
        /// DETACH.
        detach: bool,
    },
    /// ATTACH MASKING POLICY.
    AttachMask(AttachMask),
    /// DETACH MASKING POLICY.
    DetachMask {
        /// The policy.
        name: String,
        /// The table or view.
        relation: TableName,
        /// The columns, or parts of SUPER columns.
        outputs: Vec<ColumnPathName>,
        /// Whose queries it was for.
        from: GranteeName,
    },
}

impl PolicyStatement {
    /// What was done, as the server says when it is.
    pub fn tag(&self) -> String {
        let (verb, kind) = match self {
            Self::Create(create) => ("CREATE", create.kind),
            Self::Alter { kind, .. } => ("ALTER", *kind),
            Self::Drop { kind, .. } => ("DROP", *kind),
            Self::AttachRows { detach: false, .. } => ("ATTACH", PolicyKind::Rows),
            Self::AttachRows { .. } => ("DETACH", PolicyKind::Rows),
            Self::AttachMask(_) => ("ATTACH", PolicyKind::Masking),
            Self::DetachMask { .. } => ("DETACH", PolicyKind::Masking),
        };
        format!("{verb} {}", kind.name())
    }
}

/// CREATE … POLICY.
#[derive(Debug, Clone)]
pub struct CreatePolicy {
    /// Kind.
    pub kind: PolicyKind,
    /// Name.
    pub name: String,
    /// IF NOT EXISTS was given.
    pub if_not_exists: bool,
    /// WITH: columns that the expressions name, and their types.
    pub columns: Vec<(String, RedshiftType)>,
    /// AS: the name of the relation in the expression.
    pub alias: Option<String>,
    /// USING: one condition for rows, one value for each masked column.
    pub expressions: Vec<Expr>,
}

/// ATTACH MASKING POLICY.
#[derive(Debug, Clone)]
pub struct AttachMask {
    /// The policy.
    pub name: String,
    /// The table or view.
    pub relation: TableName,
    /// What is masked.
    pub outputs: Vec<ColumnPathName>,
    /// USING: what the policy's columns stand for; nothing for what is masked itself.
    pub inputs: Vec<ColumnPathName>,
    /// Whose queries it is for.
    pub to: GranteeName,
    /// PRIORITY; the highest applies.
    pub priority: i32,
}

/// A column, or `column.a.b`: a part of a SUPER column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPathName {
    /// The column.
    pub column: String,
    /// Attributes below it.
    pub path: Vec<String>,
    /// 1-based position.
    pub position: usize,
}

/// How the conditions of several policies go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conjunction {
    /// All must hold.
    And,
    /// One must.
    Or,
}
