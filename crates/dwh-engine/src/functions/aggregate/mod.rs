//! Aggregate functions whose result types or rules differ from DataFusion's (RS 4.1, RS 4.4).

mod exact;
mod exact_groups;
mod listagg;
mod median;
mod sum_avg;

use datafusion::logical_expr::AggregateUDF;

/// The family's functions.
pub(super) fn functions() -> Vec<AggregateUDF> {
    vec![sum_avg::sum(), sum_avg::avg(), listagg::listagg(), median::median()]
}
