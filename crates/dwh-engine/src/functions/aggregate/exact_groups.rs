//! Exact sums of many groups at once, for GROUP BY.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, Int64Array, cast::AsArray};
use arrow::datatypes::{Decimal128Type, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::exact::{Plan, overflow};
use crate::functions::number::bits_past_64;

/// Up to so many groups are summed up in [`LANES`].
const FEW_GROUPS: usize = 64;
const LANES: usize = 4;

/// A sum and a count by group.
#[derive(Debug)]
pub(super) struct ExactGroupsAccumulator {
    plan: Plan,
    groups: Vec<Group>,
    /// Whether only values of 64 bits were added: sums of them, be they of 2^62 rows, fit 128 bits.
    is_narrow: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    sum: i128,
    count: i64,
}

impl Group {
    fn add_narrow(&mut self, sum: i128, count: i64) {
        self.sum = self.sum.wrapping_add(sum);
        self.count += count;
    }

    fn add(&mut self, sum: i128, count: i64) -> Result<()> {
        self.sum = self.sum.checked_add(sum).ok_or_else(overflow)?;
        self.count += count;
        Ok(())
    }
}

impl ExactGroupsAccumulator {
    pub(super) fn new(plan: Plan) -> Self {
        Self { plan, groups: Vec::new(), is_narrow: true }
    }

    fn add_narrow(&mut self, values: &[i128], group_indices: &[usize]) {
        let rows = values.iter().zip(group_indices);
        if self.groups.len() > FEW_GROUPS {
            rows.for_each(|(value, group)| self.groups[*group].add_narrow(*value, 1));
            return;
        }
        // A sum that was just added to has to be waited for; the next row adds to another lane's.
        let mut lanes = vec![Group::default(); LANES * self.groups.len()];
        for (row, (value, group)) in rows.enumerate() {
            lanes[group * LANES + row % LANES].add_narrow(*value, 1);
        }
        for (group, lanes) in self.groups.iter_mut().zip(lanes.chunks_exact(LANES)) {
            lanes.iter().for_each(|lane| group.add_narrow(lane.sum, lane.count));
        }
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
        self.groups.resize(total_num_groups, Group::default());
        let values = self.plan.values(&values[0])?;
        self.is_narrow &= values.values().iter().fold(0, |bits, value| bits | bits_past_64(*value)) == 0;
        if opt_filter.is_none() && values.null_count() == 0 {
            if self.is_narrow {
                self.add_narrow(values.values(), group_indices);
                return Ok(());
            }
            for (value, group) in values.values().iter().zip(group_indices) {
                self.groups[*group].add(*value, 1)?;
            }
            return Ok(());
        }
        for (row, (value, group)) in values.iter().zip(group_indices).enumerate() {
            if let Some(value) = value
                && passes(opt_filter, row)
            {
                self.groups[*group].add(value, 1)?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        let results =
            groups.iter().map(|group| self.plan.finish(group.sum, group.count)).collect::<Result<_>>()?;
        self.plan.results(results)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit_to.take_needed(&mut self.groups);
        let sums = Decimal128Array::from_iter_values(groups.iter().map(|group| group.sum))
            .with_data_type(self.plan.sum_type());
        let counts = Int64Array::from_iter_values(groups.iter().map(|group| group.count));
        Ok(vec![Arc::new(sums), Arc::new(counts)])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize(total_num_groups, Group::default());
        self.is_narrow = false;
        let sums = values[0].as_primitive::<Decimal128Type>();
        let counts = values[1].as_primitive::<Int64Type>();
        for ((sum, count), group) in sums.iter().zip(counts).zip(group_indices) {
            self.groups[*group].add(sum.unwrap_or(0), count.unwrap_or(0))?;
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
        self.groups.capacity() * size_of::<Group>()
    }
}
