//! svv_redshift_columns: columns with their whole types, encodings and keys (RS 5.3; the guide's page SIGN).

use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_redshift_columns",
    columns: &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("data_type", NAME),
        ("column_default", RedshiftType::Varchar(65535)),
        ("is_nullable", NAME),
        ("encoding", NAME),
        ("distkey", Boolean),
        ("sortkey", Integer),
        ("column_acl", RedshiftType::Varchar(65535)),
        ("remarks", RedshiftType::Varchar(65535)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for relation in Catalog::new(view).tables_and_views() {
        for (index, column) in relation.columns.into_iter().enumerate() {
            rows.push(vec![
                view.database.into(),
                relation.schema.clone().into(),
                relation.name.clone().into(),
                column.name.into(),
                (index as i64 + 1).into(),
                column.data_type.to_string().into(),
                column.default.into(),
                if column.nullable { "YES" } else { "NO" }.into(),
                column.encoding.into(),
                column.is_dist_key.into(),
                column.sort_position.into(),
                Value::Null,
                column.comment.into(),
            ]);
        }
    }
    Ok(rows)
}
