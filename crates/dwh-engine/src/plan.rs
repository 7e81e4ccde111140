//! From a query's AST to a physical plan: rewrites, names, DataFusion's planner, labels.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, TableReference};
use datafusion::datasource::cte_worktable::CteWorkTable;
use datafusion::datasource::{TableProvider, ViewTable, provider_as_source};
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, RelationPlanner, TypePlanner};
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, LogicalPlan, LogicalPlanBuilder, ScalarUDF, TableSource, WindowUDF,
};
use datafusion::sql::planner::{NullOrdering, ParserOptions, SqlToRel};
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{Statement, TableName};
use dwh_sql::{ParseOptions, rewrite};
use dwh_storage::ViewDefinition;
use sqlparser::ast;

use crate::error::{from_datafusion, into_datafusion, position};
use crate::names::{Names, Relation};
use crate::scan::StoredTable;
use crate::session_functions::SessionFunctions;
use crate::system_tables::SystemView;
use crate::typing::{self, with_common_types, with_unnesting_steps};

/// Views may be built on views; a cycle (possible with late binding) ends here.
const MAX_VIEW_DEPTH: usize = 64;

/// Plans the queries of one statement.
pub(crate) struct Planner<'a> {
    pub(crate) state: &'a SessionState,
    pub(crate) names: Names<'a>,
    pub(crate) functions: &'a SessionFunctions,
    pub(crate) system: &'a SystemView<'a>,
    /// The statement as submitted, to place errors.
    pub(crate) text: &'a str,
    /// How the text of views and defaults is read.
    parse_options: ParseOptions,
    view_depth: Cell<usize>,
    /// Where the statement names each relation, for the error that it does not exist.
    positions: RefCell<HashMap<String, usize>>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        state: &'a SessionState,
        names: Names<'a>,
        functions: &'a SessionFunctions,
        system: &'a SystemView<'a>,
        text: &'a str,
        parse_options: ParseOptions,
    ) -> Self {
        Self {
            state,
            names,
            functions,
            system,
            text,
            parse_options,
            view_depth: Cell::new(0),
            positions: RefCell::default(),
        }
    }

    /// Plans a query: Redshift's rewrites on the AST, then DataFusion's planner with our types.
    ///
    /// # Errors
    /// Unknown names, types that do not go together, syntax that is not supported.
    pub(crate) fn query(&self, mut query: ast::Query) -> Result<LogicalPlan, SqlError> {
        rewrite::rewrite_query(&mut query, &self.names)?;
        if self.view_depth.get() == 0 {
            self.note_positions(&query);
        }
        let names =
            if self.view_depth.get() == 0 { column_positions(&query, self.text) } else { HashMap::new() };
        let plan = self.sql_to_rel().sql_statement_to_plan(ast::Statement::Query(Box::new(query)));
        plan.and_then(with_unnesting_steps).and_then(with_common_types).map_err(|error| {
            let mut error = self.sql_error(&error);
            if error.position.is_none() && error.state == SqlState::UndefinedColumn {
                let name = error.message.split('"').nth(1).unwrap_or_default();
                error.position = names.get(name.rsplit('.').next().unwrap_or_default()).copied();
            }
            error
        })
    }

    /// Plans a query given as text: a view's SELECT, a column's DEFAULT as `SELECT …`.
    pub(crate) fn query_text(&self, sql: &str) -> Result<LogicalPlan, SqlError> {
        // A position in that text would be shown in the statement's.
        self.query(parse_query_with(sql, self.parse_options)?)
            .map_err(|error| SqlError { position: None, ..error })
    }

    pub(crate) fn sql_error(&self, error: &datafusion::error::DataFusionError) -> SqlError {
        from_datafusion(error, self.text)
    }

    fn sql_to_rel(&self) -> SqlToRel<'_, Self> {
        let options = ParserOptions::new()
            .with_enable_ident_normalization(false)
            .with_support_varchar_with_length(true)
            .with_map_string_types_to_utf8view(true)
            .with_collect_spans(true)
            .with_parse_float_as_decimal(true)
            .with_default_null_ordering(NullOrdering::NullsMax);
        SqlToRel::new_with_options(self, options)
    }

    fn note_positions(&self, query: &ast::Query) {
        let mut positions = self.positions.borrow_mut();
        let _ = ast::visit_relations(query, |relation| {
            let last = relation.0.last().and_then(|part| part.as_ident());
            if let Some(ident) = last
                && let Some(at) = position(self.text, ident.span.start.line, ident.span.start.column)
            {
                positions.entry(ident.value.clone()).or_insert(at);
            }
            ControlFlow::<()>::Continue(())
        });
    }

    fn provider(&self, relation: Relation) -> Result<Arc<dyn TableProvider>, SqlError> {
        match relation {
            Relation::Table(table) => match self.names.target {
                Some((_, target)) if Arc::ptr_eq(target, &table) => {
                    Ok(Arc::new(StoredTable::with_addresses(table)))
                }
                _ => Ok(Arc::new(StoredTable::new(table))),
            },
            Relation::View(view) => self.view(&view.definition),
            Relation::System(system) => system.provider(self.system),
        }
    }

    fn view(&self, view: &ViewDefinition) -> Result<Arc<dyn TableProvider>, SqlError> {
        if self.view_depth.get() >= MAX_VIEW_DEPTH {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!("infinite recursion detected in the definition of view \"{}\"", view.name),
            ));
        }
        self.view_depth.set(self.view_depth.get() + 1);
        let plan = self.query_text(&view.sql);
        self.view_depth.set(self.view_depth.get() - 1);
        let mut plan = plan?;
        let names = labels(plan.schema());
        let wanted = if view.column_names.is_empty() { &names } else { &view.column_names };
        let columns = plan.schema().columns();
        if wanted.len() != columns.len() {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!(
                    "view \"{}\" has {} columns and its SELECT {}",
                    view.name,
                    wanted.len(),
                    columns.len()
                ),
            )
            .with_hint("A table below the view has changed. Create the view again."));
        }
        let aliased = columns.into_iter().zip(wanted).map(|(column, name)| Expr::Column(column).alias(name));
        plan = LogicalPlanBuilder::from(plan)
            .project(aliased.collect::<Vec<_>>())
            .and_then(LogicalPlanBuilder::build)
            .map_err(|error| self.sql_error(&error))?;
        Ok(Arc::new(ViewTable::new(plan, Some(view.sql.clone()))))
    }
}

impl ContextProvider for Planner<'_> {
    fn get_table_source(&self, name: TableReference) -> DataFusionResult<Arc<dyn TableSource>> {
        let name = TableName {
            database: name.catalog().map(ToOwned::to_owned),
            schema: name.schema().map(ToOwned::to_owned),
            name: name.table().to_owned(),
            position: self.positions.borrow().get(name.table()).copied(),
        };
        let provider = self.names.resolve(&name).and_then(|relation| self.provider(relation));
        Ok(provider_as_source(provider.map_err(into_datafusion)?))
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> DataFusionResult<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        self.state.relation_planners()
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(typing::type_planner())
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.get(name).or_else(|| self.state.udf(name).ok())
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.udaf(name).ok()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.udwf(name).ok()
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}

/// Where a query first names each column: DataFusion says it for the select list only.
fn column_positions(query: &ast::Query, text: &str) -> HashMap<String, usize> {
    let mut positions = HashMap::new();
    let _ = ast::visit_expressions(query, |expression| {
        let ident = match expression {
            ast::Expr::Identifier(ident) => Some(ident),
            ast::Expr::CompoundIdentifier(idents) => idents.last(),
            _ => None,
        };
        if let Some(ident) = ident
            && let Some(at) = position(text, ident.span.start.line, ident.span.start.column)
        {
            positions.entry(ident.value.clone()).or_insert(at);
        }
        ControlFlow::<()>::Continue(())
    });
    positions
}

/// Parses text that must be one query.
pub(crate) fn parse_query(sql: &str) -> Result<ast::Query, SqlError> {
    parse_query_with(sql, ParseOptions::default())
}

fn parse_query_with(sql: &str, options: ParseOptions) -> Result<ast::Query, SqlError> {
    match dwh_sql::parse_with(sql, options)?.into_iter().next().map(|parsed| parsed.statement) {
        Some(Statement::Query(query)) => Ok(*query),
        _ => Err(SqlError::internal(format!("not a query: {sql}"))),
    }
}

/// Labels of a plan's columns, the marks of repeated ones taken off.
pub(crate) fn labels(schema: &DFSchema) -> Vec<String> {
    schema.fields().iter().map(|field| rewrite::strip_label_marker(field.name()).to_owned()).collect()
}

/// The description of a result: labels, and the Redshift type of each column in its metadata. `schema` is
/// that of the plan, `executed` that of the rows.
///
/// # Errors
/// A column of a type that Redshift has not (lists, structs).
pub(crate) fn result_schema(schema: &DFSchema, executed: &Schema) -> Result<SchemaRef, SqlError> {
    let fields = schema.fields().iter().zip(executed.fields()).map(|(field, executed)| {
        let label = rewrite::strip_label_marker(field.name());
        // A bare NULL takes the type of the other branches of a UNION, which only the executed plan knows.
        let field = if field.data_type().is_null() { executed } else { field };
        if field.data_type().is_null() {
            // Alone it is text to clients: no column has a type of its own for it.
            return Ok(RedshiftType::MAX_VARCHAR.field(label, true));
        }
        if matches!(field.data_type(), DataType::Interval(_)) {
            // No column has this type; the result gets its text.
            return Ok(RedshiftType::Varchar(64).field(label, true));
        }
        let data_type = RedshiftType::of_field(field)
            .ok_or_else(|| SqlError::unsupported(format!("a result column of type {}", field.data_type())))?;
        let described = data_type.field(label, true);
        if *field.data_type() == data_type.planned_type() {
            return Ok(described);
        }
        // The Arrow type stays what the plan gives; only its meaning is added.
        Ok(described.with_data_type(field.data_type().clone()))
    });
    Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>, SqlError>>()?)))
}

/// A column of the plan by its position.
pub(crate) fn nth_column(plan: &LogicalPlan, index: usize) -> Expr {
    Expr::Column(plan.schema().columns()[index].clone())
}
