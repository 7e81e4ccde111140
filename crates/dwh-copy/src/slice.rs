//! One parallel lane of a COPY: takes objects and parts as they are fetched and decodes their records.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::coding::Coding;
use crate::convert::Rules;
use crate::decode::{Decoder, SliceDecoder};
use crate::fetch::{Body, Part, Work, part_error, rejected_object};
use crate::framing::Framing;
use crate::lane::{Lane, Source};
use crate::outcome::BatchSink;
use crate::parts::{PartError, PartReader};
use crate::records::{Header, count_lines};
use crate::request::TargetColumn;
use crate::state::{LoadState, ObjectState, Stopped};

/// What all slices of a COPY are made of.
#[derive(Clone)]
pub(crate) struct SliceOptions {
    pub(crate) columns: Arc<[TargetColumn]>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) decoder: Decoder,
    pub(crate) coding: Coding,
    pub(crate) ignore_header_lines: u64,
    pub(crate) part_bytes: usize,
    pub(crate) batch_bytes: usize,
}

/// One lane with its sink.
pub(crate) struct Slice<S> {
    state: Arc<LoadState>,
    decoder: SliceDecoder,
    lane: Lane<S>,
    framing: Framing,
    coding: Coding,
    ignore_header_lines: u64,
    part_bytes: usize,
}

/// What a slice has done.
pub(crate) struct SliceOutcome<S> {
    pub(crate) sink: S,
    pub(crate) rows_loaded: u64,
    pub(crate) rows_replaced: u64,
}

impl<S: BatchSink> Slice<S> {
    pub(crate) fn new(options: &SliceOptions, state: Arc<LoadState>, sink: S) -> Self {
        let lane = Lane::new(&options.columns, &options.rules, options.batch_bytes, Arc::clone(&state), sink);
        Self {
            state,
            decoder: options.decoder.for_slice(),
            lane,
            framing: options.decoder.framing(),
            coding: options.coding,
            ignore_header_lines: options.ignore_header_lines,
            part_bytes: options.part_bytes,
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
        let (sink, rows_loaded, rows_replaced) = self.lane.finish()?;
        Ok(SliceOutcome { sink, rows_loaded, rows_replaced })
    }

    fn part(&mut self, part: &Part) -> Result<(), Stopped> {
        let object = &*part.object;
        let header = Header::new(self.ignore_header_lines);
        match &part.body {
            Body::Records(records) => {
                self.records(object, &records.bytes, records.first_line, records.is_last)?;
            }
            Body::Object(bytes) if self.coding.is_plain() => {
                let mut header = header;
                let header = header.skip(bytes);
                let first_line = 1 + count_lines(&bytes[..header]);
                self.records(object, &bytes[header..], first_line, true)?;
            }
            Body::Object(bytes) => {
                let mut parts = match self.coding.reader(&bytes[..]) {
                    Ok(reader) => PartReader::new(reader, self.framing, header, self.part_bytes),
                    Err(error) => {
                        return Err(self.state.fail(part_error(object, self.coding, PartError::Io(error))));
                    }
                };
                loop {
                    match parts.next_part() {
                        Ok(Some(records)) => {
                            self.records(object, &records.bytes, records.first_line, records.is_last)?;
                        }
                        Ok(None) => break,
                        Err(error) => {
                            if let Some(rejected) = rejected_object(object, &error) {
                                self.state.reject(object, rejected)?;
                                break;
                            }
                            return Err(self.state.fail(part_error(object, self.coding, error)));
                        }
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
        let mut source = Source::new(object, bytes, first_line);
        self.decoder.decode(&mut self.lane, &mut source)?;
        self.lane.close(source);
        if is_last {
            let unfinished_line = u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
            object.set_lines_scanned(first_line - 1 + count_lines(bytes) + unfinished_line);
        }
        Ok(())
    }
}
