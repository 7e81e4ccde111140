//! Exact sums of many groups at once, for GROUP BY.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, Int64Array, cast::AsArray};
use arrow::datatypes::{Decimal128Type, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::exact::{Plan, overflow};

/// A sum and a count by group.
#[derive(Debug)]
pub(super) struct ExactGroupsAccumulator {
    plan: Plan,
    sums: Vec<i128>,
    counts: Vec<i64>,
}

impl ExactGroupsAccumulator {
    pub(super) fn new(plan: Plan) -> Self {
        Self { plan, sums: Vec::new(), counts: Vec::new() }
    }

    fn grow(&mut self, groups: usize) {
        self.sums.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn add(&mut self, group: usize, sum: i128, count: i64) -> Result<()> {
        self.sums[group] = self.sums[group].checked_add(sum).ok_or_else(overflow)?;
        self.counts[group] += count;
        Ok(())
    }
}

fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl GroupsAccumulator for ExactGroupsAccumulator {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let values = self.plan.values(&values[0])?;
        if opt_filter.is_none() && values.null_count() == 0 {
            for (value, group) in values.values().iter().zip(group_indices) {
                self.add(*group, *value, 1)?;
            }
            return Ok(());
        }
        for (row, (value, group)) in values.iter().zip(group_indices).enumerate() {
            if let Some(value) = value
                && passes(opt_filter, row)
            {
                self.add(*group, value, 1)?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (sums, counts) = (emit_to.take_needed(&mut self.sums), emit_to.take_needed(&mut self.counts));
        let results = sums
            .into_iter()
            .zip(counts)
            .map(|(sum, count)| self.plan.finish(sum, count))
            .collect::<Result<_>>()?;
        self.plan.results(results)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (sums, counts) = (emit_to.take_needed(&mut self.sums), emit_to.take_needed(&mut self.counts));
        let sums = Decimal128Array::from(sums).with_data_type(self.plan.sum_type());
        Ok(vec![Arc::new(sums), Arc::new(Int64Array::from(counts))])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let sums = values[0].as_primitive::<Decimal128Type>();
        let counts = values[1].as_primitive::<Int64Type>();
        for ((sum, count), group) in sums.iter().zip(counts).zip(group_indices) {
            self.add(*group, sum.unwrap_or(0), count.unwrap_or(0))?;
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let values = self.plan.values(&values[0])?;
        let kept: Vec<Option<i128>> =
            values.iter().enumerate().map(|(row, value)| value.filter(|_| passes(opt_filter, row))).collect();
        let counts = Int64Array::from_iter_values(kept.iter().map(|value| i64::from(value.is_some())));
        let sums = Decimal128Array::from_iter_values(kept.iter().map(|value| value.unwrap_or(0)))
            .with_data_type(self.plan.sum_type());
        Ok(vec![Arc::new(sums), Arc::new(counts)])
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<i128>() + self.counts.capacity() * size_of::<i64>()
    }
}
