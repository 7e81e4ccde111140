use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_datafusion_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use futures::future::{BoxFuture, FutureExt, Shared};
use futures::stream::{self, StreamExt, TryStreamExt};

/// A plan that is run once for several readers, who begin with the first of them.
#[derive(Debug)]
pub(super) struct SharedResult {
    plan: Arc<dyn ExecutionPlan>,
    running: Mutex<Option<Running>>,
}

type Running = Shared<BoxFuture<'static, std::result::Result<Arc<Batches>, Arc<DataFusionError>>>>;

/// The rows by partition, as long as anyone reads them.
struct Batches {
    partitions: Vec<Vec<RecordBatch>>,
    _memory: Vec<MemoryReservation>,
}

impl fmt::Debug for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").finish_non_exhaustive()
    }
}

impl SharedResult {
    pub(super) fn new(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self { plan, running: Mutex::default() }
    }

    fn batches(&self, context: &Arc<TaskContext>) -> Running {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running
            .get_or_insert_with(|| {
                run(Arc::clone(&self.plan), Arc::clone(context))
                    .map(|done| done.map_err(Arc::new))
                    .boxed()
                    .shared()
            })
            .clone()
    }
}

/// All partitions side by side.
async fn run(plan: Arc<dyn ExecutionPlan>, context: Arc<TaskContext>) -> Result<Arc<Batches>> {
    let count = plan.output_partitioning().partition_count();
    let tasks: Vec<_> = (0..count)
        .map(|partition| {
            let (plan, context) = (Arc::clone(&plan), Arc::clone(&context));
            SpawnedTask::spawn(async move {
                let memory = MemoryConsumer::new("shared result").register(context.memory_pool());
                let mut rows = plan.execute(partition, context)?;
                let mut batches = Vec::new();
                while let Some(batch) = rows.next().await.transpose()? {
                    memory.try_grow(batch.get_array_memory_size())?;
                    batches.push(batch);
                }
                Ok::<_, DataFusionError>((batches, memory))
            })
        })
        .collect();
    let mut done = Batches { partitions: Vec::with_capacity(count), _memory: Vec::with_capacity(count) };
    for task in tasks {
        let (batches, memory) =
            task.join_unwind().await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??;
        done.partitions.push(batches);
        done._memory.push(memory);
    }
    Ok(Arc::new(done))
}

/// One reader of a shared result.
#[derive(Debug)]
pub(crate) struct SharedExec {
    result: Arc<SharedResult>,
    /// The columns that it reads.
    positions: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl SharedExec {
    pub(super) fn new(result: Arc<SharedResult>, positions: Vec<usize>, schema: SchemaRef) -> Self {
        let count = result.plan.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(count),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { result, positions, properties: Arc::new(properties) }
    }

    /// What is computed once.
    pub(crate) fn shared_plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.result.plan
    }
}

impl DisplayAs for SharedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedExec")
    }
}

impl ExecutionPlan for SharedExec {
    fn name(&self) -> &str {
        "SharedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        // Rules that change a plan would change each reader's, and no longer the same.
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.len() {
            0 => Ok(self),
            count => Err(internal_datafusion_err!("{count} inputs instead of none")),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let result = Arc::clone(&self.result);
        let (positions, schema) = (self.positions.clone(), self.schema());
        let rows = async move {
            let batches = result.batches(&context).await.map_err(DataFusionError::Shared)?;
            let rows: Vec<_> = batches.partitions[partition]
                .iter()
                .map(|batch| {
                    let columns =
                        positions.iter().map(|position| Arc::clone(batch.column(*position))).collect();
                    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
                    Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?)
                })
                .collect();
            Ok::<_, DataFusionError>(stream::iter(rows))
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::once(rows).try_flatten())))
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        if args.partition().is_some() {
            return Ok(Arc::new(Statistics::new_unknown(&self.schema())));
        }
        let all = StatisticsContext::new().compute(self.result.plan.as_ref(), &StatisticsArgs::new())?;
        Ok(Arc::new(all.as_ref().clone().project(Some(&self.positions)).to_inexact()))
    }
}
