//! Where the records of one slice go: into batches, or, when they do not fit, into the load errors.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use memchr::memchr_iter;

use crate::convert::{BatchBuilder, Remark, RowError, Rows, Rules, Value};
use crate::error::CopyError;
use crate::load_error::{ColumnInfo, FieldDetail, LoadError, code, raw_text};
use crate::outcome::{BatchSink, MAX_REPLACEMENTS, Replacement};
use crate::records::{MAX_RECORD_BYTES, count_lines};
use crate::request::TargetColumn;
use crate::state::{LoadState, ObjectState, Stopped};

/// A batch is handed over when it has so many rows, or holds so many bytes as the memory allows.
const BATCH_ROWS: usize = 131_072;
/// What a batch holds is added up each time so much input is in it.
const MEASURED_INPUT_BYTES: usize = 256 << 10;

/// Records of an object being decoded: whole ones, in order.
pub(crate) struct Source<'a> {
    pub(crate) object: &'a ObjectState,
    pub(crate) bytes: &'a [u8],
    /// The same as text, if all of it is UTF-8: then no value has to be checked for itself.
    pub(crate) text: Option<&'a str>,
    /// An offset and the line it is on, to count lines from when an error needs it.
    line_mark: (usize, u64),
    rows: u64,
}

impl<'a> Source<'a> {
    /// `first_line` is the 1-based line on which the bytes begin.
    pub(crate) fn new(object: &'a ObjectState, bytes: &'a [u8], first_line: u64) -> Self {
        Self {
            object,
            bytes,
            text: simdutf8::basic::from_utf8(bytes).ok(),
            line_mark: (0, first_line),
            rows: 0,
        }
    }

    /// The line of an offset; offsets only grow.
    fn line_of(&mut self, offset: usize) -> u64 {
        let (from, line) = self.line_mark;
        self.line_mark = (offset, line + count_lines(&self.bytes[from..offset]));
        self.line_mark.1
    }
}

/// Converts records and fills batches.
pub(crate) struct Lane<S> {
    /// Number of the slice whose lane this is.
    pub(crate) slice: i32,
    columns: Arc<[TargetColumn]>,
    state: Arc<LoadState>,
    batch: BatchBuilder,
    batch_bytes: usize,
    unmeasured_bytes: usize,
    rows_loaded: u64,
    rows_replaced: u64,
    replacements: Vec<Replacement>,
    sink: S,
}

/// What a lane has done.
pub(crate) struct LaneOutcome<S> {
    pub(crate) sink: S,
    pub(crate) rows_loaded: u64,
    pub(crate) rows_replaced: u64,
    pub(crate) replacements: Vec<Replacement>,
}

/// A single record, by the values of its columns.
struct OneRow<F>(F);

impl<'v, F: Fn(usize) -> (Value<'v>, &'v [u8])> Rows<'v> for OneRow<F> {
    fn get(&self, _row: usize, column: usize) -> (Value<'v>, &'v [u8]) {
        (self.0)(column)
    }
}

/// What is wrong with a record.
pub(crate) struct Fault {
    pub(crate) code: i32,
    pub(crate) position: usize,
    pub(crate) reason: String,
    pub(crate) column: Option<usize>,
    /// The fields up to the failing one.
    pub(crate) fields: Vec<FieldDetail>,
}

impl Fault {
    /// A fault of the record's structure.
    pub(crate) fn of_record(position: usize, reason: String) -> Self {
        Self { code: code::STRUCTURE, position, reason, column: None, fields: Vec::new() }
    }
}

impl<S: BatchSink> Lane<S> {
    pub(crate) fn new(
        slice: i32,
        columns: &Arc<[TargetColumn]>,
        rules: &Arc<Rules>,
        batch_bytes: usize,
        state: Arc<LoadState>,
        sink: S,
    ) -> Self {
        Self {
            slice,
            batch: BatchBuilder::new(columns, Arc::clone(rules)),
            columns: Arc::clone(columns),
            state,
            batch_bytes,
            unmeasured_bytes: 0,
            rows_loaded: 0,
            rows_replaced: 0,
            replacements: Vec::new(),
            sink,
        }
    }

    /// Ends decoding when the COPY is over.
    pub(crate) fn check_stopped(&self) -> Result<(), Stopped> {
        if self.state.is_stopped() { Err(Stopped) } else { Ok(()) }
    }

    /// Loads the record at `record`, or rejects it. `value` gives a column's value and its token as
    /// written.
    pub(crate) fn load<'v>(
        &mut self,
        source: &mut Source<'_>,
        record: Range<usize>,
        value: impl Fn(usize) -> (Value<'v>, &'v [u8]),
    ) -> Result<(), Stopped> {
        self.load_rows(source, &[record], &OneRow(value))
    }

    /// Loads records, or rejects them.
    pub(crate) fn load_rows<'v>(
        &mut self,
        source: &mut Source<'_>,
        records: &[Range<usize>],
        values: &impl Rows<'v>,
    ) -> Result<(), Stopped> {
        if self.batch.rows() + records.len() > BATCH_ROWS {
            self.flush()?;
        }
        let remarks = self.batch.append(records.len(), values);
        source.rows += records.len() as u64;
        for (row, remark) in remarks {
            let record = records[row].clone();
            match remark {
                Remark::Replaced { column } => {
                    let bytes = source.bytes[record.clone()].trim_ascii_end();
                    let end = record.start + bytes.len();
                    let url = &source.object.url;
                    self.note_replacement(column, url, || (source.line_of(end), raw_text(bytes)));
                }
                Remark::Rejected(error) => {
                    source.rows -= 1;
                    self.reject_field(source, record, error, |column| values.get(row, column))?;
                }
            }
        }
        self.taken(records.iter().map(Range::len).sum())
    }

    /// Rejects a record for one of its fields.
    pub(crate) fn reject_field<'v>(
        &mut self,
        source: &mut Source<'_>,
        record: Range<usize>,
        error: RowError,
        value: impl Fn(usize) -> (Value<'v>, &'v [u8]),
    ) -> Result<(), Stopped> {
        let fault = self.fault_of_field(error, value);
        self.reject(source, record, fault)
    }

    /// Counts a record in which ACCEPTINVCHARS replaced something, and notes the first of them.
    pub(crate) fn note_replacement(
        &mut self,
        column: usize,
        url: &Arc<str>,
        line: impl FnOnce() -> (u64, String),
    ) {
        self.rows_replaced += 1;
        if self.replacements.len() < MAX_REPLACEMENTS {
            let (line, raw_line) = line();
            self.replacements.push(Replacement {
                url: Arc::clone(url),
                slice: self.slice,
                line_number: i64::try_from(line).unwrap_or(i64::MAX),
                column: self.columns[column].name.clone(),
                raw_line,
            });
        }
    }

    /// Loads rows that are columns already.
    pub(crate) fn load_batch(&mut self, object: &ObjectState, batch: RecordBatch) -> Result<(), Stopped> {
        let rows = batch.num_rows() as u64;
        self.sink.write(batch).map_err(|error| self.state.fail(CopyError::Sink(error)))?;
        self.rows_loaded += rows;
        self.state.add_rows(object, rows);
        object.add_lines_scanned(rows);
        Ok(())
    }

    /// Ends the COPY.
    pub(crate) fn fail(&self, mut error: CopyError) -> Stopped {
        if let CopyError::Scan(fault) = &mut error {
            fault.slice = self.slice;
        }
        self.state.fail(error)
    }

    /// Records what is wrong with a record.
    pub(crate) fn reject(
        &mut self,
        source: &mut Source<'_>,
        record: Range<usize>,
        fault: Fault,
    ) -> Result<(), Stopped> {
        let bytes = source.bytes[record.clone()].trim_ascii_end();
        let line = source.line_of(record.start + bytes.len());
        let error = LoadError {
            url: Arc::clone(&source.object.url),
            slice: self.slice,
            line_number: i64::try_from(line).unwrap_or(i64::MAX),
            column: fault.column.map(|index| self.column_info(index)),
            position: i32::try_from(fault.position).unwrap_or(i32::MAX),
            raw_line: raw_text(bytes),
            raw_field_value: fault.fields.last().map(|field| field.value.clone()).unwrap_or_default(),
            code: fault.code,
            reason: fault.reason,
            fields: fault.fields,
        };
        self.state.reject(source.object, error)
    }

    /// Records what is wrong with an object as a whole.
    pub(crate) fn reject_object(&self, object: &ObjectState, error: LoadError) -> Result<(), Stopped> {
        self.state.reject(object, LoadError { slice: self.slice, ..error })
    }

    /// A record longer than Redshift takes fails the COPY; a `|` counts twice (RS 1.5).
    pub(crate) fn check_length(&self, source: &mut Source<'_>, record: &Range<usize>) -> Result<(), Stopped> {
        if record.len() <= MAX_RECORD_BYTES / 2 {
            return Ok(());
        }
        let pipes = memchr_iter(b'|', &source.bytes[record.clone()]).count();
        if record.len() + pipes <= MAX_RECORD_BYTES {
            return Ok(());
        }
        let line = source.line_of(record.start);
        Err(self.state.fail(CopyError::RecordTooLarge { url: source.object.url.to_string(), line }))
    }

    /// Counts what was loaded of a source.
    pub(crate) fn close(&mut self, source: Source<'_>) {
        self.rows_loaded += source.rows;
        self.state.add_rows(source.object, source.rows);
    }

    /// Hands over the last batch.
    pub(crate) fn finish(mut self) -> Result<LaneOutcome<S>, Stopped> {
        self.check_stopped()?;
        self.flush()?;
        let Self { sink, rows_loaded, rows_replaced, replacements, .. } = self;
        Ok(LaneOutcome { sink, rows_loaded, rows_replaced, replacements })
    }

    fn taken(&mut self, record_bytes: usize) -> Result<(), Stopped> {
        self.unmeasured_bytes += record_bytes;
        if self.unmeasured_bytes >= MEASURED_INPUT_BYTES {
            self.unmeasured_bytes = 0;
            if self.batch.size_bytes() >= self.batch_bytes {
                return self.flush();
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Stopped> {
        self.unmeasured_bytes = 0;
        let batch =
            self.batch.finish().map_err(|error| self.state.fail(CopyError::Internal(error.to_string())))?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.sink.write(batch).map_err(|error| self.state.fail(CopyError::Sink(error)))
    }

    fn fault_of_field<'v>(
        &self,
        RowError { column, error }: RowError,
        value: impl Fn(usize) -> (Value<'v>, &'v [u8]),
    ) -> Fault {
        Fault {
            code: error.code,
            position: error.position,
            reason: error.reason.into_owned(),
            column: Some(column),
            fields: (0..=column).map(|index| self.field_detail(index, value(index).0)).collect(),
        }
    }

    fn field_detail(&self, index: usize, value: Value<'_>) -> FieldDetail {
        let mut buffer = Vec::new();
        let text = value.text(&mut buffer).map(raw_text);
        FieldDetail {
            index,
            column: self.column_info(index),
            is_null: text.is_none(),
            value: text.unwrap_or_default(),
        }
    }

    fn column_info(&self, index: usize) -> ColumnInfo {
        let column = &self.columns[index];
        ColumnInfo::new(&column.name, column.data_type)
    }
}
