//! SHOW SCHEMAS.

use std::sync::Arc;

use dwh_common::SqlError;
use dwh_storage::{Privilege, Schema, Securable};

use super::{Columns, Listing, NAME, TEXT, acl_value, owner};
use crate::context::StatementContext;
use crate::execute::grant::check_database;
use crate::system_tables::rows::Value;

pub(super) fn schemas(context: &StatementContext<'_>, database: &str) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("schema_owner", NAME),
        ("schema_type", NAME),
        ("schema_acl", TEXT),
        ("source_database", NAME),
        ("schema_option", TEXT),
    ];
    check_database(context, database)?;
    let rights = context.rights();
    let visible = |schema: &Arc<Schema>| {
        let on = Securable::Schema(schema.id);
        rights.has(on, Privilege::USAGE) || rights.has(on, Privilege::CREATE)
    };
    let schemas = context.transaction.schemas().into_iter().filter(visible);
    let row = |schema: Arc<Schema>| {
        let on = Securable::Schema(schema.id);
        vec![
            database.into(),
            schema.name.as_str().into(),
            owner(context, on),
            "local".into(),
            acl_value(context, on),
            Value::Null,
            Value::Null,
        ]
    };
    Ok((COLUMNS, schemas.map(row).collect()))
}
