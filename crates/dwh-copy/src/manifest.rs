//! Manifests: the exact objects of a load (RS 1.3).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ManifestProblem;

/// A manifest. Keys that are not listed here, such as those of an UNLOAD manifest, are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The objects, loaded in this order; one listed twice is loaded twice.
    #[serde(deserialize_with = "objects")]
    pub entries: Vec<ManifestEntry>,
}

/// One object of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The whole URL or path, no prefix.
    pub url: String,
    /// Whether the load fails when the object is missing.
    #[serde(default)]
    pub mandatory: bool,
    /// Needed for PARQUET and ORC, ignored for other formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<ManifestMeta>,
}

/// What a manifest says of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestMeta {
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_length: Option<u64>,
}

/// Reads a manifest's JSON.
///
/// # Errors
/// [`ManifestProblem::Malformed`] with line and column, [`ManifestProblem::NoEntries`].
pub fn parse_manifest(bytes: &[u8]) -> Result<Manifest, ManifestProblem> {
    let Object(manifest) = serde_json::from_slice::<Object<Manifest>>(bytes).map_err(|source| {
        let (line, column) = (source.line(), source.column());
        let reason = source.to_string();
        // The parser ends with the place, which is said before it here.
        let reason = reason.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&reason);
        ManifestProblem::Malformed { line, column, reason: reason.to_owned() }
    })?;
    if manifest.entries.is_empty() {
        return Err(ManifestProblem::NoEntries);
    }
    Ok(manifest)
}

/// A value that is written as an object: serde also takes a list of its fields for a struct.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"an object, as in {"entries": [{"url": "s3://bucket/key"}]}"#)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

fn objects<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ManifestEntry>, D::Error> {
    let entries = Vec::<Object<ManifestEntry>>::deserialize(deserializer)?;
    Ok(entries.into_iter().map(|Object(entry)| entry).collect())
}

#[cfg(test)]
mod tests {
    use super::{Manifest, ManifestEntry, parse_manifest};
    use crate::error::ManifestProblem;

    #[test]
    fn a_manifest_of_unload_can_be_read() {
        let text = br#"{"entries":[{"url":"s3://b/k","meta":{"content_length":5,"record_count":1}}],
            "schema":{"elements":[]},"meta":{"content_length":5},"author":{"name":"Amazon Redshift"}}"#;
        let manifest = parse_manifest(text).expect("valid");
        assert_eq!(manifest.entries.len(), 1);
        assert!(!manifest.entries[0].mandatory);
        assert_eq!(manifest.entries[0].meta.as_ref().and_then(|meta| meta.content_length), Some(5));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let entry = ManifestEntry { url: "s3://b/k".to_owned(), mandatory: true, meta: None };
        let manifest = Manifest { entries: vec![entry] };
        let text = serde_json::to_vec(&manifest).expect("serialises");
        assert_eq!(parse_manifest(&text), Ok(manifest));
    }

    #[test]
    fn malformed_manifests_name_line_and_column() {
        let problem = parse_manifest(b"{\"entries\":\n[{\"url\":1}]}").expect_err("url is a number");
        assert_eq!(
            problem.to_string(),
            "Problem reading manifest file - line 2, column 9: invalid type: integer `1`, expected a string"
        );
        assert_eq!(parse_manifest(b"{\"entries\":[]}"), Err(ManifestProblem::NoEntries));
    }

    #[test]
    fn what_is_no_object_says_what_a_manifest_is() {
        for text in [r#"["s3://b/k"]"#, r#"[[{"url":"s3://b/k"}]]"#, r#"{"entries":[["s3://b/k",true]]}"#] {
            let problem = parse_manifest(text.as_bytes()).expect_err("no object").to_string();
            assert!(
                problem.starts_with("Problem reading manifest file - line 1, column ")
                    && problem.contains(r#"invalid type: sequence, expected an object, as in {"entries": "#),
                "{problem}"
            );
        }
    }
}
