//! AVRO: object container files. Their records are written as JSON, one a line, and loaded as such:
//! Redshift maps and converts both alike ('auto', 'auto ignorecase', JSONPaths, RS 1.1).

use std::io::{BufReader, Read};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use arrow_avro::reader::ReaderBuilder;

use super::json::JsonDecoder;
use crate::error::CopyError;
use crate::jsonpaths::PathTree;
use crate::lane::{Lane, Source};
use crate::outcome::BatchSink;
use crate::state::{ObjectState, Stopped};

/// Records that are turned into JSON at a time.
const BATCH_RECORDS: usize = 1024;
/// The default TIMEFORMAT, which TIMEFORMAT 'auto' reads too.
const TIMESTAMP_FORMAT: &str = "%Y-%m-%d %H:%M:%S%.6f";

/// Loads Avro files.
pub(crate) struct AvroDecoder {
    json: JsonDecoder,
    epoch: Option<TimeUnit>,
}

impl AvroDecoder {
    /// `epoch` is the unit of TIMEFORMAT 'epochsecs' or 'epochmillisecs'.
    pub(crate) fn new(tree: &PathTree, epoch: Option<TimeUnit>) -> Self {
        Self { json: JsonDecoder::new(tree), epoch }
    }

    /// Decodes an object from its beginning to its end; the number of a record is its line. `read_failure`
    /// says why the reader failed, if it did.
    ///
    /// # Errors
    /// [`Stopped`]; the state says why.
    pub(crate) fn decode<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        object: &ObjectState,
        reader: impl Read,
        read_failure: impl Fn() -> Option<CopyError>,
    ) -> Result<(), Stopped> {
        let failed = |lane: &Lane<S>, error: ArrowError| {
            let reason = match error {
                ArrowError::AvroError(reason) => reason,
                other => other.to_string(),
            };
            let invalid = || CopyError::Avro { url: object.url.to_string(), reason };
            lane.fail(read_failure().unwrap_or_else(invalid))
        };
        let batches = ReaderBuilder::new().with_batch_size(BATCH_RECORDS).build(BufReader::new(reader));
        let mut records = 0;
        for batch in batches.map_err(|error| failed(lane, error))? {
            lane.check_stopped()?;
            let text = batch.and_then(|batch| Ok((batch.num_rows() as u64, self.json_lines(&batch)?)));
            let (count, text) = text.map_err(|error| failed(lane, error))?;
            let mut source = Source::new(object, &text, records + 1);
            self.json.decode(lane, &mut source)?;
            lane.close(source);
            records += count;
        }
        object.set_lines_scanned(records);
        Ok(())
    }

    fn json_lines(&self, batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
        let columns = batch.columns().iter().map(|column| self.as_json_value(column));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let fields = batch.schema();
        let fields = fields.fields().iter().zip(&columns);
        let fields = fields.map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true));
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns)?;
        let mut writer = WriterBuilder::new()
            .with_explicit_nulls(true)
            .with_timestamp_format(TIMESTAMP_FORMAT.to_owned())
            .with_timestamp_tz_format(TIMESTAMP_FORMAT.to_owned())
            .build::<_, LineDelimited>(Vec::new());
        writer.write(&batch)?;
        writer.finish()?;
        Ok(writer.into_inner())
    }

    /// Decimals as strings, which are exact where JSON's numbers are not (RS 1.7), and timestamps as the
    /// numbers that TIMEFORMAT asks for.
    fn as_json_value(&self, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        match (column.data_type(), self.epoch) {
            (data_type, _) if data_type.is_decimal() => cast(column, &DataType::Utf8),
            (DataType::Timestamp(_, zone), Some(unit)) => {
                cast(&cast(column, &DataType::Timestamp(unit, zone.clone()))?, &DataType::Int64)
            }
            _ => Ok(Arc::clone(column)),
        }
    }
}
