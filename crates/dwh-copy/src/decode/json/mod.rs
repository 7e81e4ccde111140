//! JSON values, one a row (RS 1.5).

mod quick;
mod reader;

use jiter::JiterErrorType;
use memchr::memrchr;

use self::reader::{JsonReader, RecordError};
use crate::jsonpaths::PathTree;
use crate::lane::{Fault, Lane, Source};
use crate::outcome::BatchSink;
use crate::records::{Span, scan, skip_white_space};
use crate::state::Stopped;

/// Loads the values of JSON files.
pub(crate) struct JsonDecoder {
    reader: JsonReader,
}

impl JsonDecoder {
    pub(crate) fn new(tree: &PathTree) -> Self {
        Self { reader: JsonReader::new(tree.clone()) }
    }

    pub(crate) fn decode<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
    ) -> Result<(), Stopped> {
        let mut start = skip_white_space(source.bytes, 0);
        while start < source.bytes.len() {
            lane.check_stopped()?;
            let end = self.record(lane, source, start)?;
            start = skip_white_space(source.bytes, end);
        }
        Ok(())
    }

    /// Loads or rejects what begins at `start`. Its end.
    fn record<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
        start: usize,
    ) -> Result<usize, Stopped> {
        let bytes = source.bytes;
        let first = bytes[start];
        if !matches!(first, b'{' | b'[') {
            let end = span_end(bytes, start);
            let location = start - memrchr(b'\n', &bytes[..start]).map_or(0, |newline| newline + 1);
            let reason = format!("Unexpected character 0x{first:02x} found at location {location}");
            lane.reject(source, start..end, Fault::of_record(location, reason))?;
            return Ok(end);
        }
        let (end, fault) = match self.reader.read(&bytes[start..]) {
            Ok(length) => {
                let end = start + length;
                lane.check_length(source, &(start..end))?;
                let record = &bytes[start..end];
                let text = source.text.and_then(|text| text.get(start..end));
                lane.load(source, start..end, |column| self.reader.value_of(column, record, text))?;
                return Ok(end);
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
        lane.check_length(source, &(start..end))?;
        lane.reject(source, start..end, fault)?;
        Ok(end)
    }
}

/// Where broken or foreign bytes end; parts end between records, so what is there is all there is.
fn span_end(bytes: &[u8], start: usize) -> usize {
    match scan(bytes, start, true) {
        Some(Span::Structure(end) | Span::Junk(end)) => end,
        None => bytes.len(),
    }
}
