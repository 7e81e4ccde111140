//! svv_table_info: size, keys and rows of each table that is not empty (RS 5.3).

use dwh_common::RedshiftType::{self, BigInt, Char, Decimal, Integer, Timestamp};
use dwh_common::SqlError;

use super::catalog::relation_oid;
use super::relations::{distribution_text, encoding_text, sort_columns, tables};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const BLOCK_BYTES: u64 = 1 << 20;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_table_info",
    columns: &[
        ("database", TEXT),
        ("schema", TEXT),
        ("table_id", Integer),
        ("table", TEXT),
        ("encoded", TEXT),
        ("diststyle", TEXT),
        ("sortkey1", TEXT),
        ("max_varchar", Integer),
        ("sortkey1_enc", Char(32)),
        ("sortkey_num", Integer),
        ("size", BigInt),
        ("pct_used", Decimal { precision: 10, scale: 4 }),
        ("empty", BigInt),
        ("unsorted", Decimal { precision: 5, scale: 2 }),
        ("stats_off", Decimal { precision: 5, scale: 2 }),
        ("tbl_rows", Decimal { precision: 38, scale: 0 }),
        ("skew_sortkey1", Decimal { precision: 19, scale: 2 }),
        ("skew_rows", Decimal { precision: 19, scale: 2 }),
        ("estimated_visible_rows", Decimal { precision: 38, scale: 0 }),
        ("risk_event", TEXT),
        ("vacuum_sort_benefit", Decimal { precision: 12, scale: 2 }),
        ("create_time", Timestamp),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let filled =
        tables(view).into_iter().filter(|table| !table.definition.temporary && table.row_count() > 0);
    let row = |table: std::sync::Arc<dwh_storage::Table>| {
        let definition = &table.definition;
        let sort = sort_columns(&definition.attributes);
        let first = sort.first().and_then(|name| definition.column(name));
        let longest = definition
            .columns
            .iter()
            .filter(|column| column.data_type.is_text())
            .filter_map(|column| column.data_type.length_bytes())
            .max();
        vec![
            view.database.into(),
            definition.schema.clone().into(),
            relation_oid(table.id).into(),
            definition.name.clone().into(),
            "Y".into(),
            distribution_text(&definition.attributes).into(),
            first.map_or_else(|| "AUTO(SORTKEY)".to_owned(), |column| column.name.clone()).into(),
            i64::from(longest.unwrap_or(0)).into(),
            first.map(|column| encoding_text(&table, column)).into(),
            (sort.len() as i64).into(),
            table.bytes().div_ceil(BLOCK_BYTES).into(),
            Value::Null,
            0.into(),
            Value::Null,
            0.0.into(),
            table.row_count().into(),
            Value::Null,
            Value::Null,
            table.row_count().into(),
            Value::Null,
            Value::Null,
            table.created_at.into(),
        ]
    };
    Ok(filled.map(row).collect())
}
