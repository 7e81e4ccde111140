//! pg_constraint: primary, unique and foreign keys, which are kept and not enforced.

use dwh_common::RedshiftType::{self, BigInt, Boolean};
use dwh_common::SqlError;

use super::catalog::{Catalog, array_text};
use super::key_index::index_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_constraint",
    columns: &[
        ("oid", BigInt),
        ("conname", NAME),
        ("connamespace", BigInt),
        ("contype", RedshiftType::Char(1)),
        ("condeferrable", Boolean),
        ("condeferred", Boolean),
        ("conrelid", BigInt),
        ("contypid", BigInt),
        ("confrelid", BigInt),
        ("confupdtype", RedshiftType::Char(1)),
        ("confdeltype", RedshiftType::Char(1)),
        ("confmatchtype", RedshiftType::Char(1)),
        ("conkey", RedshiftType::Varchar(65535)),
        ("confkey", RedshiftType::Varchar(65535)),
        ("conbin", RedshiftType::Varchar(65535)),
        ("consrc", RedshiftType::Varchar(65535)),
        ("conindid", BigInt),
        ("conparentid", BigInt),
        ("convalidated", Boolean),
        ("conislocal", Boolean),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).relations {
        for constraint in relation.constraints {
            let action: Value = if constraint.kind == 'f' { "a" } else { " " }.into();
            let index = if constraint.is_key() { index_oid(constraint.oid) } else { 0 };
            let (target, target_columns) = constraint.references.unwrap_or_default();
            rows.push(vec![
                constraint.oid.into(),
                constraint.name.into(),
                relation.schema_oid.into(),
                constraint.kind.to_string().into(),
                false.into(),
                false.into(),
                relation.oid.into(),
                0.into(),
                target.into(),
                action.clone(),
                action.clone(),
                if constraint.kind == 'f' { "u" } else { " " }.into(),
                array_text(&constraint.columns).into(),
                if target == 0 { Value::Null } else { array_text(&target_columns).into() },
                Value::Null,
                Value::Null,
                index.into(),
                0.into(),
                true.into(),
                true.into(),
                2606.into(),
            ]);
        }
    }
    Ok(rows)
}
