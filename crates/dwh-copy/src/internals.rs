//! What benchmarks and fuzz targets reach inside the crate; no part of its interface.

use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use bytes::Bytes;
use futures::FutureExt;
use tokio::sync::mpsc;

use crate::buffers::Buffers;
use crate::convert::Rules;
use crate::decode::{Decoder, ObjectKind};
use crate::error::CopyError;
use crate::fetch::{Body, Part, Work, part_error};
use crate::jsonpaths::{self, PathTree};
use crate::load_error::LoadError;
use crate::outcome::{BatchSink, Progress, SinkError};
use crate::parts::PartReader;
use crate::records::{Header, Span, scan, skip_white_space};
use crate::request::CopyRequest;
use crate::slice::{Cutting, Slice, SliceOptions};
use crate::source::{ObjectMeta, StoreSettings, Stores};
use crate::state::{LoadState, ObjectState};

const BATCH_BYTES: usize = 16 << 20;

/// Number of JSON values, and of stretches of junk, that the bytes fall into.
pub fn count_spans(bytes: &[u8]) -> usize {
    let mut spans = 0;
    let mut start = skip_white_space(bytes, 0);
    while let Some(Span::Structure(end) | Span::Junk(end)) = scan(bytes, start, true)
        && start < bytes.len()
    {
        spans += 1;
        start = skip_white_space(bytes, end);
    }
    spans
}

/// A COPY of bytes in memory: one object, no store, no threads.
pub struct MemoryCopy {
    options: SliceOptions,
    error_limit: u64,
}

/// What became of the bytes.
#[derive(Debug, PartialEq)]
pub struct Decoded {
    /// Rows that were loaded.
    pub batches: Vec<RecordBatch>,
    /// Records that were rejected.
    pub errors: Vec<LoadError>,
}

impl MemoryCopy {
    /// For formats that need no file of their own; the request's source is not looked at.
    ///
    /// # Errors
    /// Those of the options.
    pub fn new(request: &CopyRequest) -> Result<Self, CopyError> {
        let stores = Stores::new(StoreSettings::default());
        let rules = Arc::new(Rules::new(&request.options)?);
        let decoder = Decoder::new(request, &stores, &rules).now_or_never();
        let decoder =
            decoder.unwrap_or_else(|| Err(CopyError::Internal("the format reads a file".to_owned())));
        Self::with_decoder(request, decoder?)
    }

    /// JSON by the bytes of a JSONPaths file.
    ///
    /// # Errors
    /// Those of the file and of the options.
    pub fn with_json_paths(request: &CopyRequest, paths: &[u8]) -> Result<Self, CopyError> {
        let invalid = |reason| CopyError::JsonPaths { url: String::new(), reason };
        let names = request.columns.iter().map(|column| column.name.as_str());
        let tree = jsonpaths::parse(paths, request.columns.len()).map_err(invalid)?;
        Self::with_decoder(
            request,
            Decoder::Json(Arc::new(tree.unwrap_or_else(|| PathTree::auto(names, false)))),
        )
    }

    fn with_decoder(request: &CopyRequest, decoder: Decoder) -> Result<Self, CopyError> {
        let options = SliceOptions {
            columns: request.columns.clone().into(),
            rules: Arc::new(Rules::new(&request.options)?),
            decoder,
            cutting: Cutting {
                coding: request.coding(),
                ignore_header_lines: request.options.ignore_header_lines,
                part_bytes: BATCH_BYTES,
            },
            batch_bytes: BATCH_BYTES,
        };
        Ok(Self { options, error_limit: request.options.error_limit() })
    }

    /// Decodes an object as a whole.
    ///
    /// # Errors
    /// Those of [`copy`](crate::copy).
    pub fn whole(&self, object: Bytes) -> Result<Decoded, CopyError> {
        self.run(|_| Ok(vec![Body::Object(object)]))
    }

    /// Decodes an object in parts, each by a slice that knows nothing of the others.
    ///
    /// # Errors
    /// Those of [`copy`](crate::copy).
    pub fn in_parts(&self, object: &[u8], part_bytes: usize) -> Result<Decoded, CopyError> {
        self.run(|cut| {
            let ObjectKind::Records(framing) = self.options.decoder.kind() else {
                return Err(CopyError::Internal("only records can be cut".to_owned()));
            };
            let Cutting { coding, ignore_header_lines, .. } = self.options.cutting;
            let mut reader = PartReader::new(
                object,
                framing,
                Header::new(ignore_header_lines),
                part_bytes,
                &Buffers::default(),
            );
            let mut parts = Vec::new();
            let failed = |error| part_error(cut, coding, error);
            while let Some(records) = reader.next_part().map_err(failed)? {
                parts.push(Body::Records(records));
            }
            Ok(parts)
        })
    }

    fn run(
        &self,
        parts: impl FnOnce(&ObjectState) -> Result<Vec<Body>, CopyError>,
    ) -> Result<Decoded, CopyError> {
        let state = Arc::new(LoadState::new(self.error_limit, u64::MAX, Arc::new(Progress::default())));
        let meta = ObjectMeta { url: "memory".into(), size_bytes: 0, etag: None, last_modified: None };
        let object = state.add_object(meta);
        let mut batches = Vec::new();
        for body in parts(&object)? {
            let slice = Slice::new(0, &self.options, Arc::clone(&state), Batches::default());
            state.open_part(&object);
            let part = Part { object: Arc::clone(&object), body };
            // A slice that was stopped has told the state why.
            if let Ok(done) = slice.run(&Mutex::new(work(&state, part)?)) {
                batches.extend(done.sink.0);
            }
        }
        Ok(Decoded { batches, errors: state.result()?.errors })
    }
}

/// A closed channel with one piece of work.
fn work(state: &LoadState, part: Part) -> Result<mpsc::Receiver<Work>, CopyError> {
    let (sender, receiver) = mpsc::channel(1);
    let permit = state.reserve(0).now_or_never().and_then(Result::ok);
    let sent = permit.map(|permit| sender.try_send(Work { parts: vec![part], permit, _room: None }));
    match sent {
        Some(Ok(())) => Ok(receiver),
        _ => Err(CopyError::Internal("the COPY has ended".to_owned())),
    }
}

#[derive(Default)]
struct Batches(Vec<RecordBatch>);

impl BatchSink for Batches {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.0.push(batch);
        Ok(())
    }
}
