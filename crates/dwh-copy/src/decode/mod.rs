//! Records of each format, taken apart into the values of the columns.

mod csv;
mod delimited;
mod fixed_width;
mod json;
mod text;

use std::sync::Arc;

use crate::error::CopyError;
use crate::framing::Framing;
use crate::jsonpaths::PathTree;
use crate::lane::{Lane, Source};
use crate::outcome::BatchSink;
use crate::plan;
use crate::request::{CopyRequest, DataFormat};
use crate::source::Stores;
use crate::state::Stopped;
pub(crate) use delimited::is_escaped;
use json::JsonDecoder;
use text::{TextDecoder, TextRules};

/// How the objects of a COPY are decoded; shared by its slices.
#[derive(Clone)]
pub(crate) enum Decoder {
    Json(Arc<PathTree>),
    Text(Arc<TextRules>),
}

/// A decoder at work in one slice: what it learned of one record helps with the next.
pub(crate) enum SliceDecoder {
    Json(JsonDecoder),
    Text(TextDecoder),
}

impl Decoder {
    /// Reads what the format needs to know, a JSONPaths file for example.
    ///
    /// # Errors
    /// Those of the format's options.
    pub(crate) async fn new(request: &CopyRequest, stores: &Stores) -> Result<Self, CopyError> {
        match &request.format {
            DataFormat::Json(format) => {
                Ok(Self::Json(Arc::new(plan::path_tree(request, format, stores).await?)))
            }
            DataFormat::Text(format) => Ok(Self::Text(Arc::new(TextRules::new(format, &request.columns)?))),
        }
    }

    /// How records follow one another.
    pub(crate) fn framing(&self) -> Framing {
        match self {
            Self::Json(_) => Framing::Json,
            Self::Text(rules) => rules.framing(),
        }
    }

    pub(crate) fn for_slice(&self) -> SliceDecoder {
        match self {
            Self::Json(tree) => SliceDecoder::Json(JsonDecoder::new(tree)),
            Self::Text(rules) => SliceDecoder::Text(TextDecoder::new(rules)),
        }
    }
}

impl SliceDecoder {
    /// Decodes whole records of an object.
    ///
    /// # Errors
    /// [`Stopped`]; the state says why.
    pub(crate) fn decode<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
    ) -> Result<(), Stopped> {
        match self {
            Self::Json(decoder) => decoder.decode(lane, source),
            Self::Text(decoder) => decoder.decode(lane, source),
        }
    }
}
