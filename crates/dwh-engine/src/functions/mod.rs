//! Redshift functions as DataFusion functions, one file each.
//!
//! They are registered after DataFusion's own and win by name.

mod aggregate;
pub(crate) mod args;
mod bound;
pub(crate) mod cast;
mod conditional;
pub(crate) mod datetime;
mod error;
pub(crate) mod function;
mod hash;
pub(crate) mod hll;
mod json;
pub(crate) mod number;
pub(crate) mod options;
pub(crate) mod partiql;
pub(crate) mod spatial;
pub(crate) mod system;
#[cfg(test)]
pub(crate) mod test_support;
pub(crate) mod text;
pub(crate) mod varbyte;
mod window;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};

pub(crate) use error::external;
pub use error::sql_err;
use function::Function;
pub use system::refused_functions;

/// Every scalar function that DataFusion lacks or means otherwise.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let families: [Vec<Function>; 11] = [
        cast::functions().to_vec(),
        datetime::functions(),
        hash::functions(),
        hll::functions(),
        json::functions(),
        number::functions(),
        partiql::functions(),
        spatial::functions(),
        system::functions(),
        text::functions(),
        varbyte::functions(),
    ];
    let own = families.into_iter().flatten().map(Function::udf);
    own.chain(conditional::functions()).map(Arc::new).collect()
}

/// Every aggregate function that DataFusion lacks or means otherwise.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    aggregate::functions().into_iter().chain(hll::aggregates()).map(Arc::new).collect()
}

/// Every window function that DataFusion lacks or means otherwise.
pub fn window_functions() -> Vec<Arc<WindowUDF>> {
    window::functions().into_iter().map(Arc::new).collect()
}
