//! Columns of a file are found by their field id, as DuckLake does, not by their name: files keep
//! the names that the columns had when they were written, also after RENAME, DROP and ADD COLUMN.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
    replace_columns_with_literals,
};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

/// Makes adapters for one table.
#[derive(Debug)]
pub(super) struct FieldIdAdapterFactory {
    /// Field id of each column by its present name.
    pub(super) ids: HashMap<String, i64>,
    /// What rows of files older than an added column have in it.
    pub(super) initial_defaults: HashMap<String, ScalarValue>,
}

#[derive(Debug)]
struct FieldIdAdapter {
    inner: Arc<dyn PhysicalExprAdapter>,
    physical: SchemaRef,
    missing: HashMap<String, ScalarValue>,
}

impl PhysicalExprAdapterFactory for FieldIdAdapterFactory {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let renamed = Arc::new(self.with_present_names(&physical));
        let missing = self
            .initial_defaults
            .iter()
            .filter(|(name, _)| renamed.field_with_name(name).is_err())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let inner = DefaultPhysicalExprAdapterFactory.create(logical, renamed)?;
        Ok(Arc::new(FieldIdAdapter { inner, physical, missing }))
    }
}

impl PhysicalExprAdapter for FieldIdAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let expr =
            if self.missing.is_empty() { expr } else { replace_columns_with_literals(expr, &self.missing)? };
        // The reader finds columns by the names they have in the file.
        let physical_name = |expr: Arc<dyn PhysicalExpr>| match expr.downcast_ref::<Column>() {
            Some(column) => {
                let name = self.physical.field(column.index()).name();
                Ok(Transformed::yes(Arc::new(Column::new(name, column.index())) as Arc<dyn PhysicalExpr>))
            }
            None => Ok(Transformed::no(expr)),
        };
        self.inner.rewrite(expr)?.transform(physical_name).data()
    }
}

impl FieldIdAdapterFactory {
    /// The file's schema with the names that the table has now; columns that the table no longer has
    /// get a name that nothing refers to. Columns without an id (the row number) keep theirs.
    fn with_present_names(&self, physical: &Schema) -> Schema {
        let names: HashMap<i64, &str> = self.ids.iter().map(|(name, id)| (*id, name.as_str())).collect();
        let rename = |field: &FieldRef| {
            let Some(id) =
                field.metadata().get(PARQUET_FIELD_ID_META_KEY).and_then(|id| id.parse::<i64>().ok())
            else {
                return Arc::clone(field);
            };
            let name = names.get(&id).map_or_else(|| format!("\u{1}dropped {id}"), |name| (*name).to_owned());
            if field.name() == &name {
                Arc::clone(field)
            } else {
                Arc::new(field.as_ref().clone().with_name(name))
            }
        };
        Schema::new_with_metadata(
            physical.fields().iter().map(rename).collect::<Vec<_>>(),
            physical.metadata().clone(),
        )
    }
}
