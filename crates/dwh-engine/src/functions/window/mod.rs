//! Window functions whose result types differ from DataFusion's (RS 4.4).

mod bigint_rank;
mod ratio_to_report;

use datafusion::logical_expr::WindowUDF;

/// The family's functions.
pub(super) fn functions() -> Vec<WindowUDF> {
    bigint_rank::functions().into_iter().chain([ratio_to_report::ratio_to_report()]).collect()
}
