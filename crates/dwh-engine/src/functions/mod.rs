//! Redshift functions as DataFusion functions, one file each.
//!
//! They are registered after DataFusion's own and win by name.

mod error;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};

pub use error::{sql_err, sql_error_of};

/// Every scalar function that DataFusion lacks or means otherwise.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    Vec::new()
}

/// Every aggregate function that DataFusion lacks or means otherwise.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    Vec::new()
}

/// Every window function that DataFusion lacks or means otherwise.
pub fn window_functions() -> Vec<Arc<WindowUDF>> {
    Vec::new()
}
