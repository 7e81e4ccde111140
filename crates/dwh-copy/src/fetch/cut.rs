//! Unpacks a large object and cuts it into parts, on a blocking thread.

use std::io::Read;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::local::file_error;
use super::{Body, FetchError, Fetcher, Part, Work, is_local};
use crate::coding::Coding;
use crate::compression::Compression;
use crate::decode::ObjectKind;
use crate::encoding::WrongEncoding;
use crate::error::CopyError;
use crate::load_error::{LoadError, code};
use crate::parts::{PartError, PartReader};
use crate::records::Header;
use crate::slice::Cutting;
use crate::state::{LoadState, ObjectState};

impl Fetcher {
    /// Cuts what the reader gives and hands it over part by part.
    pub(super) async fn cut(
        &self,
        reader: impl Read + Send + 'static,
        object: &Arc<ObjectState>,
    ) -> Result<(), FetchError> {
        let ObjectKind::Records(framing) = self.options.kind else {
            return Err(CopyError::Internal("only records can be cut".to_owned()).into());
        };
        let Cutting { coding, ignore_header_lines, part_bytes } = self.options.cutting;
        let cutter = Cutter {
            coding,
            state: Arc::clone(&self.state),
            object: Arc::clone(object),
            work: self.work.clone(),
            runtime: tokio::runtime::Handle::current(),
            part_bytes: part_bytes as u64,
            waiting: is_local(object).then(|| Arc::clone(&self.local_parts)),
        };
        let buffers = self.buffers.clone();
        let header = Header::new(ignore_header_lines);
        let cut = tokio::task::spawn_blocking(move || {
            let reader = cutter.coding.reader(reader);
            let reader =
                reader.map_err(|error| part_error(&cutter.object, cutter.coding, PartError::Io(error)))?;
            cutter.run(PartReader::new(reader, framing, header, part_bytes, &buffers))
        });
        cut.await.unwrap_or_else(|error| Err(CopyError::Internal(error.to_string()).into()))
    }
}

/// Cuts one object into parts.
struct Cutter {
    coding: Coding,
    state: Arc<LoadState>,
    object: Arc<ObjectState>,
    work: mpsc::Sender<Work>,
    runtime: tokio::runtime::Handle,
    part_bytes: u64,
    /// Leave for parts to wait, if they are not to be far ahead of the slices.
    waiting: Option<Arc<Semaphore>>,
}

impl Cutter {
    fn run<R: Read>(self, mut parts: PartReader<R>) -> Result<(), FetchError> {
        loop {
            // Before the part is read: its bytes count from then on.
            let mut permit = self.runtime.block_on(self.state.reserve(self.part_bytes))?;
            let records = match parts.next_part() {
                Ok(Some(records)) => records,
                Ok(None) => break,
                Err(error) => match rejected_object(&self.object, &error) {
                    Some(rejected) => {
                        self.hand_over(Body::Rejected(Box::new(rejected)), permit)?;
                        break;
                    }
                    None => return Err(part_error(&self.object, self.coding, error).into()),
                },
            };
            let more_bytes = (records.bytes().len() as u64).saturating_sub(self.part_bytes);
            if more_bytes > 0 {
                permit.merge(self.runtime.block_on(self.state.reserve(more_bytes))?);
            }
            self.hand_over(Body::Records(records), permit)?;
        }
        self.object.transferred();
        self.state.close_part(&self.object);
        Ok(())
    }

    fn hand_over(&self, body: Body, permit: OwnedSemaphorePermit) -> Result<(), FetchError> {
        self.state.open_part(&self.object);
        let part = Part { object: Arc::clone(&self.object), body };
        let room = match &self.waiting {
            Some(waiting) => {
                let room = self.runtime.block_on(Arc::clone(waiting).acquire_owned());
                Some(room.map_err(|_| FetchError::Stopped)?)
            }
            None => None,
        };
        let work = Work { parts: vec![part], permit, _room: room };
        self.work.blocking_send(work).map_err(|_| FetchError::Stopped)
    }
}

/// What cutting met, in terms of the object.
pub(crate) fn part_error(object: &ObjectState, coding: Coding, error: PartError) -> CopyError {
    match error {
        PartError::RecordTooLarge { line } => CopyError::RecordTooLarge { url: object.url.to_string(), line },
        PartError::Io(error) => match error.downcast::<CopyError>() {
            Ok(error) => error,
            Err(error) if coding.compression != Compression::None => CopyError::Compression {
                url: object.url.to_string(),
                compression: coding.compression,
                reason: error.to_string(),
            },
            Err(error) => file_error(object, error),
        },
    }
}

/// What is logged of an object that is not in the encoding of the statement: it is rejected as a whole, and
/// counts as one error.
pub(crate) fn rejected_object(object: &ObjectState, error: &PartError) -> Option<LoadError> {
    let PartError::Io(error) = error else { return None };
    let wrong = error.get_ref()?.downcast_ref::<WrongEncoding>()?;
    Some(LoadError {
        url: Arc::clone(&object.url),
        slice: 0,
        line_number: 1,
        column: None,
        position: 0,
        raw_line: String::new(),
        raw_field_value: String::new(),
        code: code::ENCODING,
        reason: wrong.to_string(),
        fields: Vec::new(),
    })
}
