//! Aggregate functions whose result types or rules differ from DataFusion's (RS 4.1, RS 4.4).

mod boolean;
mod collect;
mod deviation;
mod exact;
mod exact_groups;
mod listagg;
mod percentile;
mod st_collect;
mod sum_avg;

use std::sync::Arc;

use datafusion::functions_aggregate::variance::var_samp_udaf;
use datafusion::logical_expr::AggregateUDF;

/// The family's functions.
pub(super) fn functions() -> Vec<AggregateUDF> {
    // DataFusion's VAR_SAMP is Redshift's, but for one of its names.
    let variance = Arc::unwrap_or_clone(var_samp_udaf()).with_aliases(["variance"]);
    let single = [
        sum_avg::sum(),
        sum_avg::avg(),
        listagg::listagg(),
        percentile::continuous(),
        percentile::discrete(),
        st_collect::st_collect(),
        variance,
    ];
    single.into_iter().chain(boolean::functions()).chain(deviation::functions()).collect()
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn aggregates_taken_from_datafusion_agree_with_redshift() {
        let session = TestSession::new().with_table(
            "t",
            &[
                ("n", RedshiftType::Integer, &[Some("1"), Some("2"), Some("6"), None]),
                ("ok", RedshiftType::Boolean, &[Some("t"), Some("f"), None, None]),
            ],
        );
        let rows = session.rows(
            "SELECT count(*), count(n), min(n), max(n), variance(n), var_pop(n), stddev_pop(n) > 2.16, \
             bool_or(ok), bool_and(ok), bit_or(n), any_value(n) IS NULL, \
             percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM t",
        );
        assert_eq!(rows.expect("aggregates"), ["4|3|1|6|7|4.66666666666667|t|t|f|7|f|2.0"]);
    }
}
