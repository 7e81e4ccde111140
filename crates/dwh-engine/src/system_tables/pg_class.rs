//! pg_class: tables and views, those of the system too, and indexes of keys. Behind what Redshift has are columns of later
//! PostgreSQL that clients ask for; `*` leaves them out.

use std::collections::HashSet;

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer, Real, SmallInt};
use dwh_common::SqlError;

use super::catalog::{Catalog, CatalogConstraint, CatalogRelation};
use super::pg_am::BTREE;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::acl::column_text;
use dwh_storage::{Distribution, Securable, TableAttributes};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_class",
    columns: &[
        ("oid", BigInt),
        ("relname", NAME),
        ("relnamespace", BigInt),
        ("reltype", BigInt),
        ("relowner", Integer),
        ("relam", BigInt),
        ("relfilenode", BigInt),
        ("reltablespace", BigInt),
        ("relpages", Integer),
        ("reltuples", Real),
        ("reltoastrelid", BigInt),
        ("reltoastidxid", BigInt),
        ("relhasindex", Boolean),
        ("relisshared", Boolean),
        ("relkind", RedshiftType::Char(1)),
        ("relnatts", SmallInt),
        ("relexternid", BigInt),
        ("relisreplicated", Boolean),
        ("relispinned", Boolean),
        ("reldiststyle", SmallInt),
        ("relprojbaseid", BigInt),
        ("relchecks", SmallInt),
        ("reltriggers", SmallInt),
        ("relukeys", SmallInt),
        ("relfkeys", SmallInt),
        ("relrefs", SmallInt),
        ("relhasoids", Boolean),
        ("relhaspkey", Boolean),
        ("relhasrules", Boolean),
        ("relhassubclass", Boolean),
        ("relacl", RedshiftType::Varchar(65535)),
        ("relhastriggers", Boolean),
        ("relrowsecurity", Boolean),
        ("relforcerowsecurity", Boolean),
        ("reloftype", BigInt),
        ("relpersistence", RedshiftType::Char(1)),
        ("relreplident", RedshiftType::Char(1)),
        ("relispartition", Boolean),
        ("reloptions", RedshiftType::Varchar(65535)),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let referenced = referenced(&catalog);
    Ok(catalog.relations.iter().map(|relation| row(view, relation, &referenced)).collect())
}

/// The tables that foreign keys lead to.
fn referenced(catalog: &Catalog) -> HashSet<i64> {
    let constraints = catalog.relations.iter().flat_map(|relation| &relation.constraints);
    constraints.filter_map(|constraint| constraint.references.as_ref().map(|(table, _)| *table)).collect()
}

pub(super) fn row(
    view: &SystemView<'_>,
    relation: &CatalogRelation,
    referenced: &HashSet<i64>,
) -> Vec<Value> {
    let count =
        |kind: char| relation.constraints.iter().filter(|constraint| constraint.kind == kind).count() as i64;
    let rows = relation.table.as_ref().map_or(0, |table| table.row_count());
    let is_temporary = relation.table.as_ref().is_some_and(|table| table.definition.temporary);
    vec![
        relation.oid.into(),
        relation.name.clone().into(),
        relation.schema_oid.into(),
        0.into(),
        relation.owner.into(),
        if relation.index.is_some() { BTREE } else { 0 }.into(),
        relation.oid.into(),
        0.into(),
        0.into(),
        Value::Number(rows as f64),
        0.into(),
        0.into(),
        relation.constraints.iter().any(CatalogConstraint::is_key).into(),
        false.into(),
        relation.kind.to_string().into(),
        (relation.columns.len() as i64).into(),
        0.into(),
        false.into(),
        false.into(),
        relation.table.as_ref().map_or(0, |table| dist_style(&table.definition.attributes)).into(),
        0.into(),
        0.into(),
        0.into(),
        count('u').into(),
        count('f').into(),
        0.into(),
        false.into(),
        (count('p') > 0).into(),
        (relation.kind == 'v').into(),
        false.into(),
        relation_acl(view, relation).into(),
        // PostgreSQL's foreign keys are triggers on both sides, and psql asks for keys where there are some.
        (count('f') > 0 || referenced.contains(&relation.oid)).into(),
        false.into(),
        false.into(),
        0.into(),
        if is_temporary { "t" } else { "p" }.into(),
        "d".into(),
        false.into(),
        Value::Null,
        1259.into(),
    ]
}

/// Who was given what, as PostgreSQL prints an array of it.
fn relation_acl(view: &SystemView<'_>, relation: &CatalogRelation) -> Option<String> {
    let id = match (&relation.table, &relation.view) {
        (Some(table), _) => table.id,
        (_, Some(view)) => view.id,
        _ => return None,
    };
    column_text(view.transaction.access(), Securable::Relation(id))
}

/// RS 5.5: 0 EVEN, 1 KEY, 8 ALL, 9 AUTO.
pub(super) fn dist_style(attributes: &TableAttributes) -> i64 {
    match attributes.distribution {
        Distribution::Even => 0,
        Distribution::Key(_) => 1,
        Distribution::All => 8,
        Distribution::Auto => 9,
    }
}
