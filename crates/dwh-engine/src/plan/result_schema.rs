//! What a result tells of its columns.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, IntervalUnit, Schema, SchemaRef};
use datafusion::common::DFSchema;
use dwh_common::{RedshiftType, SqlError};
use dwh_sql::rewrite;

/// Labels of a plan's columns, the marks of repeated ones taken off.
pub(crate) fn labels(schema: &DFSchema) -> Vec<String> {
    schema.fields().iter().map(|field| rewrite::strip_label_marker(field.name()).to_owned()).collect()
}

/// The description of a result: labels, and the Redshift type of each column in its metadata. `schema` is
/// that of the plan, `executed` that of the rows.
///
/// # Errors
/// A column of a type that Redshift has not (lists, structs).
pub(crate) fn result_schema(schema: &DFSchema, executed: &Schema) -> Result<SchemaRef, SqlError> {
    described(schema, executed, false)
}

/// The same of a query that reads the catalog only, where lists are PostgreSQL's arrays.
///
/// # Errors
/// A column of a type that neither has.
pub(crate) fn catalog_result_schema(schema: &DFSchema, executed: &Schema) -> Result<SchemaRef, SqlError> {
    described(schema, executed, true)
}

fn described(schema: &DFSchema, executed: &Schema, has_arrays: bool) -> Result<SchemaRef, SqlError> {
    let fields = schema.fields().iter().zip(executed.fields()).map(|(field, executed)| {
        let label = rewrite::strip_label_marker(field.name());
        // A bare NULL takes the type of the other branches of a UNION, which only the executed plan knows.
        let field = if field.data_type().is_null() { executed } else { field };
        if field.data_type().is_null() {
            // Alone it is text to clients: no column has a type of its own for it.
            return Ok(RedshiftType::MAX_VARCHAR.field(label, true));
        }
        if matches!(field.data_type(), DataType::Interval(IntervalUnit::MonthDayNano)) {
            // No column has this type; the result gets its text.
            return Ok(RedshiftType::Varchar(64).field(label, true));
        }
        if let DataType::List(element) = field.data_type()
            && has_arrays
            && RedshiftType::of_field(element).is_some()
        {
            return Ok(Field::new(label, field.data_type().clone(), true));
        }
        let data_type = RedshiftType::of_field(field)
            .ok_or_else(|| SqlError::unsupported(format!("a result column of type {}", field.data_type())))?;
        let described = data_type.field(label, true);
        // SUPER leaves a plan as the text that is stored; TIMETZ and INTERVAL keep the type that tells them apart.
        if data_type == RedshiftType::Super {
            return Ok(described);
        }
        // The Arrow type stays what the plan gives; only its meaning is added.
        Ok(described.with_data_type(field.data_type().clone()))
    });
    Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>, SqlError>>()?)))
}
