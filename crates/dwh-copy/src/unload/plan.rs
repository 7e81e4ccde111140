//! What an UNLOAD will write, checked before anything is written.

use ::parquet::schema::types::TypePtr;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use dwh_common::RedshiftType;

use super::csv::Csv;
use super::delimited::Delimited;
use super::error::UnloadError;
use super::fixed_width::FixedWidth;
use super::json::Json;
use super::parquet;
use super::partition::PartitionBy;
use super::record::RecordFormat;
use super::request::{UnloadFormat, UnloadRequest};
use super::value::Values;

/// How the rows of an UNLOAD become files.
#[derive(Debug)]
pub(super) struct Plan {
    types: Vec<RedshiftType>,
    /// Positions of the columns that are written.
    written: Vec<usize>,
    pub(super) partition_by: Option<PartitionBy>,
    pub(super) format: FileFormat,
    pub(super) max_file_bytes: u64,
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum FileFormat {
    Text(RecordFormat),
    Parquet { schema: TypePtr, row_group_bytes: u64 },
}

impl Plan {
    pub(super) fn new(request: &UnloadRequest) -> Result<Self, UnloadError> {
        let schema = &request.schema;
        let types = types(schema)?;
        let partition_by = partition_by(request, &types)?;
        let is_partition = |index: &usize| {
            partition_by.as_ref().is_some_and(|by| by.columns.iter().any(|(i, _)| i == index))
        };
        let written: Vec<usize> = (0..types.len())
            .filter(|index| request.include_partition_columns || !is_partition(index))
            .collect();
        if written.is_empty() || (0..types.len()).all(|index| is_partition(&index)) {
            return Err(UnloadError::OnlyPartitionColumns);
        }
        let columns: Vec<(&str, RedshiftType)> =
            written.iter().map(|&index| (schema.field(index).name().as_str(), types[index])).collect();
        let mut max_file_bytes = request.max_file_bytes;
        let format = match request.format {
            UnloadFormat::Parquet { row_group_bytes } => {
                check_columns(&columns, "PARQUET")?;
                // Whole multiples of 32 MB (RS 6.1), so that the row groups fill their files.
                let unit = UnloadRequest::DEFAULT_ROW_GROUP_BYTES;
                max_file_bytes = (max_file_bytes / unit * unit).max(max_file_bytes.min(unit));
                let row_group_bytes = row_group_bytes.min(max_file_bytes);
                FileFormat::Parquet { schema: parquet::schema(&columns)?, row_group_bytes }
            }
            _ => FileFormat::Text(record_format(request, &columns)?),
        };
        Ok(Self { types, written, partition_by, format, max_file_bytes })
    }

    /// All columns of a batch.
    pub(super) fn values(&self, batch: &RecordBatch) -> Result<Vec<Values>, UnloadError> {
        let columns = batch.columns().iter().zip(&self.types);
        let columns: Result<Vec<_>, _> =
            columns.map(|(array, data_type)| Values::new(array, *data_type)).collect();
        columns.map_err(|error| UnloadError::Query(error.into()))
    }

    /// Those that go into the files.
    pub(super) fn written(&self, mut columns: Vec<Values>) -> Vec<Values> {
        if self.written.len() == columns.len() {
            return columns;
        }
        let mut index = 0;
        columns.retain(|_| {
            index += 1;
            self.written.contains(&(index - 1))
        });
        columns
    }
}

fn types(schema: &Schema) -> Result<Vec<RedshiftType>, UnloadError> {
    let fields = schema.fields().iter().map(|field| {
        RedshiftType::of_field(field)
            .ok_or_else(|| UnloadError::Query(format!("column {} has no Redshift type", field.name()).into()))
    });
    fields.collect()
}

fn partition_by(request: &UnloadRequest, types: &[RedshiftType]) -> Result<Option<PartitionBy>, UnloadError> {
    if request.partition_columns.is_empty() {
        return Ok(None);
    }
    let columns = request.partition_columns.iter().map(|name| {
        let mut found = request.schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
        let (index, _) =
            found.next().ok_or_else(|| UnloadError::NoSuchPartitionColumn { name: name.clone() })?;
        if found.next().is_some() {
            return Err(UnloadError::DuplicateColumn { name: name.clone() });
        }
        let data_type = types[index];
        // The developer guide names the types that can be keys.
        if matches!(
            data_type,
            RedshiftType::Double
                | RedshiftType::Time
                | RedshiftType::TimeTz
                | RedshiftType::Interval(_)
                | RedshiftType::TimestampTz
                | RedshiftType::Super
                | RedshiftType::HllSketch
                | RedshiftType::Varbyte(_)
        ) {
            return Err(UnloadError::PartitionType { name: name.clone(), data_type });
        }
        Ok((index, name.clone()))
    });
    Ok(Some(PartitionBy { columns: columns.collect::<Result<_, _>>()? }))
}

fn record_format(
    request: &UnloadRequest,
    columns: &[(&str, RedshiftType)],
) -> Result<RecordFormat, UnloadError> {
    let labels: Vec<&str> = columns.iter().map(|(label, _)| *label).collect();
    Ok(match &request.format {
        UnloadFormat::Delimited { text, add_quotes, escape } => {
            RecordFormat::Delimited(Delimited::new(text, *add_quotes, *escape, &labels))
        }
        UnloadFormat::Csv(text) => RecordFormat::Csv(Csv::new(text, &labels)),
        UnloadFormat::FixedWidth { columns: widths, null_as } => {
            check_types(columns, "FIXEDWIDTH")?;
            if widths.len() != columns.len() {
                return Err(UnloadError::FixedWidthColumns { given: widths.len(), columns: columns.len() });
            }
            RecordFormat::FixedWidth(FixedWidth { columns: widths.clone(), null_as: null_as.clone() })
        }
        UnloadFormat::Json | UnloadFormat::Parquet { .. } => {
            check_columns(columns, "JSON")?;
            RecordFormat::Json(Json::new(&labels))
        }
    })
}

/// Names that tell the columns apart, and types that the format has.
fn check_columns(columns: &[(&str, RedshiftType)], format: &'static str) -> Result<(), UnloadError> {
    for (index, (name, _)) in columns.iter().enumerate() {
        if columns[..index].iter().any(|(other, _)| other == name) {
            return Err(UnloadError::DuplicateColumn { name: (*name).to_owned() });
        }
    }
    check_types(columns, format)
}

/// VARBYTE and HLLSKETCH are for text and CSV only, says the developer guide.
fn check_types(columns: &[(&str, RedshiftType)], format: &'static str) -> Result<(), UnloadError> {
    let only_text =
        |data_type: &RedshiftType| matches!(data_type, RedshiftType::Varbyte(_) | RedshiftType::HllSketch);
    match columns.iter().find(|(_, data_type)| only_text(data_type)) {
        Some((name, data_type)) => {
            Err(UnloadError::UnsupportedType { name: (*name).to_owned(), data_type: *data_type, format })
        }
        None => Ok(()),
    }
}
