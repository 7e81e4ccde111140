//! SHOW SCHEMAS.

use dwh_common::RedshiftType::Integer;
use dwh_common::SqlError;
use dwh_storage::{Privilege, Securable};

use super::{Columns, Listing, NAME, TEXT, acl_value};
use crate::context::StatementContext;
use crate::execute::grant::check_database;
use crate::system_tables::catalog::{Catalog, CatalogSchema};
use crate::system_tables::rows::Value;

pub(super) fn schemas(context: &StatementContext<'_>, database: &str) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("schema_owner", Integer),
        ("schema_type", NAME),
        ("schema_acl", TEXT),
        ("source_database", NAME),
        ("schema_option", TEXT),
    ];
    check_database(context, database)?;
    let rights = context.rights();
    let kept = context.transaction.schemas();
    let row = |schema: CatalogSchema| {
        // Those of the system everybody sees.
        let of_user =
            kept.iter().find(|kept| kept.name == schema.name).map(|kept| Securable::Schema(kept.id));
        let is_visible =
            of_user.is_none_or(|on| rights.has(on, Privilege::USAGE) || rights.has(on, Privilege::CREATE));
        is_visible.then(|| {
            vec![
                database.into(),
                schema.name.into(),
                schema.owner.into(),
                "local".into(),
                of_user.map_or(Value::Null, |on| acl_value(context, on)),
                Value::Null,
                Value::Null,
            ]
        })
    };
    let schemas = Catalog::new(&context.system_view()).schemas;
    Ok((COLUMNS, schemas.into_iter().filter_map(row).collect()))
}
