//! What the steps of a statement did, from the counts that its operators kept while it ran. A segment is a
//! pipeline: operators that hand rows on one by one; the one that collects them all ends it.

use std::sync::Arc;

use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::metrics::MetricsSet;
use dwh_storage::StepRecord;

use crate::scan::TableOfFile;
use crate::shared_subplans::SharedExec;

/// The steps of a plan that has run.
pub(crate) fn steps(plan: &dyn ExecutionPlan, query_id: i64) -> Vec<StepRecord> {
    let mut segments = Segments { query_id, done: Vec::new(), count: 0, shared: Vec::new() };
    let mut last = segments.walk(plan);
    last.push(StepRecord { rows: last.last().and_then(|step| step.rows), ..step("return") });
    segments.close(last);
    segments.done
}

struct Segments {
    query_id: i64,
    done: Vec<StepRecord>,
    count: i64,
    /// Plans of several readers that are told already.
    shared: Vec<Arc<dyn ExecutionPlan>>,
}

impl Segments {
    fn close(&mut self, steps: Vec<StepRecord>) {
        for (at, step) in steps.into_iter().enumerate() {
            self.done.push(StepRecord {
                query_id: self.query_id,
                segment: self.count,
                step: at as i64,
                ..step
            });
        }
        self.count += 1;
    }

    /// The steps of the pipeline that ends with this operator; those below it are done.
    fn walk(&mut self, plan: &dyn ExecutionPlan) -> Vec<StepRecord> {
        let children = plan.children();
        let mut inputs = children.iter().map(|child| child.as_ref());
        let (name, ends_below) = match plan.name() {
            "DataSourceExec" => return vec![measured(scan(plan), plan)],
            "SharedExec" => {
                if let Some(shared) = plan.downcast_ref::<SharedExec>().map(SharedExec::shared_plan)
                    && !self.shared.iter().any(|known| Arc::ptr_eq(known, shared))
                {
                    self.shared.push(Arc::clone(shared));
                    let computed = self.walk(shared.as_ref());
                    self.close(computed);
                }
                return vec![step("scan")];
            }
            "HashJoinExec" => {
                // The left side is hashed before the right one is read.
                if let Some(left) = inputs.next() {
                    let mut hashed = self.walk(left);
                    hashed
                        .push(StepRecord { rows: hashed.last().and_then(|step| step.rows), ..step("hash") });
                    self.close(hashed);
                }
                ("hashjoin", false)
            }
            "SortMergeJoinExec" => ("mergejoin", true),
            "NestedLoopJoinExec" | "CrossJoinExec" | "PiecewiseMergeJoinExec" => {
                if let Some(left) = inputs.next() {
                    let collected = self.walk(left);
                    self.close(collected);
                }
                ("nestloop", false)
            }
            // DISTINCT is an aggregation without functions.
            "AggregateExec" => match plan.downcast_ref::<AggregateExec>() {
                Some(distinct) if distinct.aggr_expr().is_empty() => ("unique", false),
                _ => ("aggregate", false),
            },
            "SortExec" => ("sort", false),
            "SortPreservingMergeExec" => ("merge", true),
            "RepartitionExec" => ("distribute", true),
            "CoalescePartitionsExec" => ("merge", true),
            "WindowAggExec" | "BoundedWindowAggExec" => ("window", false),
            "GlobalLimitExec" | "LocalLimitExec" => ("limit", false),
            "ProjectionExec" => ("project", false),
            "UnionExec" | "InterleaveExec" => {
                for input in inputs {
                    let part = self.walk(input);
                    self.close(part);
                }
                return vec![measured(step("save"), plan)];
            }
            _ => ("", false),
        };
        let mut steps = Vec::new();
        for input in inputs {
            let part = self.walk(input);
            if ends_below || !steps.is_empty() {
                self.close(part);
            } else {
                steps = part;
            }
        }
        if !name.is_empty() {
            steps.push(measured(step(name), plan));
        }
        steps
    }
}

fn step(name: &str) -> StepRecord {
    StepRecord { name: name.to_owned(), ..StepRecord::default() }
}

fn scan(plan: &dyn ExecutionPlan) -> StepRecord {
    let config = plan
        .downcast_ref::<DataSourceExec>()
        .and_then(|exec| exec.data_source().downcast_ref::<FileScanConfig>());
    let file = config.and_then(|config| config.file_groups.iter().find_map(|group| group.files().first()));
    let table = file.and_then(|file| file.extension::<TableOfFile>());
    StepRecord {
        table_id: table.map(|table| table.id),
        table_name: table.map(|table| table.name.clone()),
        ..step("scan")
    }
}

fn measured(step: StepRecord, plan: &dyn ExecutionPlan) -> StepRecord {
    let Some(metrics) = plan.metrics() else { return step };
    let sum = |name: &str| metrics.sum_by_name(name).map(|value| value.as_usize() as i64);
    StepRecord {
        rows: metrics.output_rows().map(|rows| rows as i64),
        bytes: sum("output_bytes").or_else(|| sum("bytes_scanned")),
        elapsed_us: elapsed(&metrics),
        is_spilled: metrics.spill_count().unwrap_or_default() > 0,
        ..step
    }
}

fn elapsed(metrics: &MetricsSet) -> Option<i64> {
    metrics.elapsed_compute().map(|nanos| (nanos / 1000) as i64)
}
