//! Records of each format, taken apart into the values of the columns.

mod avro;
mod columnar;
mod csv;
mod delimited;
mod fixed_width;
mod json;
mod text;

use std::sync::Arc;

use arrow::datatypes::TimeUnit;

use crate::convert::Rules;
use crate::datetime::TimestampFormat;
use crate::error::CopyError;
use crate::framing::Framing;
use crate::jsonpaths::PathTree;
use crate::lane::{Lane, Source};
use crate::outcome::BatchSink;
use crate::plan;
use crate::request::{CopyRequest, DataFormat};
use crate::source::Stores;
use crate::state::Stopped;
use avro::AvroDecoder;
pub(crate) use delimited::is_escaped;
use json::JsonDecoder;
use text::{TextDecoder, TextRules};

use columnar::ColumnarFormat;
pub(crate) use columnar::{ColumnarDecoder, Unit};

/// How the objects of a COPY are decoded; shared by its slices.
#[derive(Clone)]
pub(crate) enum Decoder {
    Json(Arc<PathTree>),
    Text(Arc<TextRules>),
    Avro(Arc<PathTree>, Option<TimeUnit>),
    Columnar(Arc<ColumnarDecoder>),
}

/// What objects hold, as the fetcher must know it.
#[derive(Clone)]
pub(crate) enum ObjectKind {
    /// Records, one after another.
    Records(Framing),
    /// A file that is read from its beginning to its end.
    Sequential,
    /// A file of columns.
    Columnar(Arc<ColumnarDecoder>),
}

/// A decoder at work in one slice.
pub(crate) enum SliceDecoder {
    /// Objects are records, one after another.
    Records(Framing, RecordDecoder),
    /// Objects are Avro files.
    Avro(AvroDecoder),
    /// Objects are files of columns.
    Columnar(Arc<ColumnarDecoder>),
}

/// A decoder of records: what it learned of one helps with the next.
pub(crate) enum RecordDecoder {
    Json(JsonDecoder),
    Text(TextDecoder),
}

impl Decoder {
    /// Reads what the format needs to know, a JSONPaths file for example.
    ///
    /// # Errors
    /// Those of the format's options.
    pub(crate) async fn new(
        request: &CopyRequest,
        stores: &Stores,
        rules: &Arc<Rules>,
    ) -> Result<Self, CopyError> {
        let columnar = |format| {
            let access = request.access();
            let decoder = ColumnarDecoder::new(format, request, rules, stores.region(&access))?;
            Ok(Self::Columnar(Arc::new(decoder)))
        };
        match &request.format {
            DataFormat::Json(format) => {
                Ok(Self::Json(Arc::new(plan::path_tree(request, format, stores).await?)))
            }
            DataFormat::Text(format) => Ok(Self::Text(Arc::new(TextRules::new(format, &request.columns)?))),
            DataFormat::Avro(format) => {
                let unit = match rules.timestamps {
                    TimestampFormat::EpochSeconds => Some(TimeUnit::Second),
                    TimestampFormat::EpochMilliseconds => Some(TimeUnit::Millisecond),
                    _ => None,
                };
                Ok(Self::Avro(Arc::new(plan::path_tree(request, format, stores).await?), unit))
            }
            DataFormat::Parquet => columnar(ColumnarFormat::Parquet),
            DataFormat::Orc => columnar(ColumnarFormat::Orc),
        }
    }

    /// How records follow one another, or the decoder of files that are not records.
    pub(crate) fn kind(&self) -> ObjectKind {
        match self {
            Self::Json(_) => ObjectKind::Records(Framing::Json),
            Self::Text(rules) => ObjectKind::Records(rules.framing()),
            Self::Avro(..) => ObjectKind::Sequential,
            Self::Columnar(decoder) => ObjectKind::Columnar(Arc::clone(decoder)),
        }
    }

    pub(crate) fn for_slice(&self) -> SliceDecoder {
        match self {
            Self::Json(tree) => {
                SliceDecoder::Records(Framing::Json, RecordDecoder::Json(JsonDecoder::new(tree)))
            }
            Self::Text(rules) => {
                SliceDecoder::Records(rules.framing(), RecordDecoder::Text(TextDecoder::new(rules)))
            }
            Self::Avro(tree, unit) => SliceDecoder::Avro(AvroDecoder::new(tree, *unit)),
            Self::Columnar(decoder) => SliceDecoder::Columnar(Arc::clone(decoder)),
        }
    }
}

impl RecordDecoder {
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
