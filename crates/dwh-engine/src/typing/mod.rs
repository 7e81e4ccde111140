//! Typed rules: where Redshift means something else than DataFusion, one rule a file.
//!
//! Rules that decide an expression's type are [`ExprPlanner`]s, so that a plan's schema is right from
//! the start; rules that leave the type as it is (comparisons, casts) are [`AnalyzerRule`]s, which also
//! see IN, BETWEEN and joins.

mod assignment;

use std::sync::Arc;

use datafusion::logical_expr::planner::ExprPlanner;
use datafusion::optimizer::AnalyzerRule;

pub use assignment::assignment_cast;

/// Planners to ask before DataFusion's own, in this order.
pub fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    Vec::new()
}

/// Rules to run before DataFusion's own type coercion, in this order.
pub fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    Vec::new()
}
