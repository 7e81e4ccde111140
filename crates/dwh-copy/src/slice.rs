//! One parallel lane of a COPY: takes objects and parts as they are fetched and decodes their records.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::buffers::Buffers;
use crate::coding::Coding;
use crate::convert::Rules;
use crate::decode::{Decoder, RecordDecoder, SliceDecoder};
use crate::error::CopyError;
use crate::fetch::{Body, Part, Work, part_error, rejected_object};
use crate::framing::Framing;
use crate::lane::{Lane, LaneOutcome, Source};
use crate::outcome::BatchSink;
use crate::parts::{PartError, PartReader};
use crate::ranges::RangeReader;
use crate::records::{Header, count_lines};
use crate::request::TargetColumn;
use crate::state::{LoadState, ObjectState, Stopped};

/// What all slices of a COPY are made of.
#[derive(Clone)]
pub(crate) struct SliceOptions {
    pub(crate) columns: Arc<[TargetColumn]>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) decoder: Decoder,
    pub(crate) cutting: Cutting,
    pub(crate) batch_bytes: usize,
}

/// How objects of records are unpacked and cut.
#[derive(Clone, Copy)]
pub(crate) struct Cutting {
    pub(crate) coding: Coding,
    pub(crate) ignore_header_lines: u64,
    pub(crate) part_bytes: usize,
}

/// One lane with its sink.
pub(crate) struct Slice<S> {
    state: Arc<LoadState>,
    decoder: SliceDecoder,
    lane: Lane<S>,
    cutting: Cutting,
    buffers: Buffers,
}

impl<S: BatchSink> Slice<S> {
    /// `number` is its own among the slices of the COPY, from 0.
    pub(crate) fn new(number: i32, options: &SliceOptions, state: Arc<LoadState>, sink: S) -> Self {
        let lane = Lane::new(
            number,
            &options.columns,
            &options.rules,
            options.batch_bytes,
            Arc::clone(&state),
            sink,
        );
        Self {
            state,
            decoder: options.decoder.for_slice(),
            lane,
            cutting: options.cutting,
            buffers: Buffers::default(),
        }
    }

    /// Decodes until nothing more comes.
    ///
    /// # Errors
    /// [`Stopped`]; the state says why.
    pub(crate) fn run(mut self, work: &Mutex<mpsc::Receiver<Work>>) -> Result<LaneOutcome<S>, Stopped> {
        loop {
            // One slice at a time waits for work; the others wait for it.
            let received = work.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            let Some(work) = received else { break };
            for part in work.parts {
                self.part(&part)?;
            }
        }
        self.lane.finish()
    }

    fn part(&mut self, part: &Part) -> Result<(), Stopped> {
        let object = &*part.object;
        object.taken_by(self.lane.slice);
        let coding = self.cutting.coding;
        let undecodable = |error| self.state.fail(part_error(object, coding, PartError::Io(error)));
        match (&mut self.decoder, &part.body) {
            (SliceDecoder::Records(_, decoder), Body::Records(part)) => {
                let mut records =
                    RecordLoader { decoder, lane: &mut self.lane, object, buffers: &self.buffers };
                records.load(part.bytes(), part.first_line, part.is_last)?;
            }
            (SliceDecoder::Records(framing, decoder), Body::Object(bytes)) => {
                let mut records =
                    RecordLoader { decoder, lane: &mut self.lane, object, buffers: &self.buffers };
                records.load_object(bytes, *framing, &self.cutting, &self.state)?;
            }
            (SliceDecoder::Avro(decoder), Body::Object(bytes)) => {
                let unpacked = coding.reader(&bytes[..]).map_err(undecodable)?;
                decoder.decode(&mut self.lane, object, unpacked, || None)?;
            }
            (SliceDecoder::Avro(decoder), Body::Sequential(reader)) => {
                let unpacked = coding.reader(reader.read_from(0)).map_err(undecodable)?;
                decoder.decode(&mut self.lane, object, unpacked, || reader.failure())?;
            }
            (SliceDecoder::Columnar(decoder), Body::Unit(reader, unit)) => {
                decoder.decode(&mut self.lane, object, reader, unit)?;
            }
            (SliceDecoder::Columnar(decoder), Body::Object(bytes)) => {
                let reader = RangeReader::of_bytes(object, bytes.clone(), &self.state);
                let units = decoder.units(object, &reader).map_err(|error| self.state.fail(error))?;
                for unit in &units {
                    decoder.decode(&mut self.lane, object, &reader, unit)?;
                }
            }
            (_, Body::Rejected(error)) => self.lane.reject_object(object, (**error).clone())?,
            // The fetcher and the slices of a COPY have the same decoder.
            _ => {
                let error = "a part was read for another format".to_owned();
                return Err(self.state.fail(CopyError::Internal(error)));
            }
        }
        self.state.close_part(object);
        Ok(())
    }
}

/// Loads records of one object.
struct RecordLoader<'a, S> {
    decoder: &'a mut RecordDecoder,
    lane: &'a mut Lane<S>,
    object: &'a ObjectState,
    buffers: &'a Buffers,
}

impl<S: BatchSink> RecordLoader<'_, S> {
    fn load_object(
        &mut self,
        bytes: &[u8],
        framing: Framing,
        cutting: &Cutting,
        state: &LoadState,
    ) -> Result<(), Stopped> {
        let Cutting { coding, ignore_header_lines, part_bytes } = *cutting;
        let mut header = Header::new(ignore_header_lines);
        if coding.is_plain() {
            let header = header.skip(bytes);
            let first_line = 1 + count_lines(&bytes[..header]);
            return self.load(&bytes[header..], first_line, true);
        }
        let failed = |error| state.fail(part_error(self.object, coding, error));
        let reader = coding.reader(bytes).map_err(|error| failed(PartError::Io(error)))?;
        let mut parts = PartReader::new(reader, framing, header, part_bytes, self.buffers);
        loop {
            match parts.next_part() {
                Ok(Some(part)) => self.load(part.bytes(), part.first_line, part.is_last)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    return match rejected_object(self.object, &error) {
                        Some(rejected) => self.lane.reject_object(self.object, rejected),
                        None => Err(state.fail(part_error(self.object, coding, error))),
                    };
                }
            }
        }
    }

    fn load(&mut self, bytes: &[u8], first_line: u64, is_last: bool) -> Result<(), Stopped> {
        let mut source = Source::new(self.object, bytes, first_line);
        self.decoder.decode(self.lane, &mut source)?;
        self.lane.close(source);
        if is_last {
            let unfinished_line = u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
            self.object.set_lines_scanned(first_line - 1 + count_lines(bytes) + unfinished_line);
        }
        Ok(())
    }
}
