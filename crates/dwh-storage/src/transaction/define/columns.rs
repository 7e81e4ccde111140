//! What ALTER TABLE changes of a column.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt64Array, new_null_array};
use arrow::compute::take;
use dwh_common::RedshiftType;

use crate::definition::{
    ColumnDefinition, Constraint, Distribution, SortKey, TableAttributes, TableDefinition, TableId,
};
use crate::error::StorageError;
use crate::transaction::Transaction;
use crate::value::value_of_text;

impl Transaction {
    /// ALTER TABLE … ADD COLUMN. Rows that are there already get `initial_value`: a value as text (see
    /// [`crate::value_of_text`]), or NULL.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::DuplicateColumn`],
    /// [`StorageError::InvalidValue`], [`StorageError::ReadOnly`].
    pub fn add_column(
        &mut self,
        id: TableId,
        mut column: ColumnDefinition,
        initial_value: Option<String>,
    ) -> Result<(), StorageError> {
        let value: ArrayRef = match &initial_value {
            Some(text) => value_of_text(text, column.data_type)?,
            None => new_null_array(&column.data_type.arrow_type(), 1),
        };
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            if definition.column(&column.name).is_some() {
                return Err(StorageError::DuplicateColumn { table: definition.name, column: column.name });
            }
            column.id = table.next_column_id;
            table.next_column_id += 1;
            if let Some(text) = initial_value {
                Arc::make_mut(&mut table.initial_values).insert(column.id, text);
            }
            definition.columns.push(column);
            table.define(definition);
            table.map_batches(|batch| {
                let same_value = UInt64Array::from_value(0, batch.num_rows());
                let mut columns = batch.columns().to_vec();
                columns.push(take(&value, &same_value, None)?);
                Ok(columns)
            })
        })
    }

    /// ALTER TABLE … DROP COLUMN; keys and constraints that name it go with it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::LastColumn`],
    /// [`StorageError::ReadOnly`].
    pub fn drop_column(&mut self, id: TableId, name: &str) -> Result<(), StorageError> {
        self.change_table(id, |table| {
            let mut definition = TableDefinition::clone(&table.definition);
            let position = position_of(&definition, name)?;
            if definition.columns.len() == 1 {
                return Err(StorageError::LastColumn(name.to_owned()));
            }
            let removed = definition.columns.remove(position);
            forget_column(&mut definition.attributes, name);
            Arc::make_mut(&mut table.initial_values).remove(&removed.id);
            table.define(definition);
            table.map_batches(|batch| {
                let mut columns = batch.columns().to_vec();
                columns.remove(position);
                Ok(columns)
            })
        })
    }

    /// ALTER TABLE … RENAME COLUMN; keys and constraints follow.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`],
    /// [`StorageError::DuplicateColumn`], [`StorageError::ReadOnly`].
    pub fn rename_column(&mut self, id: TableId, from: &str, to: &str) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            let position = position_of(definition, from)?;
            if definition.column(to).is_some() {
                let table = definition.name.clone();
                return Err(StorageError::DuplicateColumn { table, column: to.to_owned() });
            }
            definition.columns[position].name = to.to_owned();
            for name in attribute_columns(&mut definition.attributes) {
                if name == from {
                    *name = to.to_owned();
                }
            }
            Ok(())
        })
    }

    /// ALTER TABLE … ALTER COLUMN … TYPE: the length of a VARCHAR (RS 3.5) or VARBYTE. Whether the rows fit a
    /// shorter one is the caller's to check.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`],
    /// [`StorageError::ColumnTypeChange`], [`StorageError::ReadOnly`].
    pub fn alter_column_type(
        &mut self,
        id: TableId,
        column: &str,
        data_type: RedshiftType,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            if !column.data_type.is_resized_by(data_type) {
                return Err(StorageError::ColumnTypeChange {
                    column: column.name.clone(),
                    from: column.data_type.to_string(),
                    to: data_type.to_string(),
                });
            }
            column.data_type = data_type;
            Ok(())
        })
    }

    /// ALTER TABLE … ALTER COLUMN … ENCODE; `None` is automatic.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::ReadOnly`].
    pub fn set_encoding(
        &mut self,
        id: TableId,
        column: &str,
        encoding: Option<String>,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            column.encoding = encoding;
            Ok(())
        })
    }

    /// COMMENT ON COLUMN; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::ReadOnly`].
    pub fn set_column_comment(
        &mut self,
        id: TableId,
        column: &str,
        comment: Option<String>,
    ) -> Result<(), StorageError> {
        self.change_column(id, column, |column| {
            column.comment = comment;
            Ok(())
        })
    }

    fn change_column(
        &mut self,
        id: TableId,
        column: &str,
        change: impl FnOnce(&mut ColumnDefinition) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.change_definition(id, |definition| {
            let position = position_of(definition, column)?;
            change(&mut definition.columns[position])
        })
    }
}

fn position_of(definition: &TableDefinition, column: &str) -> Result<usize, StorageError> {
    definition.columns.iter().position(|known| known.name == column).ok_or_else(|| {
        StorageError::ColumnNotFound { table: definition.name.clone(), column: column.to_owned() }
    })
}

/// Every place in the attributes that names a column of the table.
fn attribute_columns(attributes: &mut TableAttributes) -> impl Iterator<Item = &mut String> {
    let distribution = match &mut attributes.distribution {
        Distribution::Key(column) => Some(column),
        _ => None,
    };
    let sort_key = match &mut attributes.sort_key {
        SortKey::Compound(columns) | SortKey::Interleaved(columns) => columns.as_mut_slice(),
        SortKey::Auto => &mut [],
    };
    distribution
        .into_iter()
        .chain(sort_key)
        .chain(attributes.constraints.iter_mut().flat_map(Constraint::columns_mut))
}

/// Drops what names a column that is no more: a key that loses a column is no key.
fn forget_column(attributes: &mut TableAttributes, column: &str) {
    let names_it = |columns: &[String]| columns.iter().any(|name| name == column);
    if matches!(&attributes.distribution, Distribution::Key(key) if key == column) {
        attributes.distribution = Distribution::Auto;
    }
    if let SortKey::Compound(columns) | SortKey::Interleaved(columns) = &attributes.sort_key
        && names_it(columns)
    {
        attributes.sort_key = SortKey::Auto;
    }
    attributes.constraints.retain(|constraint| !names_it(constraint.columns()));
}
