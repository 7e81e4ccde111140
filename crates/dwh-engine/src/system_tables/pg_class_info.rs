//! pg_class_info: pg_class with the time of creation and the style of distribution in effect (the guide's page
//! PG_CLASS_INFO).

use std::collections::HashSet;

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, Double, Integer, SmallInt, Timestamp};
use dwh_common::SqlError;
use dwh_storage::{Distribution, TableAttributes};

use super::catalog::{Catalog, CatalogRelation};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_class_info",
    columns: &[
        ("reloid", BigInt),
        ("relname", NAME),
        ("relnamespace", BigInt),
        ("reltype", BigInt),
        ("relowner", Integer),
        ("relam", BigInt),
        ("relfilenode", BigInt),
        ("reltablespace", BigInt),
        ("relpages", Integer),
        ("reltuples", Double),
        ("reltoastrelid", BigInt),
        ("reltoastidxid", BigInt),
        ("relhasindex", Boolean),
        ("relisshared", Boolean),
        ("relkind", Char(1)),
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
        ("relacl", TEXT),
        ("relcreationtime", Timestamp),
        ("releffectivediststyle", Integer),
    ],
    rows,
};

/// Columns of pg_class that come before those of later PostgreSQL.
const OF_PG_CLASS: usize = 31;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |relation: &CatalogRelation| {
        let mut row = super::pg_class::row(view, relation, &HashSet::new());
        row.truncate(OF_PG_CLASS);
        row.push(relation.table.as_ref().map(|table| table.created_at).into());
        row.push(relation.table.as_ref().map_or(0, |table| effective(&table.definition.attributes)).into());
        row
    };
    Ok(Catalog::new(view).relations.iter().map(row).collect())
}

/// 10: AUTO(ALL), which is what svv_table_info shows.
fn effective(attributes: &TableAttributes) -> i64 {
    match attributes.distribution {
        Distribution::Auto => 10,
        _ => super::pg_class::dist_style(attributes),
    }
}
