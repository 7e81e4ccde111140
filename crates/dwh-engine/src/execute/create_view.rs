//! CREATE [OR REPLACE] VIEW (RS 3.5).

use std::ops::ControlFlow;

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::NameResolver;
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::{CreateView, TableName};
use dwh_storage::{Securable, ViewDefinition};
use sqlparser::ast::{self, visit_relations};

use super::default_privileges::created;
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
        sql: if create.late_binding { create.query_text.clone() } else { bound_text(context, create) },
        column_names,
        column_types,
        late_binding: create.late_binding,
        depends_on: if create.late_binding { Vec::new() } else { dependencies(context, &create.query) },
        comment: None,
    };
    let is_new = existing.is_none();
    let view = context.transaction.create_view(view, create.or_replace)?;
    if is_new {
        created(context, Securable::Relation(view.id), Some(&view.definition.schema))?;
    }
    Ok(Outcome::done("CREATE VIEW"))
}

/// The query's text; an asterisk becomes the columns that there are now, as a view is bound to them: columns
/// added to a table later are not the view's.
fn bound_text(context: &StatementContext<'_>, create: &CreateView) -> String {
    let mut query = (*create.query).clone();
    match expand_asterisks(context, &mut query) {
        Some(()) => dwh_sql::to_sql(&query),
        None => create.query_text.clone(),
    }
}

/// A name, in quotes if it needs them.
fn ident(name: &str) -> ast::Ident {
    if quote_ident(name) == name { ast::Ident::new(name) } else { ast::Ident::with_quote('"', name) }
}

/// `None` if there is nothing to expand, or it cannot be told which columns an asterisk stands for.
fn expand_asterisks(context: &StatementContext<'_>, query: &mut ast::Query) -> Option<()> {
    let ctes: Vec<String> =
        query.with.iter().flat_map(|with| &with.cte_tables).map(|cte| cte.alias.name.value.clone()).collect();
    let ast::SetExpr::Select(select) = query.body.as_mut() else { return None };
    if !select.projection.iter().any(|item| matches!(item, ast::SelectItem::Wildcard(_))) {
        return None;
    }
    let mut columns = Vec::new();
    for table in &select.from {
        let joined = table.joins.iter().map(|join| match &join.join_operator {
            ast::JoinOperator::Join(ast::JoinConstraint::On(_))
            | ast::JoinOperator::Inner(ast::JoinConstraint::On(_))
            | ast::JoinOperator::Left(ast::JoinConstraint::On(_))
            | ast::JoinOperator::LeftOuter(ast::JoinConstraint::On(_))
            | ast::JoinOperator::CrossJoin(_) => Some(&join.relation),
            _ => None,
        });
        for factor in std::iter::once(Some(&table.relation)).chain(joined) {
            let ast::TableFactor::Table { name, alias, args: None, .. } = factor? else { return None };
            let name = dwh_sql::table_name_of(name);
            if alias.as_ref().is_some_and(|alias| !alias.columns.is_empty())
                || (name.schema.is_none() && ctes.contains(&name.name))
            {
                return None;
            }
            let shown = alias.as_ref().map_or(name.name.clone(), |alias| alias.name.value.clone());
            for column in context.names().columns(&name)? {
                columns.push(ast::SelectItem::UnnamedExpr(ast::Expr::CompoundIdentifier(vec![
                    ident(&shown),
                    ident(&column),
                ])));
            }
        }
    }
    let mut items = Vec::new();
    for item in std::mem::take(&mut select.projection) {
        match item {
            ast::SelectItem::Wildcard(options) if options == ast::WildcardAdditionalOptions::default() => {
                items.extend(columns.iter().cloned());
            }
            ast::SelectItem::Wildcard(_) => return None,
            other => items.push(other),
        }
    }
    select.projection = items;
    Some(())
}

/// The tables and views that the query reads; names of its own WITH are not among them.
pub(super) fn dependencies(context: &StatementContext<'_>, query: &ast::Query) -> Vec<(String, String)> {
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
