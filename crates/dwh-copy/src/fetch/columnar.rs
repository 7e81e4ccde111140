//! Large objects of formats that are not cut into records: a slice reads what it needs of them.

use std::sync::Arc;

use super::wrapped::unwrapped;
use super::{Body, FetchError, Fetcher, Part, Work};
use crate::decode::{ColumnarDecoder, ObjectKind};
use crate::error::CopyError;
use crate::ranges::{RangeReader, WINDOWS_BYTES};
use crate::source::blocking;
use crate::state::ObjectState;

impl Fetcher {
    /// Hands over an object as its kind wants it.
    pub(super) async fn hand_over_ranges(&self, object: Arc<ObjectState>) -> Result<(), FetchError> {
        match &self.options.kind {
            ObjectKind::Columnar(decoder) => self.units(&object, decoder).await,
            ObjectKind::Sequential | ObjectKind::Records(_) => self.sequential(object).await,
        }
    }

    /// Hands over an object that a slice reads in windows.
    async fn sequential(&self, object: Arc<ObjectState>) -> Result<(), FetchError> {
        let permit = self.state.reserve(object.size_bytes.min(WINDOWS_BYTES)).await?;
        let whole = self.open(&object)?;
        let reader = whole.for_stretches(std::slice::from_ref(&(0..object.size_bytes)));
        self.state.add_bytes(object.size_bytes);
        self.hand_over(Work {
            parts: vec![Part { object, body: Body::Sequential(reader) }],
            permit,
            _room: None,
        })
        .await
    }

    /// Hands over the row groups or stripes of an object, each when there is room for its windows.
    async fn units(
        &self,
        object: &Arc<ObjectState>,
        decoder: &Arc<ColumnarDecoder>,
    ) -> Result<(), FetchError> {
        let whole = self.open(object)?;
        let (of, decoder) = (Arc::clone(object), Arc::clone(decoder));
        let units = blocking(move || {
            let within = unwrapped(&of, whole.clone());
            let whole = within.map_err(|error| decoder.not_unpacked(&of, &whole, &error))?;
            Ok((decoder.units(&of, &whole)?, whole))
        });
        let (units, whole) = units.await?;
        for unit in units {
            let permit = self.state.reserve(unit.bytes().min(WINDOWS_BYTES)).await?;
            let reader = whole.for_stretches(&unit.stretches);
            reader.prefetch().await?;
            self.state.open_part(object);
            self.state.add_bytes(unit.bytes());
            let part = Part { object: Arc::clone(object), body: Body::Unit(reader, unit) };
            self.hand_over(Work { parts: vec![part], permit, _room: None }).await?;
        }
        self.state.close_part(object);
        Ok(())
    }

    fn open(&self, object: &ObjectState) -> Result<RangeReader, CopyError> {
        object.start();
        RangeReader::open(object, &self.options.stores, &self.options.access, &self.state)
    }
}
