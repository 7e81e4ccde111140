//! pg_table_def: the columns of the tables on the search path (RS 5.3).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;
use dwh_storage::Distribution;

use super::relations::{encoding_text, schema_of, sort_position, tables};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_table_def",
    columns: &[
        ("schemaname", NAME),
        ("tablename", NAME),
        ("column", NAME),
        ("type", NAME),
        ("encoding", NAME),
        ("distkey", Boolean),
        ("sortkey", Integer),
        ("notnull", Boolean),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for table in tables(view) {
        let definition = &table.definition;
        if !definition.temporary && !view.search_path.contains(&definition.schema) {
            continue;
        }
        for column in &definition.columns {
            rows.push(vec![
                schema_of(&table).into(),
                definition.name.clone().into(),
                column.name.clone().into(),
                column.data_type.to_string().into(),
                encoding_text(&table, column).into(),
                (definition.attributes.distribution == Distribution::Key(column.name.clone())).into(),
                sort_position(&definition.attributes, &column.name).into(),
                (!column.nullable).into(),
            ]);
        }
    }
    Ok(rows)
}
