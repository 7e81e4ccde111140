//! Rows and widths that a plan is expected to have, from the counts of its tables. PostgreSQL's default
//! selectivities where nothing better is known.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::catalog::default_table_source::source_as_provider;
use datafusion::common::DFSchema;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableScan};
use dwh_common::RedshiftType;
use dwh_storage::Table;

use crate::scan::{Restricted, StoredTable};

/// The stored table behind a scan.
pub(crate) fn stored(scan: &TableScan) -> Option<Arc<Table>> {
    let provider = source_as_provider(&scan.source).ok()?;
    let stored = match provider.downcast_ref::<Restricted>() {
        Some(restricted) => restricted.inner().downcast_ref::<StoredTable>(),
        None => provider.downcast_ref::<StoredTable>(),
    };
    stored.map(|stored| Arc::clone(stored.table()))
}

/// The part of its input's rows that a condition is expected to keep.
pub(crate) fn selectivity(condition: &Expr) -> f64 {
    split_conjunction(condition).into_iter().map(usual_selectivity).product()
}

pub(crate) fn usual_selectivity(condition: &Expr) -> f64 {
    match condition {
        Expr::BinaryExpr(BinaryExpr { op: Operator::Eq, .. }) => 0.005,
        Expr::BinaryExpr(BinaryExpr { op: Operator::NotEq, .. }) => 0.995,
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            (selectivity(left) + selectivity(right)).min(1.0)
        }
        Expr::BinaryExpr(BinaryExpr { .. }) => 1.0 / 3.0,
        Expr::Between(_) | Expr::Like(_) | Expr::IsNull(_) => 0.005,
        Expr::IsNotNull(_) => 0.995,
        Expr::InList(list) => (0.005 * list.list.len() as f64).min(1.0),
        Expr::Not(inner) => 1.0 - usual_selectivity(inner),
        _ => 0.5,
    }
}

/// Groups that rows fall into, by the number of keys.
pub(crate) fn groups(rows: f64, keys: usize) -> f64 {
    if keys == 0 { 1.0 } else { rows * (0.1 * keys as f64).min(1.0) }
}

/// Bytes of a row: texts are counted as half filled, at most 32 bytes.
pub(crate) fn width(schema: &DFSchema) -> usize {
    schema.fields().iter().map(|field| width_of(RedshiftType::of_field(field), field.data_type())).sum()
}

fn width_of(known: Option<RedshiftType>, planned: &DataType) -> usize {
    match known {
        Some(RedshiftType::Char(bytes)) => bytes as usize,
        Some(RedshiftType::Varchar(bytes) | RedshiftType::Varbyte(bytes)) => {
            (bytes as usize / 2).clamp(1, 32)
        }
        Some(RedshiftType::Super) => 32,
        Some(RedshiftType::Boolean) => 1,
        _ => planned.primitive_width().unwrap_or(16),
    }
}
