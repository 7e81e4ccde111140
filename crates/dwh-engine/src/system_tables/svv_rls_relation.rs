//! svv_rls_relation: relations with row-level security (the guide's page SVV_RLS_RELATION).

use dwh_common::RedshiftType::{self, Boolean, Char};
use dwh_common::SqlError;

use super::relations::kind_of_protected;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "svv_rls_relation",
    columns: &[
        ("datname", TEXT),
        ("relschema", TEXT),
        ("relname", TEXT),
        ("relkind", TEXT),
        ("is_rls_on", Boolean),
        ("is_rls_datashare_on", Boolean),
        ("rls_conjunction_type", Char(3)),
        ("rls_datashare_conjunction_type", Char(3)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    if !view.rights.is_security_administrator() {
        return Ok(Vec::new());
    }
    let rows = view.transaction.access().row_security.iter().filter_map(|(relation, conjunction)| {
        let (schema, name, kind) = kind_of_protected(view.transaction, *relation)?;
        Some(vec![
            view.database.into(),
            schema.into(),
            name.into(),
            kind.into(),
            true.into(),
            false.into(),
            conjunction.name().to_lowercase().into(),
            Value::Null,
        ])
    });
    Ok(rows.collect())
}
