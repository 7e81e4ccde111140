//! JSON values, one a row (RS 1.5).

mod quick;
mod reader;

use std::ops::Range;

use jiter::JiterErrorType;
use memchr::memrchr;

use self::reader::{JsonReader, RecordError, Slot};
use crate::convert::{Rows, Value};
use crate::jsonpaths::PathTree;
use crate::lane::{Fault, Lane, Source};
use crate::outcome::BatchSink;
use crate::records::{Span, scan, skip_white_space};
use crate::state::Stopped;

/// Records that are converted together.
const BLOCK_ROWS: usize = 64;

/// Loads the values of JSON files.
pub(crate) struct JsonDecoder {
    reader: JsonReader,
    block: Block,
}

/// Records that were read and not yet converted.
struct Block {
    /// `BLOCK_ROWS` times the slots of a record.
    slots: Vec<Slot>,
    slots_per_record: usize,
    /// Where each record is in the source.
    records: Vec<Range<usize>>,
}

impl Block {
    #[inline]
    fn slots_of(&self, row: usize) -> &[Slot] {
        &self.slots[row * self.slots_per_record..][..self.slots_per_record]
    }

    fn next_slots(&mut self) -> &mut [Slot] {
        &mut self.slots[self.records.len() * self.slots_per_record..][..self.slots_per_record]
    }
}

/// The values of a block's records.
struct Values<'a, 'v> {
    reader: &'a JsonReader,
    block: &'a Block,
    bytes: &'v [u8],
    text: Option<&'v str>,
}

impl<'v> Rows<'v> for Values<'_, 'v> {
    // Else each value goes through memory, half written and half read: a stall a value.
    #[inline(always)]
    fn get(&self, row: usize, column: usize) -> (Value<'v>, &'v [u8]) {
        let offset = self.block.records[row].start;
        self.reader.value_of(column, self.block.slots_of(row), offset, self.bytes, self.text)
    }
}

impl JsonDecoder {
    pub(crate) fn new(tree: &PathTree) -> Self {
        let reader = JsonReader::new(tree.clone());
        let slots_per_record = reader.slot_count();
        let block = Block {
            slots: vec![Slot::default(); BLOCK_ROWS * slots_per_record],
            slots_per_record,
            records: Vec::with_capacity(BLOCK_ROWS),
        };
        Self { reader, block }
    }

    pub(crate) fn decode<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
    ) -> Result<(), Stopped> {
        let bytes = source.bytes;
        let mut start = skip_white_space(bytes, 0);
        while start < bytes.len() {
            let read = match bytes[start] {
                b'{' | b'[' => self.reader.read(&bytes[start..], self.block.next_slots()),
                _ => Err(RecordError::Foreign),
            };
            let end = match read {
                Ok(length) => {
                    let record = start..start + length;
                    lane.check_length(source, &record)?;
                    self.block.records.push(record);
                    if self.block.records.len() == BLOCK_ROWS {
                        self.load_block(lane, source)?;
                    }
                    start + length
                }
                Err(error) => {
                    // Errors are reported in the order of the records.
                    self.load_block(lane, source)?;
                    let (end, fault) = self.fault_of(bytes, start, error);
                    lane.check_length(source, &(start..end))?;
                    lane.reject(source, start..end, fault)?;
                    end
                }
            };
            start = skip_white_space(bytes, end);
        }
        self.load_block(lane, source)
    }

    /// Loads the records that were read, or rejects them.
    fn load_block<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
    ) -> Result<(), Stopped> {
        lane.check_stopped()?;
        let Self { reader, block } = self;
        let values = Values { reader, block, bytes: source.bytes, text: source.text };
        lane.load_rows(source, &block.records, &values)?;
        block.records.clear();
        Ok(())
    }

    /// Where the value that begins at `start` and cannot be loaded ends, and what is wrong with it.
    fn fault_of(&mut self, bytes: &[u8], start: usize, error: RecordError) -> (usize, Fault) {
        match error {
            RecordError::Foreign => {
                let location = start - memrchr(b'\n', &bytes[..start]).map_or(0, |newline| newline + 1);
                let reason =
                    format!("Unexpected character 0x{:02x} found at location {location}", bytes[start]);
                (span_end(bytes, start), Fault::of_record(location, reason))
            }
            RecordError::Mismatch { end, column, reason } => {
                (start + end, Fault { column, ..Fault::of_record(0, reason.to_owned()) })
            }
            RecordError::Syntax(error) => {
                let end = span_end(bytes, start);
                // Read again by itself: what is wrong with it must not depend on the records behind it.
                let record = bytes[start..end].trim_ascii_end();
                let error = match self.reader.read(record, self.block.next_slots()) {
                    Err(RecordError::Syntax(error)) => error,
                    _ => error,
                };
                let problem = match error.error_type {
                    JiterErrorType::JsonError(problem) => problem.to_string(),
                    JiterErrorType::WrongType { .. } => "unexpected value".to_owned(),
                };
                let reason = format!("Invalid JSON: {problem} at position {}", error.index);
                (end, Fault::of_record(error.index, reason))
            }
        }
    }
}

/// Where broken or foreign bytes end; parts end between records, so what is there is all there is.
fn span_end(bytes: &[u8], start: usize) -> usize {
    match scan(bytes, start, true) {
        Some(Span::Structure(end) | Span::Junk(end)) => end,
        None => bytes.len(),
    }
}
