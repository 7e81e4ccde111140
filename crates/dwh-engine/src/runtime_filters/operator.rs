use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::{BatchCoalescer, prep_null_mask_filter};
use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_datafusion_err};
use datafusion::error::Result;
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt};

use crate::property_barriers::only_input;

/// Rows after which a filter that keeps most of them is given up.
const TRIAL_ROWS: usize = 100_000;

/// The part of the rows that a filter may keep and still be worth asking.
const WORTHWHILE: f64 = 0.5;

/// Hands on the rows that the joins above can use, as far as they have told.
#[derive(Debug)]
pub(super) struct RuntimeFilterExec {
    input: Arc<dyn ExecutionPlan>,
    filter: Option<Arc<dyn PhysicalExpr>>,
    metrics: ExecutionPlanMetricsSet,
}

impl RuntimeFilterExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input, filter: None, metrics: ExecutionPlanMetricsSet::new() }
    }

    pub(super) fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }

    pub(super) fn filter(&self) -> Option<&Arc<dyn PhysicalExpr>> {
        self.filter.as_ref()
    }
}

impl DisplayAs for RuntimeFilterExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.filter {
            Some(filter) => write!(f, "RuntimeFilterExec: {filter}"),
            None => f.write_str("RuntimeFilterExec"),
        }
    }
}

impl ExecutionPlan for RuntimeFilterExec {
    fn name(&self) -> &str {
        "RuntimeFilterExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.filter.as_ref().map_or(Ok(TreeNodeRecursion::Continue), visit)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { filter: self.filter.clone(), ..Self::new(only_input(children)?) }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, Arc::clone(&context))?;
        let Some(filter) = self.filter.clone() else { return Ok(input) };
        let batch_rows = context.session_config().batch_size();
        Ok(Box::pin(Filtered {
            kept: BatchCoalescer::new(input.schema(), batch_rows),
            input,
            filter: Some(filter),
            seen_rows: 0,
            kept_rows: 0,
            is_done: false,
            metrics: BaselineMetrics::new(&self.metrics, partition),
        }))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(Arc::new(inputs[0].as_ref().clone().to_inexact()))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        FilterDescription::from_children(parent_filters, &self.children())
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        child_result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let given = child_result.parent_filters.iter().map(|given| Arc::clone(&given.filter));
        let filters: Vec<_> = self.filter.iter().cloned().chain(given).collect();
        let result = FilterPushdownPropagation::if_all(child_result);
        if filters.is_empty() {
            return Ok(result);
        }
        let taking = Self { filter: Some(conjunction(filters)), ..Self::new(Arc::clone(&self.input)) };
        Ok(result.with_updated_node(Arc::new(taking)))
    }
}

struct Filtered {
    input: SendableRecordBatchStream,
    /// `None` once it was found to keep most rows.
    filter: Option<Arc<dyn PhysicalExpr>>,
    kept: BatchCoalescer,
    seen_rows: usize,
    kept_rows: usize,
    is_done: bool,
    metrics: BaselineMetrics,
}

impl Filtered {
    /// Filters a batch; the result if it needs no collecting.
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let Some(filter) = &self.filter else { return Ok(Some(batch)) };
        let mask = keeps(filter, &batch)?;
        let kept = mask.true_count();
        self.seen_rows += batch.num_rows();
        self.kept_rows += kept;
        if self.seen_rows >= TRIAL_ROWS && self.kept_rows as f64 > WORTHWHILE * self.seen_rows as f64 {
            self.filter = None;
        }
        if kept == batch.num_rows() && self.kept.is_empty() {
            return Ok(Some(batch));
        }
        self.kept.push_batch_with_filter(batch, &mask)?;
        if self.filter.is_none() {
            self.kept.finish_buffered_batch()?;
        }
        Ok(None)
    }

    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        loop {
            if let Some(batch) = self.kept.next_completed_batch() {
                return Poll::Ready(Some(Ok(batch)));
            }
            if self.is_done {
                return Poll::Ready(None);
            }
            let elapsed = self.metrics.elapsed_compute().clone();
            match ready!(self.input.poll_next_unpin(cx)) {
                Some(Ok(batch)) => {
                    let _timer = elapsed.timer();
                    match self.take(batch) {
                        Ok(Some(batch)) => return Poll::Ready(Some(Ok(batch))),
                        Ok(None) => {}
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    self.is_done = true;
                    self.kept.finish_buffered_batch()?;
                }
            }
        }
    }
}

impl Stream for Filtered {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let poll = self.poll_batch(cx);
        self.metrics.record_poll(poll)
    }
}

impl RecordBatchStream for Filtered {
    fn schema(&self) -> SchemaRef {
        self.input.schema()
    }
}

/// Which rows the filter keeps: NULL is no.
fn keeps(filter: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanArray> {
    let mask = filter.evaluate(batch)?.into_array(batch.num_rows())?;
    let mask = mask
        .as_any()
        .downcast_ref::<BooleanArray>()
        .ok_or_else(|| internal_datafusion_err!("a filter gave {}", mask.data_type()))?;
    Ok(if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() })
}
