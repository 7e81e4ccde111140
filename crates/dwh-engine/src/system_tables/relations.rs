//! Tables, views and their columns as the catalog views list them.

use std::sync::Arc;

use dwh_common::RedshiftType;
use dwh_storage::{
    ColumnDefinition, Distribution, SortKey, Table, TableAttributes, Transaction, ViewDefinition,
};

use super::SystemView;

/// A relation that catalog views list.
pub(crate) struct Listed {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) is_view: bool,
    pub(crate) comment: Option<String>,
    pub(crate) columns: Vec<ListedColumn>,
}

/// A column of a relation.
pub(crate) struct ListedColumn {
    pub(crate) name: String,
    pub(crate) data_type: RedshiftType,
    pub(crate) nullable: bool,
    pub(crate) default: Option<String>,
    pub(crate) comment: Option<String>,
}

/// All tables and views, by schema and name; temporary tables under their own schema.
pub(crate) fn all(view: &SystemView<'_>) -> Vec<Listed> {
    let tables = view.transaction.tables().into_iter().map(|table| Listed {
        schema: schema_of(&table),
        name: table.definition.name.clone(),
        is_view: table.definition.materialized.is_some(),
        comment: table.definition.comment.clone(),
        columns: table.definition.columns.iter().map(|column| listed(&table, column)).collect(),
    });
    let views = view.transaction.views().into_iter().map(|stored| Listed {
        schema: stored.definition.schema.clone(),
        name: stored.definition.name.clone(),
        is_view: true,
        comment: stored.definition.comment.clone(),
        columns: view_columns(&stored.definition),
    });
    let mut all: Vec<Listed> = tables.chain(views).collect();
    all.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    all
}

/// Schema, name and kind of a relation that policies are on.
pub(super) fn kind_of_protected(
    transaction: &Transaction,
    id: i64,
) -> Option<(String, String, &'static str)> {
    if let Some(table) = transaction.table_by_id(id) {
        let definition = &table.definition;
        let kind = if definition.materialized.is_some() { "materialized view" } else { "table" };
        return Some((definition.schema.clone(), definition.name.clone(), kind));
    }
    let view = transaction.views().into_iter().find(|view| view.id == id)?;
    Some((view.definition.schema.clone(), view.definition.name.clone(), "view"))
}

/// The tables, temporary ones included, by schema and name.
pub(crate) fn tables(view: &SystemView<'_>) -> Vec<Arc<Table>> {
    let mut tables = view.transaction.tables();
    tables.sort_by(|a, b| (schema_of(a), &a.definition.name).cmp(&(schema_of(b), &b.definition.name)));
    tables
}

/// The definition of a materialized view, as the views about views print it: tools look for its first words.
pub(crate) fn materialized_text(table: &Table) -> Option<String> {
    let Table { definition, .. } = table;
    let query = &definition.materialized.as_ref()?.sql;
    Some(format!("create materialized view {}.{} as {query}", definition.schema, definition.name))
}

/// The schema under which a table is listed.
pub(crate) fn schema_of(table: &Table) -> String {
    if table.definition.temporary { "pg_temp_1".to_owned() } else { table.definition.schema.clone() }
}

/// `column_default` as Redshift prints it: IDENTITY as a function call (RS 5.5).
pub(crate) fn default_text(table: &Table, column: &ColumnDefinition) -> Option<String> {
    match column.identity {
        None => column.default.clone(),
        Some(identity) => {
            let function = if identity.by_default { "default_identity" } else { "\"identity\"" };
            let number = table.definition.columns.iter().position(|c| c.name == column.name).unwrap_or(0);
            Some(format!(
                "{function}({}, {number}, '{},{}'::text)",
                super::catalog::relation_oid(table.id),
                identity.seed,
                identity.step
            ))
        }
    }
}

/// DISTSTYLE as svv_table_info prints it.
pub(crate) fn distribution_text(attributes: &TableAttributes) -> String {
    match &attributes.distribution {
        Distribution::Auto => "AUTO(ALL)".to_owned(),
        Distribution::Even => "EVEN".to_owned(),
        Distribution::All => "ALL".to_owned(),
        Distribution::Key(column) => format!("KEY({column})"),
    }
}

/// 1-based place of a column in the sort key, 0 if it is not part of it; an interleaved key alternates
/// its sign.
pub(crate) fn sort_position(attributes: &TableAttributes, column: &str) -> i32 {
    let place = |columns: &[String]| columns.iter().position(|name| name == column).map(|at| at as i32 + 1);
    match &attributes.sort_key {
        SortKey::Auto => 0,
        SortKey::Compound(columns) => place(columns).unwrap_or(0),
        SortKey::Interleaved(columns) => place(columns).map_or(0, |at| if at % 2 == 0 { at } else { -at }),
    }
}

/// The columns of the sort key, in order.
pub(crate) fn sort_columns(attributes: &TableAttributes) -> &[String] {
    match &attributes.sort_key {
        SortKey::Auto => &[],
        SortKey::Compound(columns) | SortKey::Interleaved(columns) => columns,
    }
}

/// The encoding as catalogs show it: lower case, RAW as `none` (RS 3.1); automatic by type.
pub(crate) fn encoding_text(table: &Table, column: &ColumnDefinition) -> String {
    match column.encoding.as_deref() {
        Some("raw") => "none".to_owned(),
        Some("auto") | None => automatic_encoding(table, column).to_owned(),
        Some(other) => other.to_owned(),
    }
}

fn automatic_encoding(table: &Table, column: &ColumnDefinition) -> &'static str {
    let in_sort_key = sort_columns(&table.definition.attributes).contains(&column.name);
    match column.data_type {
        _ if in_sort_key => "none",
        RedshiftType::Boolean | RedshiftType::Real | RedshiftType::Double => "none",
        RedshiftType::Char(_) | RedshiftType::Varchar(_) | RedshiftType::Varbyte(_) => "lzo",
        RedshiftType::Super => "zstd",
        _ => "az64",
    }
}

/// The columns of a bound view; those of a late-binding one are not known (RS 5.3).
fn view_columns(view: &ViewDefinition) -> Vec<ListedColumn> {
    let column = |(name, data_type): (&String, &RedshiftType)| ListedColumn {
        name: name.clone(),
        data_type: *data_type,
        nullable: true,
        default: None,
        comment: None,
    };
    view.column_names.iter().zip(&view.column_types).map(column).collect()
}

pub(crate) fn listed(table: &Table, column: &ColumnDefinition) -> ListedColumn {
    ListedColumn {
        name: column.name.clone(),
        data_type: column.data_type,
        nullable: column.nullable,
        default: default_text(table, column),
        comment: column.comment.clone(),
    }
}
