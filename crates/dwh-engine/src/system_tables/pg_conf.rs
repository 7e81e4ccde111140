//! pg_conf: the parameters of the session, and the tables with BACKUP NO under the keys by which scripts know them.

use dwh_common::RedshiftType;
use dwh_common::SqlError;

use super::catalog::{DATABASE_OID, relation_oid};
use super::relations::tables;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable =
    SystemTable { schema: PG_CATALOG, name: "pg_conf", columns: &[("key", NAME), ("value", TEXT)], rows };

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let settings = view.settings.all().map(|(key, value)| vec![key.into(), value.into()]);
    let without_backup = tables(view).into_iter().filter(|table| table.definition.attributes.backup_no);
    let backup = without_backup.map(|table| {
        vec![format!("pg_class_backup_{DATABASE_OID}_{}", relation_oid(table.id)).into(), "NO".into()]
    });
    Ok(settings.chain(backup).collect())
}
