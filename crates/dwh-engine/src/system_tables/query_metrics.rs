//! What the tables of query metrics share (the guide's pages STL_QUERY_METRICS, SVL_QUERY_METRICS, …): the sums over a
//! query, its segments and its steps. Reads and writes of blocks are not measured.

use std::collections::BTreeMap;

use dwh_common::SqlError;
use dwh_storage::{StatementRecord, StepRecord};

use super::SystemView;
use super::log_rows::steps;

/// A query, a segment of it, or a step: what is `None` is summed over.
pub(super) struct Metrics {
    pub(super) query: StatementRecord,
    pub(super) segment: Option<i64>,
    pub(super) step: Option<StepRecord>,
    /// Microseconds of processor time.
    pub(super) cpu_us: i64,
    pub(super) scanned_rows: Option<i64>,
    pub(super) joined_rows: Option<i64>,
    pub(super) nested_loop_rows: Option<i64>,
    pub(super) returned_rows: Option<i64>,
}

impl Metrics {
    /// Of these steps of a query.
    fn of(query: &StatementRecord, segment: Option<i64>, steps: &[&StepRecord]) -> Self {
        let rows = |names: &[&str]| {
            let of_kind = steps.iter().filter(|step| names.contains(&step.name.as_str()));
            of_kind.filter_map(|step| step.rows).reduce(|sum, rows| sum + rows)
        };
        Self {
            query: query.clone(),
            segment,
            step: None,
            cpu_us: steps.iter().filter_map(|step| step.elapsed_us).sum(),
            scanned_rows: rows(&["scan"]),
            joined_rows: rows(&["hashjoin", "mergejoin", "nestloop"]),
            nested_loop_rows: rows(&["nestloop"]),
            returned_rows: rows(&["return"]),
        }
    }

    /// `query`, `segment` or `step`.
    pub(super) fn dimension(&self) -> &'static str {
        match (self.segment, &self.step) {
            (_, Some(_)) => "step",
            (Some(_), None) => "segment",
            (None, None) => "query",
        }
    }
}

/// The number of a kind of step (the guide's page STV_QUERY_METRICS, "Step types").
pub(super) fn step_type(name: &str) -> Option<i64> {
    Some(match name {
        "scan" => 1,
        "insert" => 2,
        "aggregate" => 3,
        "sort" => 6,
        "merge" => 7,
        "distribute" => 8,
        "hashjoin" => 10,
        "mergejoin" => 11,
        "save" => 12,
        "hash" => 14,
        "nestloop" => 15,
        "project" => 16,
        "limit" => 17,
        "unique" => 18,
        "delete" => 20,
        "window" => 29,
        "return" => 38,
        _ => return None,
    })
}

/// Each query that has ended, and behind it its segments, and behind each segment its steps.
pub(super) fn metrics(view: &SystemView<'_>) -> Result<Vec<Metrics>, SqlError> {
    let mut by_query: BTreeMap<i64, (StatementRecord, Vec<StepRecord>)> = BTreeMap::new();
    for (query, step) in steps(view)? {
        by_query.entry(query.query_id).or_insert_with(|| (query, Vec::new())).1.push(step);
    }
    let mut all = Vec::new();
    for (query, steps) in by_query.values() {
        all.push(Metrics::of(query, None, &steps.iter().collect::<Vec<_>>()));
        for segment in steps.chunk_by(|one, next| one.segment == next.segment) {
            let number = segment.first().map(|step| step.segment);
            all.push(Metrics::of(query, number, &segment.iter().collect::<Vec<_>>()));
            for step in segment {
                let of_step = Metrics::of(query, number, &[step]);
                all.push(Metrics { step: Some(step.clone()), ..of_step });
            }
        }
    }
    Ok(all)
}
