//! SHOW DATABASES, SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, FUNCTIONS, PROCEDURES, PARAMETERS, GRANTS, TABLE, VIEW (RS 5.4).

use std::sync::Arc;

use arrow::datatypes::Schema;
use dwh_common::RedshiftType::{self, Boolean, Integer};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{FunctionSignature, GrantsOf, ShowObjects, ShowWhat, TableName};
use dwh_storage::{Distribution, Privilege, Securable, Table};

use super::grant::{check_database, schema_id};
use super::{function, policy, show_definition, show_grants, show_procedure};
use crate::access::acl;
use crate::context::StatementContext;
use crate::names::Relation;
use crate::result::{Outcome, Rows};
use crate::system_tables::describe;
use crate::system_tables::relations::{ListedColumn, encoding_text, listed, sort_columns, sort_position};
use crate::system_tables::rows::{Value, batch};

const NAME: RedshiftType = RedshiftType::Varchar(127);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) type Columns = &'static [(&'static str, RedshiftType)];
pub(super) type Listing = (Columns, Vec<Vec<Value>>);

pub(super) fn execute(context: &StatementContext<'_>, show: &ShowObjects) -> Result<Outcome, SqlError> {
    // The column that LIKE looks at is the last one of the object's name.
    let (name_column, (columns, mut rows)) = match &show.what {
        ShowWhat::Databases => (0, databases(context)),
        ShowWhat::Schemas { database } => (1, schemas(context, database)?),
        ShowWhat::Tables { database, schema } => (2, tables(context, database.as_deref(), schema)?),
        ShowWhat::Columns(name) => (3, columns_of(context, name)?),
        ShowWhat::PrimaryKeys(name) => (3, primary_keys(context, name)?),
        ShowWhat::ForeignKeys { table, exported } => (3, foreign_keys(context, table, *exported)?),
        ShowWhat::Functions { database, schema } => (2, functions(context, database.as_deref(), schema)?),
        ShowWhat::Procedures { database, schema } => {
            check_schema(context, database.as_deref(), schema)?;
            (2, (show_procedure::COLUMNS, show_procedure::rows(context, schema)))
        }
        ShowWhat::Parameters(signature) => (3, parameters(context, signature)?),
        ShowWhat::ParametersOfProcedure(signature) => {
            (3, (show_procedure::PARAMETER_COLUMNS, show_procedure::parameters(context, signature)?))
        }
        ShowWhat::Procedure(signature) => {
            (0, (show_procedure::DEFINITION_COLUMNS, show_procedure::definition(context, signature)?))
        }
        ShowWhat::Grants(of) => {
            let columns = match of {
                GrantsOf::Columns(_) => show_grants::COLUMN_GRANT_COLUMNS,
                _ => show_grants::COLUMNS,
            };
            (2, (columns, show_grants::rows(context, of)?))
        }
        ShowWhat::Policies { kind, database } => {
            database.iter().try_for_each(|name| check_database(context, name))?;
            (0, policy::listing(context, *kind))
        }
        ShowWhat::Table(name) => (0, (DDL, vec![vec![show_definition::table(context, name)?.into()]])),
        ShowWhat::View(name) => (0, (DDL, vec![vec![show_definition::view(context, name)?.into()]])),
    };
    if let Some(pattern) = &show.like {
        let pattern = like_pattern(pattern)?;
        rows.retain(|row| matches!(row.get(name_column), Some(Value::Text(name)) if pattern.is_match(name)));
    }
    match show.limit {
        Some(limit) => rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX)),
        None if rows.len() > 10_000 => {
            return Err(SqlError::new(SqlState::InvalidParameterValue, "SHOW found more than 10000 rows")
                .with_hint("Use LIKE or LIMIT."));
        }
        None => {}
    }
    let fields: Vec<_> = columns.iter().map(|(name, data_type)| data_type.field(*name, true)).collect();
    let rows =
        batch(&Arc::new(Schema::new(fields)), rows).map_err(|error| SqlError::internal(error.to_string()))?;
    Ok(Outcome::rows("SHOW", Rows::in_memory(rows, context.submitted)?))
}

/// `%` any text, `_` any character, case-sensitive.
fn like_pattern(pattern: &str) -> Result<regex::Regex, SqlError> {
    let parts: Vec<String> = pattern
        .chars()
        .map(|ch| match ch {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            other => regex::escape(&other.to_string()),
        })
        .collect();
    regex::Regex::new(&format!("(?s)^{}$", parts.concat()))
        .map_err(|error| SqlError::new(SqlState::InvalidParameterValue, error.to_string()))
}

const DDL: Columns = &[("show ddl statement", TEXT)];

fn owner(context: &StatementContext<'_>, object: Securable) -> Value {
    context.system_view().owner_name(object).into()
}

fn acl_value(context: &StatementContext<'_>, object: Securable) -> Value {
    let items = acl::acl(context.transaction.access(), object);
    let shown =
        |items: Vec<acl::AclItem>| items.iter().map(ToString::to_string).collect::<Vec<_>>().join("~");
    items.map(shown).into()
}

fn databases(context: &StatementContext<'_>) -> Listing {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("database_owner", NAME),
        ("database_type", NAME),
        ("database_acl", TEXT),
        ("parameters", TEXT),
        ("database_isolation_level", NAME),
    ];
    let level = context.transaction.access().database.get("isolation_level");
    let row = vec![
        context.engine.database().into(),
        owner(context, Securable::Database),
        "local".into(),
        acl_value(context, Securable::Database),
        Value::Null,
        level.map_or("Snapshot Isolation", String::as_str).into(),
    ];
    (COLUMNS, vec![row])
}

fn schemas(context: &StatementContext<'_>, database: &str) -> Result<Listing, SqlError> {
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
    let visible = |schema: &Arc<dwh_storage::Schema>| {
        let on = Securable::Schema(schema.id);
        rights.has(on, Privilege::USAGE) || rights.has(on, Privilege::CREATE)
    };
    let schemas = context.transaction.schemas().into_iter().filter(visible);
    let row = |schema: Arc<dwh_storage::Schema>| {
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

fn check_schema(
    context: &StatementContext<'_>,
    database: Option<&str>,
    schema: &str,
) -> Result<(), SqlError> {
    if let Some(database) = database {
        check_database(context, database)?;
    }
    schema_id(context, schema)?;
    context.rights().check_schema(schema, Privilege::USAGE)
}

fn tables(context: &StatementContext<'_>, database: Option<&str>, schema: &str) -> Result<Listing, SqlError> {
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
        let style = crate::system_tables::relations::distribution_text(&definition.attributes);
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

fn columns_of(context: &StatementContext<'_>, name: &TableName) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("column_default", TEXT),
        ("is_nullable", NAME),
        ("data_type", NAME),
        ("character_maximum_length", Integer),
        ("numeric_precision", Integer),
        ("numeric_scale", Integer),
        ("remarks", TEXT),
        ("sort_key_type", NAME),
        ("sort_key", Integer),
        ("dist_key", Integer),
        ("encoding", NAME),
        ("collation", NAME),
    ];
    let mut rows = Vec::new();
    let database = || Value::from(context.engine.database());
    // What svv_columns says of a column, but for the radix and the digits of a second.
    let described = |index: usize, column: ListedColumn| {
        let mut values = describe(index, &column);
        values.truncate(9);
        values.remove(7);
        values
    };
    let view_column = |name: &str, data_type: RedshiftType| ListedColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
        default: None,
        comment: None,
    };
    match context.names().resolve(name)? {
        Relation::Table(table) => {
            let definition = &table.definition;
            let schema = crate::system_tables::relations::schema_of(&table);
            for (index, column) in definition.columns.iter().enumerate() {
                let mut row = vec![database(), schema.as_str().into(), definition.name.as_str().into()];
                row.extend(described(index, listed(&table, column)));
                let kept = &definition.attributes;
                let place = sort_position(kept, &column.name);
                let kind = match &kept.sort_key {
                    dwh_storage::SortKey::Auto => None,
                    dwh_storage::SortKey::Compound(_) => Some("COMPOUND"),
                    dwh_storage::SortKey::Interleaved(_) => Some("INTERLEAVED"),
                };
                let in_key = sort_columns(kept).contains(&column.name);
                let is_dist_key = kept.distribution == Distribution::Key(column.name.clone());
                row.extend([
                    column.comment.clone().into(),
                    kind.filter(|_| in_key).into(),
                    in_key.then_some(place.abs()).into(),
                    is_dist_key.then_some(1).into(),
                    encoding_text(&table, column).into(),
                    if column.case_insensitive { "case_insensitive" } else { "default" }.into(),
                ]);
                rows.push(row);
            }
        }
        Relation::View(view) => {
            let definition = &view.definition;
            for (index, (column, data_type)) in
                definition.column_names.iter().zip(&definition.column_types).enumerate()
            {
                let mut row =
                    vec![database(), definition.schema.as_str().into(), definition.name.as_str().into()];
                row.extend(described(index, view_column(column, *data_type)));
                row.resize(COLUMNS.len(), Value::Null);
                rows.push(row);
            }
        }
        Relation::System(system) => {
            for (index, (column, data_type)) in system.columns.iter().enumerate() {
                let mut row = vec![database(), system.schema.into(), system.name.into()];
                row.extend(described(index, view_column(column, *data_type)));
                row.resize(COLUMNS.len(), Value::Null);
                rows.push(row);
            }
        }
    }
    Ok((COLUMNS, rows))
}

fn primary_keys(context: &StatementContext<'_>, name: &TableName) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("key_seq", Integer),
        ("pk_name", NAME),
    ];
    let table = context.names().table(name)?;
    let definition = &table.definition;
    let Some(key) = definition.attributes.primary_key() else { return Ok((COLUMNS, Vec::new())) };
    let row = |(index, column): (usize, &String)| {
        vec![
            context.engine.database().into(),
            definition.schema.as_str().into(),
            definition.name.as_str().into(),
            column.as_str().into(),
            (index as i64 + 1).into(),
            key.name.as_str().into(),
        ]
    };
    Ok((COLUMNS, key.columns().iter().enumerate().map(row).collect()))
}

fn foreign_keys(
    context: &StatementContext<'_>,
    name: &TableName,
    exported: bool,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("pk_database_name", NAME),
        ("pk_schema_name", NAME),
        ("pk_table_name", NAME),
        ("pk_column_name", NAME),
        ("fk_database_name", NAME),
        ("fk_schema_name", NAME),
        ("fk_table_name", NAME),
        ("fk_column_name", NAME),
        ("key_seq", Integer),
        ("update_rule", Integer),
        ("delete_rule", Integer),
        ("fk_name", NAME),
        ("pk_name", NAME),
        ("deferrability", Integer),
    ];
    let table = context.names().table(name)?;
    let tables: Vec<Arc<Table>> =
        if exported { context.transaction.tables() } else { vec![Arc::clone(&table)] };
    let mut rows = Vec::new();
    for of in tables {
        let definition = &of.definition;
        for (name, key) in definition.attributes.foreign_keys() {
            let points_here = key.referenced_schema == table.definition.schema
                && key.referenced_table == table.definition.name;
            if exported && !points_here {
                continue;
            }
            let referenced = context.transaction.table(&key.referenced_schema, &key.referenced_table);
            let referenced_key =
                referenced.as_ref().and_then(|table| table.definition.attributes.primary_key());
            let columns = match (referenced_key, key.referenced_columns.is_empty()) {
                (Some(primary), true) => primary.columns(),
                _ => &key.referenced_columns,
            };
            for (index, column) in key.columns.iter().enumerate() {
                let database = || Value::from(context.engine.database());
                rows.push(vec![
                    database(),
                    key.referenced_schema.as_str().into(),
                    key.referenced_table.as_str().into(),
                    columns.get(index).cloned().into(),
                    database(),
                    definition.schema.as_str().into(),
                    definition.name.as_str().into(),
                    column.as_str().into(),
                    (index as i64 + 1).into(),
                    // JDBC: no action, not deferrable.
                    3.into(),
                    3.into(),
                    name.into(),
                    referenced_key.map(|primary| primary.name.clone()).into(),
                    7.into(),
                ]);
            }
        }
    }
    Ok((COLUMNS, rows))
}

fn functions(
    context: &StatementContext<'_>,
    database: Option<&str>,
    schema: &str,
) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("function_name", NAME),
        ("number_of_arguments", Integer),
        ("argument_list", TEXT),
        ("return_type", NAME),
        ("remarks", TEXT),
    ];
    check_schema(context, database, schema)?;
    let access = context.transaction.access();
    let row = |(id, function): (&i64, &dwh_storage::FunctionDefinition)| {
        let arguments: Vec<String> = function.arguments.iter().map(ToString::to_string).collect();
        vec![
            context.engine.database().into(),
            schema.into(),
            function.name.as_str().into(),
            (function.arguments.len() as i64).into(),
            arguments.join(", ").into(),
            function.returns.to_string().into(),
            access.comments.get(&format!("function {id}")).cloned().into(),
        ]
    };
    Ok((COLUMNS, access.functions.iter().filter(|(_, f)| f.schema == schema).map(row).collect()))
}

fn parameters(context: &StatementContext<'_>, signature: &FunctionSignature) -> Result<Listing, SqlError> {
    const COLUMNS: Columns = &[
        ("database_name", NAME),
        ("schema_name", NAME),
        ("function_name", NAME),
        ("parameter_name", NAME),
        ("ordinal_position", Integer),
        ("parameter_type", NAME),
        ("data_type", NAME),
        ("is_result", Boolean),
    ];
    let id = function::resolve(context, signature)?;
    let function = &context.transaction.access().functions[&id];
    let result = std::iter::once((0, "RETURN", &function.returns));
    let arguments = (1_i64..).zip(&function.arguments).map(|(place, data_type)| (place, "IN", data_type));
    let row = |(place, kind, data_type): (i64, &str, &RedshiftType)| {
        vec![
            context.engine.database().into(),
            function.schema.as_str().into(),
            function.name.as_str().into(),
            "".into(),
            place.into(),
            kind.into(),
            data_type.to_string().into(),
            (place == 0).into(),
        ]
    };
    Ok((COLUMNS, result.chain(arguments).map(row).collect()))
}
