//! One condition without AND and OR at its top.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, BooleanArray, BooleanBufferBuilder, RecordBatch, RecordBatchOptions, cast::AsArray,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::FilterBuilder;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, IsNotNullExpr, IsNullExpr, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::scalar::ScalarValue;

/// If no more than one row in so many is asked for, those are copied for a term that is not cheap.
const COPIED_ROWS_SHARE: usize = 5;

#[derive(Debug)]
pub(super) struct Term {
    expression: Arc<dyn PhysicalExpr>,
    /// Comparing a column takes no longer than copying its rows.
    is_cheap: bool,
    /// The batch's columns that the term reads, and the term over them alone; nothing if it reads none.
    narrow: Option<(Vec<usize>, Arc<dyn PhysicalExpr>)>,
}

impl Term {
    pub(super) fn new(expression: Arc<dyn PhysicalExpr>) -> Self {
        let is_cheap = is_comparison(&expression);
        let narrow = if is_cheap { None } else { narrow(&expression) };
        Self { expression, is_cheap, narrow }
    }

    pub(super) fn expression(&self) -> &Arc<dyn PhysicalExpr> {
        &self.expression
    }

    pub(super) fn is_cheap(&self) -> bool {
        self.is_cheap
    }

    /// The rows among those asked for (all without) for which the term is TRUE; of the others it says nothing.
    pub(super) fn holds(&self, batch: &RecordBatch, asked: Option<&BooleanBuffer>) -> Result<BooleanBuffer> {
        let rows = batch.num_rows();
        if let Some(asked) = asked {
            let count = asked.count_set_bits();
            if count == 0 {
                return Ok(BooleanBuffer::new_unset(rows));
            }
            if let Some((columns, expression)) = &self.narrow
                && count * COPIED_ROWS_SHARE <= rows
            {
                let chosen = chosen_rows(batch, columns, asked, count)?;
                return Ok(spread(&is_true(expression.evaluate(&chosen)?, count), asked));
            }
        }
        Ok(is_true(self.expression.evaluate(batch)?, rows))
    }
}

/// The rest follows from the expression.
impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.expression.eq(&other.expression)
    }
}

impl Eq for Term {}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expression.hash(state);
    }
}

fn is_comparison(expression: &Arc<dyn PhysicalExpr>) -> bool {
    let is_leaf = |side: &Arc<dyn PhysicalExpr>| side.is::<Column>() || side.is::<Literal>();
    match expression.downcast_ref::<BinaryExpr>() {
        Some(pair) => compares(*pair.op()) && is_leaf(pair.left()) && is_leaf(pair.right()),
        None => {
            is_leaf(expression)
                || expression.downcast_ref::<IsNullExpr>().is_some_and(|null| is_leaf(null.arg()))
                || expression.downcast_ref::<IsNotNullExpr>().is_some_and(|null| is_leaf(null.arg()))
        }
    }
}

fn compares(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

fn narrow(expression: &Arc<dyn PhysicalExpr>) -> Option<(Vec<usize>, Arc<dyn PhysicalExpr>)> {
    let mut columns: Vec<usize> = collect_columns(expression).iter().map(Column::index).collect();
    columns.sort_unstable();
    columns.dedup();
    let narrow = Arc::clone(expression)
        .transform_up(|part| {
            Ok(match part.downcast_ref::<Column>() {
                Some(column) => {
                    let place = columns.partition_point(|index| *index < column.index());
                    Transformed::yes(Arc::new(Column::new(column.name(), place)))
                }
                None => Transformed::no(part),
            })
        })
        .data()
        .ok()?;
    (!columns.is_empty()).then_some((columns, narrow))
}

fn chosen_rows(
    batch: &RecordBatch,
    columns: &[usize],
    asked: &BooleanBuffer,
    count: usize,
) -> Result<RecordBatch> {
    let rows = FilterBuilder::new(&BooleanArray::new(asked.clone(), None)).optimize().build();
    let schema = Arc::new(batch.schema_ref().project(columns)?);
    let columns = columns
        .iter()
        .map(|index| rows.filter(batch.column(*index)))
        .collect::<std::result::Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

/// Which of so many rows are TRUE, neither FALSE nor NULL.
fn is_true(value: ColumnarValue, rows: usize) -> BooleanBuffer {
    match value {
        ColumnarValue::Scalar(scalar) => {
            let holds = matches!(scalar, ScalarValue::Boolean(Some(true)));
            if holds { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) }
        }
        ColumnarValue::Array(array) => {
            let array = array.as_boolean();
            match array.nulls() {
                Some(nulls) => array.values() & nulls.inner(),
                None => array.values().clone(),
            }
        }
    }
}

/// The rows asked for that hold, by their places among all rows.
fn spread(holds: &BooleanBuffer, asked: &BooleanBuffer) -> BooleanBuffer {
    let mut all = BooleanBufferBuilder::new(asked.len());
    all.append_n(asked.len(), false);
    for (row, holds) in asked.set_indices().zip(holds) {
        all.set_bit(row, holds);
    }
    all.finish()
}
