//! The operator that forgets.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_datafusion_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::EquivalenceGroup;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};

/// The new child of an operator that has one.
pub(crate) fn only_input(children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    let [input] = <[_; 1]>::try_from(children)
        .map_err(|children| internal_datafusion_err!("{} inputs instead of one", children.len()))?;
    Ok(input)
}

/// Hands rows on, and tells nothing of what is sorted in them, nor of what is constant or equal but what it was told.
/// No filter or projection goes through.
#[derive(Debug)]
pub(crate) struct PropertyBarrier {
    input: Arc<dyn ExecutionPlan>,
    equalities: EquivalenceGroup,
    properties: Arc<PlanProperties>,
}

impl PropertyBarrier {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        Self::telling(EquivalenceGroup::default(), input)
    }

    /// One that tells which columns of its input are constant or equal.
    pub(crate) fn telling(equalities: EquivalenceGroup, input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        let mut told = EquivalenceProperties::new(input.schema());
        told.add_equivalence_group(equalities.clone())?;
        let properties = PlanProperties::clone(input.properties()).with_eq_properties(told);
        Ok(Self { input, equalities, properties: Arc::new(properties) })
    }
}

impl DisplayAs for PropertyBarrier {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PropertyBarrier")
    }
}

impl ExecutionPlan for PropertyBarrier {
    fn name(&self) -> &str {
        "PropertyBarrier"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
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
        Ok(Arc::new(Self::telling(self.equalities.clone(), only_input(children)?)?))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(Arc::clone(&inputs[0]))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }
}
