//! From a query's AST to a physical plan: rewrites, names, DataFusion's planner, labels.

mod context_provider;
mod relations;
mod result_schema;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, ScalarUDF};
use datafusion::sql::planner::{NullOrdering, ParserOptions, SqlToRel};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::Statement;
use dwh_sql::{ParseOptions, rewrite};
use dwh_storage::{FunctionDefinition, OWNER_ID, Privilege, Securable};
use sqlparser::ast;

pub(crate) use self::result_schema::{catalog_result_schema, labels, result_schema};
use crate::access::{Rights, denied};
use crate::error::from_datafusion;
use crate::named::{Named, relation_positions};
use crate::names::Names;
use crate::node_rules;
use crate::session_functions::SessionFunctions;
use crate::system_tables::SystemView;
use crate::typing::{with_common_types, with_unnesting_steps};
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

/// A column of the plan by its position.
pub(crate) fn nth_column(plan: &LogicalPlan, index: usize) -> Expr {
    Expr::Column(plan.schema().columns()[index].clone())
}
