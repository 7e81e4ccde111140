//! Changes to schemas, tables, columns and views.

mod columns;
mod schemas;
mod tables;
mod views;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};

use super::Transaction;
use crate::definition::{TableDefinition, TableId};
use crate::error::StorageError;
use crate::snapshot::Table;

impl Transaction {
    fn change_definition(
        &mut self,
        id: TableId,
        change: impl FnOnce(&mut TableDefinition) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            change(&mut definition)?;
            table.define(definition);
            // The rows stay as they are; names and types in their schema may be new.
            table.map_batches(|batch| Ok(batch.columns().to_vec()))
        })
    }
}

impl Table {
    fn map_batches(
        &mut self,
        columns: impl Fn(&RecordBatch) -> Result<Vec<ArrayRef>, StorageError>,
    ) -> Result<(), StorageError> {
        for batch in &mut self.batches {
            *batch = RecordBatch::try_new(Arc::clone(&self.schema), columns(batch)?)?;
        }
        Ok(())
    }
}
