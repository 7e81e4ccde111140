//! Where a query runs: one that reads tables of users runs on the compute nodes, any other on the leader node.
//! Some functions are on one side only (the guide's pages "Leader node–only functions" and "Compute node–only
//! functions"); the other side refuses them.

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, TableSource, WindowFunctionDefinition};
use dwh_common::{SqlError, SqlState};

use crate::scan::{Restricted, StoredTable};

/// Leader node only, as SQL and error texts write them.
const LEADER_ONLY: &[&str] = &[
    "age",
    "current_schema",
    "current_schemas",
    "current_time",
    "current_timestamp",
    "has_column_privilege",
    "has_database_privilege",
    "has_schema_privilege",
    "has_table_privilege",
    "isfinite",
    "localtime",
    "localtimestamp",
    "now",
];

/// Compute nodes only, as plans name them.
const COMPUTE_ONLY: &[&str] = &["listagg", "__listagg", "__percentile_cont", "__percentile_disc"];

/// # Errors
/// 0A000 for a function that the query's side has not.
pub(crate) fn check(plan: &LogicalPlan) -> std::result::Result<(), SqlError> {
    let mut found = Found::default();
    found.visit(plan).map_err(|error| SqlError::internal(error.to_string()))?;
    if let Some(name) = found.leader_only.filter(|_| found.user_table) {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "Specified types or functions (one per INFO message) not supported on Redshift tables.",
        )
        .with_detail(format!("Function \"{name}()\" not supported.")));
    }
    if found.ignores_case && found.system_table && !found.user_table {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "Case insensitive collation is not supported in leader node only query.",
        ));
    }
    if found.compute_only && !found.user_table && !found.system_table {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "One or more of the used functions must be applied on at least one user created table. Examples of \
             user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc",
        ));
    }
    Ok(())
}

/// What a plan and the views below it use.
#[derive(Default)]
struct Found {
    user_table: bool,
    system_table: bool,
    leader_only: Option<&'static str>,
    compute_only: bool,
    /// COLLATE(…, 'case_insensitive').
    ignores_case: bool,
}

impl Found {
    fn visit(&mut self, plan: &LogicalPlan) -> Result<()> {
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                if scan.table_name.table().starts_with("__generate_series") {
                    self.leader_only.get_or_insert("generate_series");
                }
                self.table(&scan.source)?;
            }
            for expr in node.expressions() {
                expr.apply(|expr| {
                    self.function(expr);
                    Ok(TreeNodeRecursion::Continue)
                })?;
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(())
    }

    fn table(&mut self, source: &Arc<dyn TableSource>) -> Result<()> {
        if let Some(view) = source.get_logical_plan() {
            return self.visit(&view);
        }
        let provider = source_as_provider(source)?;
        if provider.downcast_ref::<StoredTable>().is_some() || provider.downcast_ref::<Restricted>().is_some()
        {
            self.user_table = true;
        } else {
            self.system_table = true;
        }
        Ok(())
    }

    fn function(&mut self, expr: &Expr) {
        let name = match expr {
            Expr::ScalarFunction(function) => function.func.name(),
            Expr::AggregateFunction(function) => function.func.name(),
            Expr::WindowFunction(function) => match &function.fun {
                WindowFunctionDefinition::AggregateUDF(function) => function.name(),
                WindowFunctionDefinition::WindowUDF(function) => function.name(),
            },
            _ => return,
        };
        if let Some(known) = LEADER_ONLY.iter().find(|known| **known == name) {
            self.leader_only.get_or_insert(known);
        }
        self.compute_only |= COMPUTE_ONLY.contains(&name);
        if let Expr::ScalarFunction(function) = expr
            && name == "collate"
            && let Some(Expr::Literal(collation, _)) = function.args.get(1)
        {
            let is_known = |text: &str| text.eq_ignore_ascii_case("case_insensitive");
            self.ignores_case |= collation.try_as_str().flatten().is_some_and(is_known);
        }
    }
}
