//! The index of a primary or unique key, as PostgreSQL has it and Redshift lists it: nothing is stored there, but
//! drivers look for a table's keys in pg_index.

use super::catalog::{CatalogColumn, CatalogConstraint, CatalogRelation, plain_column};

/// Of which key a relation is the index.
#[derive(Debug, Clone)]
pub(crate) struct KeyIndex {
    /// The table's id.
    pub(crate) table: i64,
    pub(crate) is_primary: bool,
    /// Numbers of the table's columns.
    pub(crate) columns: Vec<i64>,
    /// As pg_get_indexdef tells it.
    pub(crate) definition: String,
}

impl KeyIndex {
    /// Whether it is of that table's columns, in any order.
    pub(super) fn is_of(&self, table: i64, columns: &[i64]) -> bool {
        self.table == table
            && self.columns.len() == columns.len()
            && columns.iter().all(|column| self.columns.contains(column))
    }
}

/// Indexes are numbered apart from the constraints they belong to.
pub(super) fn index_oid(constraint: i64) -> i64 {
    1_000_000_000 + constraint
}

/// The indexes of a table's keys.
pub(super) fn of_keys(table: &CatalogRelation) -> Vec<CatalogRelation> {
    let keys = table.constraints.iter().filter(|constraint| constraint.is_key());
    keys.map(|key| of_key(table, key)).collect()
}

fn of_key(table: &CatalogRelation, key: &CatalogConstraint) -> CatalogRelation {
    let columns: Vec<&CatalogColumn> = key
        .columns
        .iter()
        .filter_map(|number| table.columns.get(usize::try_from(*number).ok()?.checked_sub(1)?))
        .collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let definition = format!(
        "CREATE UNIQUE INDEX {} ON {}.{} USING btree ({})",
        key.name,
        table.schema,
        table.name,
        names.join(", ")
    );
    CatalogRelation {
        oid: index_oid(key.oid),
        schema_oid: table.schema_oid,
        schema: table.schema.clone(),
        name: key.name.clone(),
        owner: table.owner,
        kind: 'i',
        comment: None,
        columns: columns.iter().map(|column| plain_column(&column.name, column.data_type)).collect(),
        constraints: Vec::new(),
        table: None,
        view: None,
        index: Some(KeyIndex {
            table: table.oid,
            is_primary: key.kind == 'p',
            columns: key.columns.clone(),
            definition,
        }),
    }
}
