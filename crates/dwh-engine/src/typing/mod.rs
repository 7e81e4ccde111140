//! Typed rules: where Redshift means something else than DataFusion, one rule a file.
//!
//! Rules that decide an expression's type are [`ExprPlanner`]s, so that a plan's schema is right from
//! the start; rules that leave the type as it is (comparisons, casts) are [`AnalyzerRule`]s, which also
//! see IN, BETWEEN and joins.

mod aggregate_casts;
mod assignment;
mod blank_keys;
mod casts;
mod collation;
mod common_types;
mod concat_operator;
mod correlation;
mod date_arithmetic;
mod integer_literals;
mod interval_arithmetic;
mod like;
mod numeric_arithmetic;
mod operators;
mod rewrite;
mod super_operators;
mod text_arithmetic;
mod text_comparison;
mod types;
mod unnest;
mod zoned_comparison;

use std::sync::Arc;

use datafusion::logical_expr::planner::{ExprPlanner, RelationPlanner, TypePlanner};
use datafusion::optimizer::AnalyzerRule;

pub use assignment::assignment_cast;
pub(crate) use collation::{is_marked as is_case_insensitive, mark as mark_case_insensitive};
pub(crate) use common_types::with_common_types;
pub(crate) use unnest::with_unnesting_steps;

/// Planners to ask before DataFusion's own, in this order.
pub fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    vec![
        Arc::new(aggregate_casts::AggregateCasts),
        Arc::new(common_types::CaseOperands),
        Arc::new(integer_literals::IntegerLiterals),
        Arc::new(super_operators::SuperOperators),
        Arc::new(text_comparison::BooleanComparison),
        Arc::new(operators::Operators),
        Arc::new(concat_operator::ConcatOperator),
        Arc::new(interval_arithmetic::IntervalArithmetic),
        Arc::new(date_arithmetic::DateArithmetic),
        Arc::new(text_arithmetic::TextArithmetic),
        Arc::new(numeric_arithmetic::NumericArithmetic),
    ]
}

/// Planners of what stands in FROM.
pub fn relation_planners() -> Vec<Arc<dyn RelationPlanner>> {
    vec![Arc::new(common_types::Relations)]
}

/// Reads type names that DataFusion does not know.
pub fn type_planner() -> Arc<dyn TypePlanner> {
    Arc::new(types::Types)
}

/// Rules to run before DataFusion's own type coercion, in this order.
pub fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    vec![
        Arc::new(casts::Casts),
        Arc::new(super_operators::SuperRules::new()),
        Arc::new(collation::Collation),
        Arc::new(like::Like),
        Arc::new(text_comparison::TextComparison),
        Arc::new(zoned_comparison::ZonedComparison),
        Arc::new(blank_keys::BlankKeys),
    ]
}
