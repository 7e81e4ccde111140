//! SHOW DATABASES.

use dwh_common::RedshiftType::Integer;
use dwh_storage::Securable;

use super::{Columns, Listing, NAME, TEXT, acl_value};
use crate::context::StatementContext;
use crate::system_tables::rows::Value;

pub(super) fn databases(context: &StatementContext<'_>) -> Listing {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("database_owner", Integer),
        ("database_type", NAME),
        ("database_acl", TEXT),
        ("parameters", TEXT),
        ("database_isolation_level", NAME),
    ];
    let level = context.transaction.access().database.get("isolation_level");
    let row = vec![
        context.engine.database().into(),
        context.transaction.access().owner(Securable::Database).into(),
        "local".into(),
        acl_value(context, Securable::Database),
        Value::Null,
        level.map_or("Snapshot Isolation", String::as_str).into(),
    ];
    (COLUMNS, vec![row])
}
