//! pg_get_late_binding_view_cols(): the columns of views WITH NO SCHEMA BINDING, which are known only by planning
//! them (RS 5.3).

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_get_late_binding_view_cols",
    columns: &[
        ("view_schema", NAME),
        ("view_name", NAME),
        ("col_name", NAME),
        ("col_type", RedshiftType::Varchar(256)),
        ("col_num", Integer),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    for stored in view.transaction.views().into_iter().filter(|stored| stored.definition.late_binding) {
        // A view whose tables are gone has no columns, and is no error.
        let columns = (view.columns_of_view)(&stored.definition).unwrap_or_default();
        for (index, (name, data_type)) in columns.into_iter().enumerate() {
            rows.push(vec![
                stored.definition.schema.clone().into(),
                stored.definition.name.clone().into(),
                name.into(),
                data_type.to_string().into(),
                (index as i64 + 1).into(),
            ]);
        }
    }
    Ok(rows)
}
