//! CREATE TABLE (RS 3.1).

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{
    AttributeSpec, ColumnSpec, ConstraintSpec, ConstraintSpecKind, CreateTable, DistributionSpec, LikeParent,
    SortKeySpec, TableName,
};
use dwh_storage::{
    ColumnDefinition, Constraint, ConstraintKind, Distribution, ForeignKey, Identity, Securable, SortKey,
    TableAttributes, TableDefinition, constraint_name,
};

use super::default_privileges::created;
use crate::context::StatementContext;
use crate::names::Relation;
use crate::result::{Notice, Outcome};

pub(super) fn execute(context: &mut StatementContext<'_>, create: &CreateTable) -> Result<Outcome, SqlError> {
    if !may_create(context, &create.name, create.temporary, create.if_not_exists)? {
        return Ok(Outcome::done("CREATE TABLE"));
    }
    let (mut columns, mut attributes) = match &create.like {
        Some(like) => parent(context, like)?,
        None => (Vec::new(), TableAttributes::default()),
    };
    for spec in &create.columns {
        columns.push(column(spec));
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|earlier| earlier.name == column.name) {
            return Err(SqlError::new(
                SqlState::DuplicateColumn,
                format!("column \"{}\" specified more than once", column.name),
            ));
        }
    }
    for column in &mut columns {
        column.nullable &= !create.primary_key().contains(&column.name);
    }
    apply(&create.attributes, &mut attributes);
    for constraint in &create.constraints {
        constrain(context, &create.name.name, constraint, &mut attributes)?;
    }
    define(context, &create.name, create.temporary, columns, attributes)?;
    Ok(Outcome::done("CREATE TABLE"))
}

/// Whether the name is free. IF NOT EXISTS turns the error into a notice (RS 3.1).
pub(super) fn may_create(
    context: &mut StatementContext<'_>,
    name: &TableName,
    temporary: bool,
    if_not_exists: bool,
) -> Result<bool, SqlError> {
    let taken = if temporary {
        context.transaction.temporary_table(&name.name).is_some()
    } else {
        let schema = context.names().schema_for_new(name)?;
        context.transaction.table(&schema, &name.name).is_some()
            || context.transaction.view(&schema, &name.name).is_some()
    };
    if taken && if_not_exists {
        context.notices.push(Notice::info(format!("Relation \"{}\" already exists", name.name)));
        return Ok(false);
    }
    if taken {
        let mut error =
            SqlError::new(SqlState::DuplicateTable, format!("Relation \"{}\" already exists", name.name));
        error.position = name.position;
        return Err(error);
    }
    Ok(true)
}

/// Creates the table in the schema that its name or the search path gives.
pub(super) fn define(
    context: &mut StatementContext<'_>,
    name: &TableName,
    temporary: bool,
    columns: Vec<ColumnDefinition>,
    attributes: TableAttributes,
) -> Result<std::sync::Arc<dwh_storage::Table>, SqlError> {
    let schema = if temporary { String::new() } else { context.names().schema_for_new(name)? };
    check_columns(&columns, &attributes)?;
    let definition = TableDefinition {
        schema,
        name: name.name.clone(),
        columns,
        attributes,
        comment: None,
        temporary,
        materialized: None,
    };
    let table = context.transaction.create_table(definition)?;
    if !temporary {
        created(context, Securable::Relation(table.id), Some(&table.definition.schema))?;
    }
    Ok(table)
}

/// A column as declared.
pub(super) fn column(spec: &ColumnSpec) -> ColumnDefinition {
    ColumnDefinition {
        nullable: !spec.not_null && spec.identity.is_none(),
        default: spec.default.as_ref().map(dwh_sql::to_sql),
        identity: spec.identity.map(|(seed, step, by_default)| Identity { seed, step, by_default }),
        encoding: spec.encoding.clone(),
        case_insensitive: spec.case_insensitive,
        ..ColumnDefinition::new(&spec.name, spec.data_type)
    }
}

/// Puts the attributes that were written over the ones there are.
pub(super) fn apply(spec: &AttributeSpec, attributes: &mut TableAttributes) {
    match &spec.distribution {
        Some(DistributionSpec::Auto) => attributes.distribution = Distribution::Auto,
        Some(DistributionSpec::Even) => attributes.distribution = Distribution::Even,
        Some(DistributionSpec::All) => attributes.distribution = Distribution::All,
        Some(DistributionSpec::Key(column)) => attributes.distribution = Distribution::Key(column.clone()),
        None => {}
    }
    match &spec.sort_key {
        Some(SortKeySpec::Auto) => attributes.sort_key = SortKey::Auto,
        Some(SortKeySpec::Compound(columns)) => attributes.sort_key = SortKey::Compound(columns.clone()),
        Some(SortKeySpec::Interleaved(columns)) => {
            attributes.sort_key = SortKey::Interleaved(columns.clone())
        }
        None => {}
    }
    attributes.backup_no |= spec.backup_no;
}

/// Adds a constraint. A referenced table must exist; keys are never enforced (RS 10.2).
pub(super) fn constrain(
    context: &StatementContext<'_>,
    table: &str,
    spec: &ConstraintSpec,
    attributes: &mut TableAttributes,
) -> Result<(), SqlError> {
    let columns = spec.columns.clone();
    let kind = match &spec.kind {
        ConstraintSpecKind::PrimaryKey if attributes.primary_key().is_some() => {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!("multiple primary keys for table \"{table}\" are not allowed"),
            ));
        }
        ConstraintSpecKind::PrimaryKey => ConstraintKind::PrimaryKey(columns),
        ConstraintSpecKind::Unique => ConstraintKind::Unique(columns),
        ConstraintSpecKind::References(referenced, referenced_columns) => {
            let referenced = context.names().table(referenced)?;
            ConstraintKind::ForeignKey(ForeignKey {
                columns,
                referenced_schema: referenced.definition.schema.clone(),
                referenced_table: referenced.definition.name.clone(),
                referenced_columns: referenced_columns.clone(),
            })
        }
    };
    let is_taken = |name: &str| attributes.constraints.iter().any(|constraint| constraint.name == name);
    let name = match &spec.name {
        Some(name) if is_taken(name) => {
            return Err(SqlError::new(
                SqlState::DuplicateObject,
                format!("constraint \"{name}\" for relation \"{table}\" already exists"),
            ));
        }
        Some(name) => name.clone(),
        None => constraint_name(table, &kind, is_taken),
    };
    attributes.add(Constraint { name, kind });
    Ok(())
}

/// LIKE copies names, types, NOT NULL, distribution and sort keys; defaults only when asked (RS 3.2).
fn parent(
    context: &StatementContext<'_>,
    like: &LikeParent,
) -> Result<(Vec<ColumnDefinition>, TableAttributes), SqlError> {
    let Relation::Table(table) = context.names().resolve(&like.table)? else {
        return Err(SqlError::unsupported("CREATE TABLE … LIKE a view or system table"));
    };
    let columns = table.definition.columns.iter().map(|column| ColumnDefinition {
        id: 0,
        identity: None,
        comment: None,
        default: column.default.clone().filter(|_| like.including_defaults),
        ..column.clone()
    });
    let attributes = TableAttributes {
        distribution: table.definition.attributes.distribution.clone(),
        sort_key: table.definition.attributes.sort_key.clone(),
        backup_no: table.definition.attributes.backup_no,
        ..TableAttributes::default()
    };
    Ok((columns.collect(), attributes))
}

/// Keys must name columns of the table.
fn check_columns(columns: &[ColumnDefinition], attributes: &TableAttributes) -> Result<(), SqlError> {
    let distribution = match &attributes.distribution {
        Distribution::Key(column) => Some(column),
        _ => None,
    };
    let sort = match &attributes.sort_key {
        SortKey::Auto => &[][..],
        SortKey::Compound(columns) | SortKey::Interleaved(columns) => columns,
    };
    let keys = distribution
        .into_iter()
        .chain(sort)
        .chain(attributes.constraints.iter().flat_map(Constraint::columns));
    for name in keys {
        if !columns.iter().any(|column| column.name == *name) {
            return Err(SqlError::new(
                SqlState::UndefinedColumn,
                format!("column \"{name}\" named in key does not exist"),
            ));
        }
    }
    Ok(())
}
