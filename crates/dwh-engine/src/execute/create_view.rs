//! CREATE [OR REPLACE] VIEW (RS 3.5).

use std::ops::ControlFlow;

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{CreateView, TableName};
use dwh_storage::ViewDefinition;
use sqlparser::ast::{self, visit_relations};

use crate::context::StatementContext;
use crate::names::Relation;
use crate::plan::{labels, result_schema};
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    create: &CreateView,
) -> Result<Outcome, SqlError> {
    let schema = context.names().schema_for_new(&create.name)?;
    let existing = context.transaction.view(&schema, &create.name.name);
    let taken_by_table = context.transaction.table(&schema, &create.name.name).is_some();
    if taken_by_table || (existing.is_some() && !create.or_replace) {
        return Err(SqlError::new(
            SqlState::DuplicateTable,
            format!("Relation \"{}\" already exists", create.name.name),
        ));
    }
    let (column_names, column_types) = if create.late_binding {
        check_qualified(create)?;
        (create.columns.clone(), Vec::new())
    } else {
        let plan = context.with_planner(|planner| planner.query((*create.query).clone()))?;
        let names = labels(plan.schema());
        if !create.columns.is_empty() && create.columns.len() != names.len() {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!(
                    "CREATE VIEW names {} columns and its SELECT has {}",
                    create.columns.len(),
                    names.len()
                ),
            ));
        }
        let fields = result_schema(plan.schema(), &context.physical(&plan).await?.schema())?;
        let types = fields.fields().iter().filter_map(|field| RedshiftType::of_field(field)).collect();
        (if create.columns.is_empty() { names } else { create.columns.clone() }, types)
    };
    if let Some(repeated) =
        column_names.iter().enumerate().find(|(at, name)| column_names[..*at].contains(name))
    {
        return Err(SqlError::new(
            SqlState::DuplicateColumn,
            format!("column \"{}\" specified more than once", repeated.1),
        )
        .with_hint("Give each column of the view a name of its own with AS."));
    }
    if let Some(old) = existing.as_ref().map(|view| &view.definition)
        && !old.late_binding
        && !create.late_binding
        && !column_names.starts_with(&old.column_names)
    {
        return Err(SqlError::new(
            SqlState::InvalidTableDefinition,
            format!("cannot change the names of the columns of view \"{}\"", create.name.name),
        )
        .with_hint("Drop the view and create it again."));
    }
    let view = ViewDefinition {
        schema,
        name: create.name.name.clone(),
        sql: create.query_text.clone(),
        column_names,
        column_types,
        late_binding: create.late_binding,
        depends_on: if create.late_binding { Vec::new() } else { dependencies(context, &create.query) },
        comment: None,
    };
    context.transaction.create_view(view, create.or_replace)?;
    Ok(Outcome::done("CREATE VIEW"))
}

/// The tables and views that the query reads; names of its own WITH are not among them.
fn dependencies(context: &StatementContext<'_>, query: &ast::Query) -> Vec<(String, String)> {
    let names = context.names();
    relations(query)
        .into_iter()
        .filter_map(|name| match names.resolve(&name).ok()? {
            Relation::Table(table) => Some((table.definition.schema.clone(), table.definition.name.clone())),
            Relation::View(view) => Some((view.definition.schema.clone(), view.definition.name.clone())),
            Relation::System(_) => None,
        })
        .collect()
}

/// WITH NO SCHEMA BINDING wants every table with its schema.
fn check_qualified(create: &CreateView) -> Result<(), SqlError> {
    let ctes: Vec<String> = create
        .query
        .with
        .iter()
        .flat_map(|with| with.cte_tables.iter().map(|cte| cte.alias.name.value.clone()))
        .collect();
    let bare = |name: &TableName| name.schema.is_none() && !ctes.contains(&name.name);
    match relations(&create.query).into_iter().find(bare) {
        None => Ok(()),
        Some(name) => Err(SqlError::new(
            SqlState::InvalidTableDefinition,
            format!("relation \"{}\" must be schema-qualified in a view WITH NO SCHEMA BINDING", name.name),
        )),
    }
}

fn relations(query: &ast::Query) -> Vec<TableName> {
    let mut names = Vec::new();
    let _ = visit_relations(query, |relation| {
        let mut parts: Vec<String> =
            relation.0.iter().filter_map(|part| part.as_ident().map(|ident| ident.value.clone())).collect();
        if let Some(name) = parts.pop() {
            names.push(TableName { name, schema: parts.pop(), database: parts.pop(), position: None });
        }
        ControlFlow::<()>::Continue(())
    });
    names
}
