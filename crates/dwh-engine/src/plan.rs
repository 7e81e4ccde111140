//! From a query's AST to a physical plan: rewrites, names, DataFusion's planner, labels.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, IntervalUnit, Schema, SchemaRef};
use datafusion::catalog::TableFunctionArgs;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, ScalarValue, TableReference};
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
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::{Statement, TableName};
use dwh_sql::{ParseOptions, rewrite};
use dwh_storage::{FunctionDefinition, OWNER_ID, Privilege, Securable, ViewDefinition};
use sqlparser::ast;

use crate::access::{Rights, denied, readable};
use crate::catalog_functions::{self, CatalogView};
use crate::error::{from_datafusion, into_datafusion};
use crate::named::{Named, relation_positions};
use crate::names::{Names, Relation};
use crate::node_rules;
use crate::policies::{self, Protected, Secured};
use crate::scan::{Restricted, StoredTable};
use crate::session_functions::SessionFunctions;
use crate::system_tables::SystemView;
use crate::typing::{self, with_common_types, with_unnesting_steps};
use crate::user_functions;

/// Views may be built on views; a cycle (possible with late binding) ends here.
const MAX_VIEW_DEPTH: usize = 64;

/// Plans the queries of one statement.
pub(crate) struct Planner<'a> {
    pub(crate) state: &'a SessionState,
    /// Whose rights a relation is read with: the user's, and inside a view those of its owner.
    rights: RefCell<Vec<Rights<'a>>>,
    pub(crate) names: Names<'a>,
    pub(crate) functions: &'a SessionFunctions,
    pub(crate) system: &'a SystemView<'a>,
    /// The statement as submitted, to place errors.
    pub(crate) text: &'a str,
    /// How the text of views and defaults is read.
    parse_options: ParseOptions,
    view_depth: Cell<usize>,
    /// Whether anything was read that a cluster's compute nodes have.
    reads_tables: Cell<bool>,
    /// Why a function of a user cannot be called.
    function_error: RefCell<Option<SqlError>>,
    /// Relations that the query in their place reads as they are.
    behind_policies: RefCell<Vec<i64>>,
    /// Where the statement names each relation, for the error that it does not exist.
    positions: RefCell<HashMap<String, usize>>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        state: &'a SessionState,
        rights: Rights<'a>,
        names: Names<'a>,
        functions: &'a SessionFunctions,
        system: &'a SystemView<'a>,
        text: &'a str,
        parse_options: ParseOptions,
    ) -> Self {
        Self {
            state,
            rights: RefCell::new(vec![rights]),
            names,
            functions,
            system,
            text,
            parse_options,
            view_depth: Cell::new(0),
            reads_tables: Cell::new(false),
            function_error: RefCell::default(),
            behind_policies: RefCell::default(),
            positions: RefCell::default(),
        }
    }

    /// Whether a plan reads a table, or a system table that the compute nodes have: without one the leader
    /// node answers by itself, and Redshift does not log the query.
    pub(crate) fn reads_tables(&self) -> bool {
        self.reads_tables.get()
    }

    /// Plans a query: Redshift's rewrites on the AST, then DataFusion's planner with our types.
    ///
    /// # Errors
    /// Unknown names, types that do not go together, syntax that is not supported.
    pub(crate) fn query(&self, mut query: ast::Query) -> Result<LogicalPlan, SqlError> {
        rewrite::rewrite_query(&mut query, &self.names)?;
        let is_submitted = self.view_depth.get() == 0;
        let mut named = Named::default();
        if is_submitted {
            relation_positions(&query, self.text, &mut self.positions.borrow_mut());
            named = Named::of(&query, self.text);
        }
        let plan = self.sql_to_rel().sql_statement_to_plan(ast::Statement::Query(Box::new(query)));
        let plan = plan.and_then(with_unnesting_steps).and_then(with_common_types).map_err(|error| {
            if let Some(error) = self.function_error.take() {
                return error;
            }
            let error = self.sql_error(&error);
            if is_submitted { named.explain(error) } else { error }
        })?;
        if is_submitted && self.names.target.is_none() {
            node_rules::check(&plan)?;
        }
        Ok(plan)
    }

    /// Plans a query given as text: a view's SELECT, a column's DEFAULT as `SELECT …`.
    pub(crate) fn query_text(&self, sql: &str) -> Result<LogicalPlan, SqlError> {
        // A position in that text would be shown in the statement's.
        self.query(parse_query_with(sql, self.parse_options)?)
            .map_err(|error| SqlError { position: None, ..error })
    }

    /// Plans a query of ours with the rights of the warehouse's owner: a policy's expressions may read what its users
    /// may not.
    pub(crate) fn query_as_owner(&self, query: ast::Query) -> Result<LogicalPlan, SqlError> {
        let owner = self.rights().of(OWNER_ID);
        self.rights.borrow_mut().push(owner);
        self.view_depth.set(self.view_depth.get() + 1);
        let plan = self.query(query);
        self.view_depth.set(self.view_depth.get() - 1);
        self.rights.borrow_mut().pop();
        plan
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

    fn rights(&self) -> Rights<'a> {
        let all = self.rights.borrow();
        // The user's own are never taken off.
        all[all.len() - 1]
    }

    /// A relation, if the user may read it: perhaps some of its columns only.
    fn readable(&self, relation: Relation) -> Result<Arc<dyn TableProvider>, SqlError> {
        match readable(&self.rights(), &relation)? {
            None => self.provider(relation),
            Some(columns) => {
                let error = match &relation {
                    Relation::Table(table) => denied("relation", &table.definition.name),
                    Relation::View(view) => denied("relation", &view.definition.name),
                    Relation::System(system) => denied("relation", system.name),
                };
                Ok(Arc::new(Restricted::new(self.provider(relation)?, columns, error)))
            }
        }
    }

    /// The user's function of that name; built-in ones come first.
    fn user_function(&self, name: &str) -> Result<Option<Arc<ScalarUDF>>, SqlError> {
        let rights = self.rights();
        let functions = &rights.access().functions;
        if functions.is_empty() {
            return Ok(None);
        }
        let (schema, name) = match name.rsplit_once('.') {
            Some((schema, name)) => (Some(schema.trim_matches('"')), name.trim_matches('"')),
            None => (None, name),
        };
        let in_schema = |schema: &str| -> Vec<_> {
            functions.iter().filter(|(_, f)| f.name == name && f.schema == schema).collect()
        };
        let found = match schema {
            Some(schema) => in_schema(schema),
            None => self
                .names
                .search_path
                .iter()
                .map(|s| in_schema(s))
                .find(|f| !f.is_empty())
                .unwrap_or_default(),
        };
        let Some((_, first)) = found.first() else { return Ok(None) };
        rights.check_schema(&first.schema, Privilege::USAGE)?;
        let may_call = |id: i64| rights.has(Securable::Function(id), Privilege::EXECUTE);
        let callable: Vec<&FunctionDefinition> =
            found.iter().filter(|(id, _)| may_call(**id)).map(|(_, function)| *function).collect();
        if callable.is_empty() {
            return Err(denied("function", name));
        }
        if self.view_depth.get() >= MAX_VIEW_DEPTH {
            return Err(SqlError::new(
                SqlState::InvalidFunctionDefinition,
                format!("infinite recursion detected in the body of function {name}"),
            ));
        }
        self.view_depth.set(self.view_depth.get() + 1);
        let function = user_functions::function(self, name, &callable);
        self.view_depth.set(self.view_depth.get() - 1);
        function.map(Some)
    }

    fn provider(&self, relation: Relation) -> Result<Arc<dyn TableProvider>, SqlError> {
        if match &relation {
            Relation::Table(_) => true,
            Relation::View(_) => false,
            Relation::System(system) => system.is_of_compute_nodes(),
        } {
            self.reads_tables.set(true);
        }
        if let Some(secured) = self.secured(&relation)? {
            return Ok(secured);
        }
        match relation {
            Relation::Table(table) => match self.names.target {
                Some((_, target)) if Arc::ptr_eq(target, &table) => {
                    Ok(Arc::new(StoredTable::with_addresses(table)))
                }
                _ => Ok(Arc::new(StoredTable::new(table))),
            },
            Relation::View(view) => {
                let rights = self.rights();
                let owner = rights.access().owner(Securable::Relation(view.id));
                self.rights.borrow_mut().push(rights.of(owner));
                let provider = self.view(&view.definition);
                self.rights.borrow_mut().pop();
                provider
            }
            Relation::System(system) => {
                let columns_of_view = |view: &ViewDefinition| {
                    let provider = self.view(view).ok()?;
                    let schema = provider.schema();
                    schema
                        .fields()
                        .iter()
                        .map(|f| Some((f.name().clone(), RedshiftType::of_field(f)?)))
                        .collect()
                };
                system.provider(&self.system.planning(&columns_of_view))
            }
        }
    }

    /// The relation as policies show it to the session's user, also inside a view; `None` if none applies.
    fn secured(&self, relation: &Relation) -> Result<Option<Arc<dyn TableProvider>>, SqlError> {
        // The statement's user is the first.
        let user = self.rights.borrow()[0];
        if self.names.is_unprotected || user.access().is_without_policies() {
            return Ok(None);
        }
        let qualified = |schema: &str, name: &str| format!("{}.{}", quote_ident(schema), quote_ident(name));
        let protected = match relation {
            Relation::Table(table) if table.definition.temporary => return Ok(None),
            Relation::Table(table) => {
                let target = self.names.target.filter(|(_, target)| Arc::ptr_eq(target, table));
                let definition = &table.definition;
                let columns = definition.columns.iter();
                Protected {
                    id: table.id,
                    sql_name: match target {
                        Some((name, _)) => quote_ident(name),
                        None => qualified(&definition.schema, &definition.name),
                    },
                    columns: columns.map(|column| (column.name.as_str(), Some(column.data_type))).collect(),
                    is_target: target.is_some(),
                }
            }
            Relation::View(view) => {
                let definition = &view.definition;
                let columns = definition.column_names.iter().enumerate();
                let data_type = |at: usize| definition.column_types.get(at).copied();
                Protected {
                    id: view.id,
                    sql_name: qualified(&definition.schema, &definition.name),
                    columns: columns.map(|(at, name)| (name.as_str(), data_type(at))).collect(),
                    is_target: false,
                }
            }
            Relation::System(_) => return Ok(None),
        };
        if self.behind_policies.borrow().contains(&protected.id) {
            return Ok(None);
        }
        let Some(substitute) = policies::substitute(&user, &protected) else { return Ok(None) };
        self.behind_policies.borrow_mut().push(protected.id);
        let plan = parse_query_with(&substitute.sql, ParseOptions::default())
            .and_then(|query| self.query_as_owner(query));
        self.behind_policies.borrow_mut().pop();
        let plan = plan.map_err(|error| SqlError { position: None, ..error })?;
        let shown = user.is_superuser() || user.has_system(Privilege::EXPLAIN_RLS);
        Ok(Some(Arc::new(Secured::new(plan, substitute.by_rows, shown))))
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
        // What a statement may do with its target was asked before; the same table by its own name is read.
        let is_target =
            name.schema.is_none() && self.names.target.is_some_and(|(target, _)| target == name.name);
        let provider = self.names.resolve(&name).and_then(|relation| match is_target {
            true => self.provider(relation),
            false => self.readable(relation),
        });
        Ok(provider_as_source(provider.map_err(into_datafusion)?))
    }

    fn get_table_function_source(
        &self,
        name: &str,
        args: Vec<Expr>,
    ) -> DataFusionResult<Arc<dyn TableSource>> {
        // The rewrite of GENERATE_SERIES calls it so.
        let known = name.strip_prefix("__").and_then(|name| self.state.table_functions().get(name));
        let Some(function) = known else {
            return Err(into_datafusion(SqlError::new(
                SqlState::UndefinedFunction,
                format!("function {name} does not exist as a table"),
            )));
        };
        let args = args
            .into_iter()
            .map(|arg| constant_integer(self.state, arg))
            .collect::<DataFusionResult<Vec<_>>>()?;
        let arguments = TableFunctionArgs::new(&args, self.state);
        Ok(provider_as_source(function.create_table_provider_with_args(arguments)?))
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
        // Who asks is the session's user, also inside a view.
        let user = self.rights.borrow()[0].user_id();
        let of_catalog = || catalog_functions::get(name, || CatalogView::new(self.system, user));
        let known = self.functions.get(name).or_else(of_catalog).or_else(|| self.state.udf(name).ok());
        if let Some(known) = known {
            return Some(known);
        }
        match self.user_function(name) {
            Ok(function) => function,
            Err(error) => {
                // There is no way to say it from here; the planner says only that there is no such function.
                self.function_error.replace(Some(error));
                None
            }
        }
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

/// An argument of a function in FROM: a whole number that is known before the rows are. What needs rows has no
/// physical expression over an empty schema.
fn constant_integer(state: &SessionState, argument: Expr) -> DataFusionResult<Expr> {
    if let Ok(expression) = state.create_physical_expr(argument, &DFSchema::empty()) {
        let one_row = RecordBatchOptions::new().with_row_count(Some(1));
        let one_row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &one_row)?;
        let value = expression.evaluate(&one_row)?.into_array(1)?;
        let value = ScalarValue::try_from_array(&value, 0)?;
        if value.data_type().is_integer() {
            return Ok(Expr::Literal(value.cast_to(&DataType::Int64)?, None));
        }
    }
    Err(into_datafusion(SqlError::unsupported(
        "a function in FROM with arguments that are no constant whole numbers",
    )))
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
    described(schema, executed, false)
}

/// The same of a query that reads the catalog only, where lists are PostgreSQL's arrays.
///
/// # Errors
/// A column of a type that neither has.
pub(crate) fn catalog_result_schema(schema: &DFSchema, executed: &Schema) -> Result<SchemaRef, SqlError> {
    described(schema, executed, true)
}

fn described(schema: &DFSchema, executed: &Schema, has_arrays: bool) -> Result<SchemaRef, SqlError> {
    let fields = schema.fields().iter().zip(executed.fields()).map(|(field, executed)| {
        let label = rewrite::strip_label_marker(field.name());
        // A bare NULL takes the type of the other branches of a UNION, which only the executed plan knows.
        let field = if field.data_type().is_null() { executed } else { field };
        if field.data_type().is_null() {
            // Alone it is text to clients: no column has a type of its own for it.
            return Ok(RedshiftType::MAX_VARCHAR.field(label, true));
        }
        if matches!(field.data_type(), DataType::Interval(IntervalUnit::MonthDayNano)) {
            // No column has this type; the result gets its text.
            return Ok(RedshiftType::Varchar(64).field(label, true));
        }
        if let DataType::List(element) = field.data_type()
            && has_arrays
            && RedshiftType::of_field(element).is_some()
        {
            return Ok(Field::new(label, field.data_type().clone(), true));
        }
        let data_type = RedshiftType::of_field(field)
            .ok_or_else(|| SqlError::unsupported(format!("a result column of type {}", field.data_type())))?;
        let described = data_type.field(label, true);
        // SUPER leaves a plan as the text that is stored; TIMETZ and INTERVAL keep the type that tells them apart.
        if data_type == RedshiftType::Super {
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
