//! ALTER TABLE (RS 3.5).

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type};
use chrono::DateTime;
use datafusion::common::ScalarValue;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{AlterTableAction, ColumnSpec, ConstraintSpec, ConstraintSpecKind, TableName};
use dwh_storage::{Distribution, Securable, SortKey, Table, View, WriteIntent};

use super::alter_table_append::{self, qualified};
use super::changes::for_each_batch;
use super::create_table::{apply, column, constrain};
use super::default_privileges::set_owner;
use super::drop::drop_dependents_on;
use super::insert::named_column;
use super::policy;
use super::rename::{Renaming, check_column_unused, follow};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::plan::parse_query;
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    name: &TableName,
    action: &AlterTableAction,
) -> Result<Outcome, SqlError> {
    if let AlterTableAction::Append { source, extra } = action {
        return alter_table_append::execute(context, name, source, *extra).await;
    }
    if matches!(action, AlterTableAction::RenameTable(_) | AlterTableAction::OwnerTo(_))
        && let Relation::View(view) = context.names().resolve(name)?
    {
        return alter_view(context, &view, action);
    }
    if let AlterTableAction::RowLevelSecurity(security) = action {
        policy::row_level_security(context, name, *security)?;
        return Ok(Outcome::done("ALTER TABLE"));
    }
    let table = context.lock_table(name, WriteIntent::Define).await?;
    match action {
        AlterTableAction::AddColumn(spec) => add_column(context, &table, spec).await?,
        AlterTableAction::DropColumn { name, cascade } => drop_column(context, &table, name, *cascade)?,
        AlterTableAction::RenameTable(new) => {
            let taken = context.transaction.view(&table.definition.schema, new).is_some()
                || context.transaction.table(&table.definition.schema, new).is_some();
            if taken && !table.definition.temporary {
                return Err(SqlError::new(
                    SqlState::DuplicateTable,
                    format!("relation \"{new}\" already exists"),
                ));
            }
            if !table.definition.temporary {
                policy::check_relation(context, &table, None, "rename")?;
                let (schema, old) = (&table.definition.schema, table.definition.name.as_str());
                follow(context, &Renaming { schema, relation: Some(old), to: new })?;
            }
            context.transaction.rename_table(table.id, new)?;
        }
        AlterTableAction::RenameColumn { from, to } => {
            named_column(&table, from)?;
            new_name(&table, to)?;
            policy::check_relation(context, &table, Some(from), "rename")?;
            check_column_unused(context, &table.definition.schema, &table.definition.name, from)?;
            context.transaction.rename_column(table.id, from, to)?;
        }
        AlterTableAction::AlterType { column, data_type } => {
            alter_type(context, &table, column, *data_type).await?
        }
        AlterTableAction::AlterEncodings(encodings) => {
            for (column, encoding) in encodings {
                named_column(&table, column)?;
                context.transaction.set_encoding(table.id, column, Some(encoding.clone()))?;
            }
        }
        AlterTableAction::AlterAttributes(spec) => {
            let mut attributes = table.definition.attributes.clone();
            apply(spec, &mut attributes);
            if let Distribution::Key(column) = &attributes.distribution {
                named_column(&table, column)?;
            }
            if let SortKey::Compound(columns) | SortKey::Interleaved(columns) = &attributes.sort_key {
                columns.iter().try_for_each(|column| named_column(&table, column).map(drop))?;
            }
            context.transaction.set_attributes(table.id, attributes)?;
        }
        AlterTableAction::AddConstraint(spec) => add_constraint(context, &table, spec)?,
        AlterTableAction::DropConstraint(name) => drop_constraint(context, &table, name)?,
        // Above: they take locks of their own, or none.
        AlterTableAction::Append { .. } | AlterTableAction::RowLevelSecurity(_) => {}
        AlterTableAction::OwnerTo(owner) => set_owner(context, Securable::Relation(table.id), owner)?,
    }
    Ok(Outcome::done("ALTER TABLE"))
}

/// The guide: ALTER TABLE also renames views and gives them another owner.
fn alter_view(
    context: &mut StatementContext<'_>,
    view: &View,
    action: &AlterTableAction,
) -> Result<Outcome, SqlError> {
    let definition = &view.definition;
    match action {
        AlterTableAction::RenameTable(new) => {
            follow(
                context,
                &Renaming { schema: &definition.schema, relation: Some(&definition.name), to: new },
            )?;
            context.transaction.rename_view(&definition.schema, &definition.name, new)?;
        }
        AlterTableAction::OwnerTo(owner) => set_owner(context, Securable::Relation(view.id), owner)?,
        _ => {}
    }
    Ok(Outcome::done("ALTER TABLE"))
}

async fn add_column(
    context: &mut StatementContext<'_>,
    table: &Arc<Table>,
    spec: &ColumnSpec,
) -> Result<(), SqlError> {
    new_name(table, &spec.name)?;
    if spec.identity.is_some() {
        return Err(SqlError::unsupported("ALTER TABLE … ADD COLUMN … IDENTITY"));
    }
    if spec.not_null && spec.default.is_none() {
        return Err(SqlError::new(
            SqlState::InvalidTableDefinition,
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
        ));
    }
    let definition = column(spec);
    let initial = super::insert::default_value(context, &definition).await?;
    // Rows that are there already get the DEFAULT of now.
    let initial = if initial.is_null() { None } else { Some(catalog_text(&initial)?) };
    context.transaction.add_column(table.id, definition, initial)?;
    Ok(())
}

/// A value as the catalog keeps it: as text, timestamps with a blank between date and time.
fn catalog_text(value: &ScalarValue) -> Result<String, SqlError> {
    let text = match value {
        ScalarValue::Binary(Some(bytes)) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        ScalarValue::TimestampMicrosecond(Some(micros), zone) => {
            let at = DateTime::from_timestamp_micros(*micros)
                .ok_or_else(|| SqlError::new(SqlState::DatetimeFieldOverflow, "timestamp out of range"))?;
            format!("{}{}", at.format("%Y-%m-%d %H:%M:%S%.6f"), if zone.is_some() { "+00" } else { "" })
        }
        other => match other.cast_to(&DataType::Utf8) {
            Ok(ScalarValue::Utf8(Some(text))) => text,
            _ => return Err(SqlError::internal(format!("a value that has no text: {other}"))),
        },
    };
    Ok(text)
}

fn drop_column(
    context: &mut StatementContext<'_>,
    table: &Table,
    name: &str,
    cascade: bool,
) -> Result<(), SqlError> {
    named_column(table, name)?;
    let attributes = &table.definition.attributes;
    let is_key = attributes.distribution == Distribution::Key(name.to_owned())
        || matches!(&attributes.sort_key, SortKey::Compound(c) | SortKey::Interleaved(c) if c.iter().any(|c| c == name));
    if is_key {
        return Err(SqlError::new(
            SqlState::DependentObjectsStillExist,
            format!("cannot drop column \"{name}\": it is the table's distribution or sort key"),
        )
        .with_hint("Change the key first: ALTER TABLE … ALTER DISTSTYLE or ALTER SORTKEY."));
    }
    if table.definition.columns.len() == 1 {
        return Err(SqlError::new(
            SqlState::InvalidTableDefinition,
            "cannot drop the only column of a table",
        ));
    }
    policy::check_relation(context, table, Some(name), "drop")?;
    drop_dependents_on(context, &table.definition.schema, &table.definition.name, Some(name), cascade)?;
    context.transaction.drop_column(table.id, name).map_err(SqlError::from)
}

/// VARCHAR and VARBYTE only, and not inside a transaction block (RS 3.5); not below the longest value (the guide, ALTER TABLE).
async fn alter_type(
    context: &mut StatementContext<'_>,
    table: &Table,
    name: &str,
    to: RedshiftType,
) -> Result<(), SqlError> {
    let from = named_column(table, name)?.data_type;
    policy::check_relation(context, table, Some(name), "alter type of")?;
    if !from.is_resized_by(to) {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            format!(
                "cannot alter type of column \"{name}\" from {from} to {to}: only sizes of VARCHAR and VARBYTE can be altered"
            ),
        ));
    }
    if !context.autocommit {
        return Err(SqlError::new(
            SqlState::ActiveSqlTransaction,
            "ALTER TABLE ALTER COLUMN cannot run inside a transaction block",
        ));
    }
    if to.length_bytes() < from.length_bytes() {
        let longest = longest_value(context, table, name).await?;
        if longest > i64::from(to.length_bytes().unwrap_or(u32::MAX)) {
            return Err(SqlError::new(
                SqlState::FeatureNotSupported,
                format!(
                    "cannot alter column \"{name}\" of relation \"{}\" to {to}: its longest value has {longest} bytes",
                    table.definition.name
                ),
            ));
        }
    }
    context.transaction.alter_column_type(table.id, name, to).map_err(SqlError::from)
}

/// Bytes of the longest value of a column of texts or bytes; 0 without any.
async fn longest_value(context: &StatementContext<'_>, table: &Table, name: &str) -> Result<i64, SqlError> {
    let column = dwh_sql::keywords::quote_ident(name);
    let query = parse_query(&format!("SELECT MAX(OCTET_LENGTH({column})) FROM {}", qualified(table)))?;
    let plan = context.with_planner_on(context.names().unprotected(), |planner| planner.query(query))?;
    let mut longest = 0;
    for_each_batch(context, &plan, |batch| {
        let lengths = arrow::compute::cast(batch.column(0), &DataType::Int64)
            .map_err(|error| SqlError::internal(error.to_string()))?;
        longest = longest.max(arrow::compute::max(lengths.as_primitive::<Int64Type>()).unwrap_or(0));
        Ok(())
    })
    .await?;
    Ok(longest)
}

fn add_constraint(
    context: &mut StatementContext<'_>,
    table: &Table,
    spec: &ConstraintSpec,
) -> Result<(), SqlError> {
    for name in &spec.columns {
        let column = named_column(table, name)?;
        if column.nullable && matches!(spec.kind, ConstraintSpecKind::PrimaryKey) {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!("cannot add a primary key to the nullable column \"{name}\""),
            )
            .with_hint("The columns of a primary key must have been created NOT NULL."));
        }
    }
    let mut attributes = table.definition.attributes.clone();
    constrain(context, &table.definition.name, spec, &mut attributes)?;
    context.transaction.set_attributes(table.id, attributes).map_err(SqlError::from)
}

fn drop_constraint(context: &mut StatementContext<'_>, table: &Table, name: &str) -> Result<(), SqlError> {
    let mut attributes = table.definition.attributes.clone();
    let before = attributes.constraints.len();
    attributes.constraints.retain(|constraint| constraint.name != name);
    if attributes.constraints.len() == before {
        return Err(undefined_constraint(&table.definition.name, name));
    }
    context.transaction.set_attributes(table.id, attributes).map_err(SqlError::from)
}

/// 42704 for a constraint.
pub(super) fn undefined_constraint(table: &str, name: &str) -> SqlError {
    SqlError::new(
        SqlState::UndefinedObject,
        format!("constraint \"{name}\" of relation \"{table}\" does not exist"),
    )
}

fn new_name(table: &Table, name: &str) -> Result<(), SqlError> {
    if table.definition.column(name).is_none() {
        return Ok(());
    }
    Err(SqlError::new(
        SqlState::DuplicateColumn,
        format!("column \"{name}\" of relation \"{}\" already exists", table.definition.name),
    ))
}
