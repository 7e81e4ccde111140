//! PARQUET and ORC: files of columns, mapped to the table's columns by position (RS 1.9).
//!
//! A file is decoded a row group or stripe at a time, on any slice. Its batches are converted column by
//! column; what does not fit ends the COPY, since MAXERROR is not for these formats (RS 1.2).

mod convert;
mod fault;
mod json;
mod mapping;
mod orc;
mod parquet;

use std::ops::Range;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use dwh_common::RedshiftType;

use self::fault::{Fault, spectrum_url};
use self::mapping::Mapping;
use crate::convert::Rules;
use crate::error::CopyError;
use crate::lane::Lane;
use crate::load_error::{ColumnInfo, LoadError, raw_text};
use crate::outcome::BatchSink;
use crate::ranges::RangeReader;
use crate::request::{CopyRequest, TargetColumn};
use crate::state::{ObjectState, Stopped};

/// Rows of a batch, as many as a row group that is written, and about how many bytes they may take unpacked.
const BATCH_ROWS: u64 = 131_072;
const BATCH_BYTES: u64 = 32 << 20;

/// `line_number` where there is no line to name (RS 2.1).
const UNKNOWN_LINE: i64 = -1;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnarFormat {
    Parquet,
    Orc,
}

/// Loads the files of one COPY; shared by its slices.
pub(crate) struct ColumnarDecoder {
    format: ColumnarFormat,
    columns: Arc<[TargetColumn]>,
    rules: Arc<Rules>,
    /// FILLRECORD.
    fill_record: bool,
    /// Region of the file names in load errors.
    region: String,
}

/// A row group or stripe.
pub(crate) struct Unit {
    layout: Layout,
    rows_before: u64,
    batch_rows: usize,
    /// Where its bytes are, each stretch to be read in order.
    pub(crate) stretches: Vec<Range<u64>>,
}

/// What is known of a file once its directory is read.
#[derive(Clone)]
enum Layout {
    Parquet { metadata: ArrowReaderMetadata, row_group: usize },
    Orc,
}

impl Layout {
    /// Which columns of the file hold JSON by what it says of them.
    fn json_columns(&self) -> Vec<bool> {
        match self {
            Self::Parquet { metadata, .. } => parquet::json_columns(metadata),
            Self::Orc => Vec::new(),
        }
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

impl Unit {
    fn new(
        layout: Layout,
        rows_before: u64,
        rows: u64,
        unpacked_bytes: u64,
        stretches: Vec<Range<u64>>,
    ) -> Self {
        let row_bytes = (unpacked_bytes / rows.max(1)).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS) as usize;
        Self { layout, rows_before, batch_rows, stretches }
    }

    /// Size as stored.
    pub(crate) fn bytes(&self) -> u64 {
        self.stretches.iter().map(|stretch| stretch.end - stretch.start).sum()
    }
}

impl ColumnarDecoder {
    /// # Errors
    /// SUPER columns without SERIALIZETOJSON.
    pub(crate) fn new(
        format: ColumnarFormat,
        request: &CopyRequest,
        rules: &Arc<Rules>,
        region: &str,
    ) -> Result<Self, CopyError> {
        let CopyRequest { columns, options, .. } = request;
        let has_super = columns.iter().any(|column| column.data_type == RedshiftType::Super);
        if has_super && !options.serialize_to_json {
            return Err(CopyError::SuperNotSerialized);
        }
        Ok(Self {
            format,
            columns: columns.as_slice().into(),
            rules: Arc::clone(rules),
            fill_record: options.fill_record,
            region: region.to_owned(),
        })
    }

    /// The row groups or stripes of a file. Blocks.
    ///
    /// # Errors
    /// [`CopyError::Scan`] for what is no such file, and those of reading.
    pub(crate) fn units(&self, object: &ObjectState, reader: &RangeReader) -> Result<Vec<Unit>, CopyError> {
        match self.format {
            ColumnarFormat::Parquet => {
                let opened = parquet::open(reader, &self.columns, self.rules.accept_invalid_chars.is_some());
                opened.and_then(|metadata| parquet::units(&metadata)).map_err(ArrowError::from)
            }
            ColumnarFormat::Orc => orc::units(reader),
        }
        .map_err(|error| self.unreadable(object, reader, &error))
    }

    /// Decodes a row group or stripe.
    ///
    /// # Errors
    /// [`Stopped`]; the state says why.
    pub(crate) fn decode<S: BatchSink>(
        &self,
        lane: &mut Lane<S>,
        object: &ObjectState,
        reader: &RangeReader,
        unit: &Unit,
    ) -> Result<(), Stopped> {
        let batches = match &unit.layout {
            Layout::Parquet { metadata, row_group } => {
                parquet::batches(reader, metadata, *row_group, unit.batch_rows)
            }
            Layout::Orc => orc::batches(reader, &unit.stretches, unit.batch_rows),
        };
        let failed = |lane: &Lane<S>, error| lane.fail(self.unreadable(object, reader, &error));
        let batches = batches.map_err(|error| failed(lane, error))?;
        let file_name: Arc<str> = spectrum_url(&object.url, &self.region).into();
        let mut mapping = None;
        let mut rows_before = unit.rows_before;
        for batch in batches {
            lane.check_stopped()?;
            let batch = batch.map_err(|error| failed(lane, error))?;
            let mapping = match &mut mapping {
                Some(mapping) => mapping,
                none => none.insert(
                    Mapping::new(
                        &self.columns,
                        &batch.schema(),
                        unit.layout.json_columns(),
                        self.fill_record,
                    )
                    .map_err(|fault| lane.fail(self.scan_error(object, None, fault)))?,
                ),
            };
            let rows = batch.num_rows() as u64;
            let (batch, replaced) = mapping
                .convert(&batch, &self.rules)
                .map_err(|fault| lane.fail(self.scan_error(object, Some(rows_before), fault)))?;
            for (row, column) in replaced {
                let line = || (rows_before + row as u64 + 1, String::new());
                lane.note_replacement(column, &file_name, line);
            }
            lane.load_batch(object, batch)?;
            rows_before += rows;
        }
        Ok(())
    }

    /// What is in no such wrapping as its name says, or is damaged.
    pub(crate) fn not_unpacked(
        &self,
        object: &ObjectState,
        reader: &RangeReader,
        error: &std::io::Error,
    ) -> CopyError {
        let fault = Fault::of_file(format!("The file cannot be unpacked: {error}"));
        reader.failure().unwrap_or_else(|| self.scan_error(object, None, fault))
    }

    /// What is no file of the format, or is damaged.
    fn unreadable(&self, object: &ObjectState, reader: &RangeReader, error: &ArrowError) -> CopyError {
        if let Some(failure) = reader.failure() {
            return failure;
        }
        self.scan_error(object, None, Fault::unreadable(self.format, error))
    }

    fn scan_error(&self, object: &ObjectState, rows_before: Option<u64>, fault: Fault) -> CopyError {
        let row = fault.row.zip(rows_before).map(|(row, before)| before + row as u64 + 1);
        let column = fault.column.map(|index| &self.columns[index]);
        CopyError::Scan(Box::new(LoadError {
            url: spectrum_url(&object.url, &self.region).into(),
            slice: 0,
            line_number: row.and_then(|row| i64::try_from(row).ok()).unwrap_or(UNKNOWN_LINE),
            column: column.map(|column| ColumnInfo::new(&column.name, column.data_type)),
            position: 0,
            raw_line: String::new(),
            raw_field_value: raw_text(&fault.value),
            code: fault.code,
            reason: fault.reason,
            fields: Vec::new(),
        }))
    }
}
