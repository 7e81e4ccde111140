//! stl_loaderror_detail: the fields of a rejected record up to the failing one (RS 2.2).

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

/// Most errors of one load that are detailed.
const MAX_ERRORS_PER_LOAD: usize = 20;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_loaderror_detail",
    columns: &[
        ("userid", Integer),
        ("slice", Integer),
        ("session", Integer),
        ("query", Integer),
        ("filename", Char(256)),
        ("line_number", BigInt),
        ("field", Integer),
        ("colname", Char(1024)),
        ("value", Char(1024)),
        ("is_null", Integer),
        ("type", Char(10)),
        ("col_length", Char(10)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut rows = Vec::new();
    let mut of_load = (0, 0);
    let loads = view.loads_by_id()?;
    for error in view.load_log.errors()? {
        let Some(load) = loads.get(&error.query_id) else { continue };
        of_load =
            if of_load.0 == error.query_id { (error.query_id, of_load.1 + 1) } else { (error.query_id, 1) };
        if of_load.1 > MAX_ERRORS_PER_LOAD {
            continue;
        }
        for field in &error.fields {
            rows.push(vec![
                load.user_id.into(),
                error.slice.into(),
                error.session_id.into(),
                error.query_id.into(),
                error.file_name.clone().into(),
                error.line_number.into(),
                field.field.into(),
                field.column_name.clone().into(),
                field.value.clone().into(),
                i32::from(field.is_null).into(),
                field.column_type.clone().into(),
                field.column_length.clone().into(),
            ]);
        }
    }
    Ok(rows)
}
