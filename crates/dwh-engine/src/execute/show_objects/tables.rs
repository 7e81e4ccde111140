//! SHOW TABLES.

use dwh_common::{RedshiftType, SqlError};
use dwh_storage::Securable;

use super::{Columns, Listing, NAME, TEXT, acl_value, check_schema, owner};
use crate::context::StatementContext;
use crate::system_tables::relations::distribution_text;
use crate::system_tables::rows::Value;

pub(super) fn tables(
    context: &StatementContext<'_>,
    database: Option<&str>,
    schema: &str,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("table_type", NAME),
        ("table_acl", TEXT),
        ("remarks", TEXT),
        ("owner", NAME),
        ("last_altered_time", RedshiftType::Timestamp),
        ("last_modified_time", RedshiftType::Timestamp),
        ("dist_style", NAME),
        ("table_subtype", NAME),
    ];
    check_schema(context, database, schema)?;
    let row = |id: i64, name: &str, is_view: bool, remarks: Option<&String>, style: Value, subtype: &str| {
        let on = Securable::Relation(id);
        vec![
            context.engine.database().into(),
            schema.into(),
            name.into(),
            if is_view { "VIEW" } else { "TABLE" }.into(),
            acl_value(context, on),
            remarks.cloned().into(),
            owner(context, on),
            Value::Null,
            Value::Null,
            style,
            subtype.into(),
        ]
    };
    let mut rows = Vec::new();
    for table in context.transaction.tables() {
        let definition = &table.definition;
        if definition.temporary || definition.schema != schema {
            continue;
        }
        // Here with a blank, unlike in svv_table_info.
        let style = distribution_text(&definition.attributes).replace("AUTO(", "AUTO (");
        let is_materialized = definition.materialized.is_some();
        let subtype = if is_materialized { "MATERIALIZED VIEW" } else { "REGULAR TABLE" };
        let comment = definition.comment.as_ref();
        rows.push(row(table.id, &definition.name, is_materialized, comment, style.into(), subtype));
    }
    for view in context.transaction.views() {
        let definition = &view.definition;
        if definition.schema == schema {
            let subtype = if definition.late_binding { "LATE BINDING VIEW" } else { "REGULAR VIEW" };
            rows.push(row(
                view.id,
                &definition.name,
                true,
                definition.comment.as_ref(),
                Value::Null,
                subtype,
            ));
        }
    }
    rows.sort_by_key(|row| match &row[2] {
        Value::Text(name) => name.clone(),
        _ => String::new(),
    });
    Ok((COLUMNS, rows))
}
