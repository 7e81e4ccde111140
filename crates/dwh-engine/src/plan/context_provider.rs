//! What DataFusion's planner asks for by name: relations, functions, types and options.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::TableFunctionArgs;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, ScalarValue, TableReference};
use datafusion::datasource::cte_worktable::CteWorkTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, RelationPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::TableName;

use super::Planner;
use crate::catalog_functions::{self, CatalogView};
use crate::error::into_datafusion;
use crate::typing;

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
