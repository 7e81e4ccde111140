//! The manifest of an UNLOAD (RS 6.2); COPY reads its `entries`.

use arrow::datatypes::Schema;
use dwh_common::RedshiftType;
use serde::Serialize;

use super::request::{UnloadFormat, UnloadManifest, UnloadRequest};
use super::run::UnloadedFile;

#[derive(Serialize)]
struct Manifest<'a> {
    entries: Vec<Entry<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
}

#[derive(Serialize)]
struct Meta {
    content_length: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_count: Option<u64>,
}

/// What VERBOSE adds.
#[derive(Serialize)]
struct Details<'a> {
    schema: Elements<'a>,
    meta: Meta,
    author: Author,
}

#[derive(Serialize)]
struct Elements<'a> {
    elements: Vec<Element<'a>>,
}

#[derive(Serialize)]
struct Element<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    data_type: ElementType,
}

#[derive(Serialize)]
struct ElementType {
    base: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
}

#[derive(Serialize)]
struct Author {
    name: &'static str,
    version: &'static str,
}

/// The manifest's text. `header_lines` are those of each file: they count as records.
pub(super) fn manifest(
    request: &UnloadRequest,
    files: &[UnloadedFile],
    header_lines: u64,
) -> Result<Vec<u8>, serde_json::Error> {
    let is_verbose = request.manifest == UnloadManifest::Verbose;
    // COPY of Parquet does not do without the size (RS 1.3).
    let has_meta = is_verbose || matches!(request.format, UnloadFormat::Parquet { .. });
    let entries = files.iter().map(|file| Entry {
        url: &file.url,
        meta: has_meta.then(|| Meta {
            content_length: file.bytes,
            record_count: is_verbose.then_some(file.rows + header_lines),
        }),
    });
    let details = is_verbose.then(|| Details {
        schema: elements(&request.schema),
        meta: Meta {
            content_length: files.iter().map(|file| file.bytes).sum(),
            record_count: Some(files.iter().map(|file| file.rows + header_lines).sum()),
        },
        author: Author { name: "Amazon Redshift", version: "1.0.0" },
    });
    serde_json::to_vec_pretty(&Manifest { entries: entries.collect(), details })
}

/// All columns of the query, those of PARTITION BY included.
fn elements(schema: &Schema) -> Elements<'_> {
    let element = |field: &'_ arrow::datatypes::Field| {
        let data_type = RedshiftType::of_field(field).unwrap_or(RedshiftType::MAX_VARCHAR);
        let name = data_type.to_string();
        let (precision, scale) = match data_type {
            RedshiftType::Decimal { precision, scale } => (Some(precision), Some(scale)),
            _ => (None, None),
        };
        let base = name.split('(').next().unwrap_or_default().to_owned();
        ElementType { base, max_length: data_type.length_bytes(), precision, scale }
    };
    let elements =
        schema.fields().iter().map(|field| Element { name: field.name(), data_type: element(field) });
    Elements { elements: elements.collect() }
}
