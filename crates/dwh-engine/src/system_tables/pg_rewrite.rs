//! pg_rewrite: the rule by which each bound view is read; pg_depend refers to it.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, SmallInt};
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogRelation};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_rewrite",
    columns: &[
        ("oid", BigInt),
        ("rulename", NAME),
        ("ev_class", BigInt),
        ("ev_attr", SmallInt),
        ("ev_type", Char(1)),
        ("is_instead", Boolean),
        ("ev_qual", TEXT),
        ("ev_action", TEXT),
        ("ev_enabled", Char(1)),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |relation: &CatalogRelation| {
        relation.view.as_ref()?;
        Some(vec![
            rule_oid(relation.oid).into(),
            "_RETURN".into(),
            relation.oid.into(),
            0.into(),
            "1".into(),
            true.into(),
            Value::Null,
            Value::Null,
            "O".into(),
            2618.into(),
        ])
    };
    Ok(Catalog::new(view).relations.iter().filter_map(row).collect())
}

/// Rules are numbered apart from tables.
pub(super) fn rule_oid(view: i64) -> i64 {
    400_000_000 + view
}
