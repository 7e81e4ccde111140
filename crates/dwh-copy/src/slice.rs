//! One parallel lane of a COPY: decodes records, converts their fields and fills batches.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use jiter::JiterErrorType;
use memchr::memrchr;
use tokio::sync::mpsc;

use crate::convert::{BatchBuilder, RowError, Rules};
use crate::decode::json::{JsonReader, RecordError};
use crate::error::CopyError;
use crate::fetch::{Body, Part, Work, part_error};
use crate::jsonpaths::PathTree;
use crate::load_error::{ColumnInfo, FieldDetail, LoadError, code, raw_text};
use crate::outcome::BatchSink;
use crate::parts::PartReader;
use crate::records::{Header, MAX_RECORD_BYTES, Span, count_lines, scan, skip_white_space};
use crate::request::{Compression, TargetColumn};
use crate::state::{LoadState, ObjectState, Stopped};

/// A batch is handed over when it has so many rows, or so many bytes of input.
const BATCH_ROWS: usize = 65_536;

/// What all slices of a COPY are made of.
#[derive(Clone)]
pub(crate) struct SliceOptions {
    pub(crate) columns: Arc<[TargetColumn]>,
    pub(crate) tree: Arc<PathTree>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) compression: Compression,
    pub(crate) ignore_header_lines: u64,
    pub(crate) part_bytes: usize,
    pub(crate) batch_bytes: usize,
}

/// One lane with its sink.
pub(crate) struct Slice<S> {
    options: SliceOptions,
    state: Arc<LoadState>,
    reader: JsonReader,
    batch: BatchBuilder,
    batched_bytes: usize,
    rows_loaded: u64,
    sink: S,
}

/// What a slice has done.
pub(crate) struct SliceOutcome<S> {
    pub(crate) sink: S,
    pub(crate) rows_loaded: u64,
    pub(crate) rows_replaced: u64,
}

/// Records being decoded.
struct Source<'a> {
    object: &'a ObjectState,
    bytes: &'a [u8],
    /// An offset and the line it is on, to count lines from when an error needs it.
    line_mark: (usize, u64),
}

impl Source<'_> {
    /// The line of an offset; offsets only grow.
    fn line_of(&mut self, offset: usize) -> u64 {
        let (from, line) = self.line_mark;
        self.line_mark = (offset, line + count_lines(&self.bytes[from..offset]));
        self.line_mark.1
    }
}

impl<S: BatchSink> Slice<S> {
    pub(crate) fn new(options: SliceOptions, state: Arc<LoadState>, sink: S) -> Self {
        Self {
            reader: JsonReader::new((*options.tree).clone()),
            batch: BatchBuilder::new(&options.columns, Arc::clone(&options.rules)),
            batched_bytes: 0,
            rows_loaded: 0,
            options,
            state,
            sink,
        }
    }

    /// Decodes until nothing more comes.
    ///
    /// # Errors
    /// [`Stopped`]; the state says why.
    pub(crate) fn run(mut self, work: &Mutex<mpsc::Receiver<Work>>) -> Result<SliceOutcome<S>, Stopped> {
        loop {
            // One slice at a time waits for work; the others wait for it.
            let received = work.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            let Some(work) = received else { break };
            for part in work.parts {
                self.part(&part)?;
            }
        }
        if self.state.is_stopped() {
            return Err(Stopped);
        }
        self.flush()?;
        Ok(SliceOutcome {
            sink: self.sink,
            rows_loaded: self.rows_loaded,
            rows_replaced: self.batch.rows_replaced(),
        })
    }

    fn part(&mut self, part: &Part) -> Result<(), Stopped> {
        let object = &*part.object;
        match &part.body {
            Body::Records(records) => {
                self.records(object, &records.bytes, records.first_line, records.is_last)?;
            }
            Body::Object(bytes) if self.options.compression == Compression::None => {
                let header = Header::new(self.options.ignore_header_lines).skip(bytes);
                let first_line = 1 + count_lines(&bytes[..header]);
                self.records(object, &bytes[header..], first_line, true)?;
            }
            Body::Object(bytes) => {
                let SliceOptions { ignore_header_lines, part_bytes, compression, .. } = self.options;
                let mut parts =
                    PartReader::new(MultiGzDecoder::new(&bytes[..]), ignore_header_lines, part_bytes);
                loop {
                    match parts.next_part() {
                        Ok(Some(records)) => {
                            self.records(object, &records.bytes, records.first_line, records.is_last)?;
                        }
                        Ok(None) => break,
                        Err(error) => return Err(self.state.fail(part_error(object, compression, error))),
                    }
                }
            }
        }
        self.state.close_part(object);
        Ok(())
    }

    fn records(
        &mut self,
        object: &ObjectState,
        bytes: &[u8],
        first_line: u64,
        is_last: bool,
    ) -> Result<(), Stopped> {
        let mut source = Source { object, bytes, line_mark: (0, first_line) };
        let mut rows = 0;
        let mut start = skip_white_space(bytes, 0);
        while start < bytes.len() {
            if self.state.is_stopped() {
                return Err(Stopped);
            }
            let (end, loaded) = self.record(&mut source, start)?;
            rows += u64::from(loaded);
            self.batched_bytes += end - start;
            if self.batch.rows() >= BATCH_ROWS || self.batched_bytes >= self.options.batch_bytes {
                self.flush()?;
            }
            start = skip_white_space(bytes, end);
        }
        self.rows_loaded += rows;
        self.state.add_rows(object, rows);
        if is_last {
            let unfinished_line = u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
            object.set_lines_scanned(first_line - 1 + count_lines(bytes) + unfinished_line);
        }
        Ok(())
    }

    /// Loads or rejects what begins at `start`. Its end, and whether it was loaded.
    fn record(&mut self, source: &mut Source<'_>, start: usize) -> Result<(usize, bool), Stopped> {
        let bytes = source.bytes;
        let first = bytes[start];
        if !matches!(first, b'{' | b'[') {
            let end = span_end(bytes, start);
            let location = start - memrchr(b'\n', &bytes[..start]).map_or(0, |newline| newline + 1);
            let reason = format!("Unexpected character 0x{first:02x} found at location {location}");
            self.reject(source, start..end, Fault::of_record(location, reason))?;
            return Ok((end, false));
        }
        let (end, fault) = match self.reader.read(&bytes[start..]) {
            Ok(length) => {
                let end = start + length;
                self.check_length(source, start, end)?;
                let record = &bytes[start..end];
                let reader = &self.reader;
                match self.batch.append(|column| reader.value_of(column, record)) {
                    Ok(()) => return Ok((end, true)),
                    Err(error) => (end, self.fault_of_field(record, error)),
                }
            }
            Err(RecordError::Mismatch { end, column, reason }) => {
                (start + end, Fault { column, ..Fault::of_record(0, reason.to_owned()) })
            }
            Err(RecordError::Syntax(error)) => {
                let problem = match error.error_type {
                    JiterErrorType::JsonError(problem) => problem.to_string(),
                    JiterErrorType::WrongType { .. } => "unexpected value".to_owned(),
                };
                let reason = format!("Invalid JSON: {problem} at position {}", error.index);
                (span_end(bytes, start), Fault::of_record(error.index, reason))
            }
        };
        self.check_length(source, start, end)?;
        self.reject(source, start..end, fault)?;
        Ok((end, false))
    }

    fn check_length(&self, source: &mut Source<'_>, start: usize, end: usize) -> Result<(), Stopped> {
        if end - start <= MAX_RECORD_BYTES {
            return Ok(());
        }
        let line = source.line_of(start);
        Err(self.state.fail(CopyError::RecordTooLarge { url: source.object.url.to_string(), line }))
    }

    fn fault_of_field(&self, record: &[u8], RowError { column, error }: RowError) -> Fault {
        Fault {
            code: error.code,
            position: error.position,
            reason: error.reason.into_owned(),
            column: Some(column),
            fields: (0..=column).map(|index| self.field_detail(index, record)).collect(),
        }
    }

    fn reject(&self, source: &mut Source<'_>, record: Range<usize>, fault: Fault) -> Result<(), Stopped> {
        let bytes = source.bytes[record.clone()].trim_ascii_end();
        let line = source.line_of(record.start + bytes.len());
        let error = LoadError {
            url: source.object.url.to_string(),
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

    fn field_detail(&self, index: usize, record: &[u8]) -> FieldDetail {
        let mut buffer = String::new();
        let text = self.reader.value_of(index, record).0.text(&mut buffer).map(raw_text);
        FieldDetail {
            index,
            column: self.column_info(index),
            is_null: text.is_none(),
            value: text.unwrap_or_default(),
        }
    }

    fn column_info(&self, index: usize) -> ColumnInfo {
        let column = &self.options.columns[index];
        ColumnInfo::new(&column.name, column.data_type)
    }

    fn flush(&mut self) -> Result<(), Stopped> {
        self.batched_bytes = 0;
        let batch =
            self.batch.finish().map_err(|error| self.state.fail(CopyError::Internal(error.to_string())))?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.sink.write(batch).map_err(|error| self.state.fail(CopyError::Sink(error)))
    }
}

/// What is wrong with a record.
struct Fault {
    code: i32,
    position: usize,
    reason: String,
    column: Option<usize>,
    /// The fields up to the failing one.
    fields: Vec<FieldDetail>,
}

impl Fault {
    /// A fault of the record's structure.
    fn of_record(position: usize, reason: String) -> Self {
        Self { code: code::STRUCTURE, position, reason, column: None, fields: Vec::new() }
    }
}

/// Where broken or foreign bytes end; parts end between records, so what is there is all there is.
fn span_end(bytes: &[u8], start: usize) -> usize {
    match scan(bytes, start, true) {
        Some(Span::Structure(end) | Span::Junk(end)) => end,
        None => bytes.len(),
    }
}
