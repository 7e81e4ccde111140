//! Which objects a COPY reads, and what maps their fields to columns.

use dwh_common::RedshiftType;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::error::{CopyError, ManifestProblem};
use crate::jsonpaths::{self, PathTree};
use crate::manifest::{ManifestEntry, parse_manifest};
use crate::request::{CopyRequest, JsonFormat};
use crate::source::{ObjectMeta, ObjectPages, SourceUrl, Stores, head, list_pages, read_object};

/// Objects of a manifest asked for at the same time.
const HEAD_REQUESTS: usize = 64;
/// Objects of a manifest per page.
const MANIFEST_PAGE_OBJECTS: usize = 1000;

/// The objects in the order of the listing or manifest.
///
/// # Errors
/// Those of listing and manifest, also within the stream.
pub(crate) async fn objects(request: &CopyRequest, stores: &Stores) -> Result<ObjectPages, CopyError> {
    if request.manifest {
        manifest_objects(request, stores).await
    } else {
        list_pages(&request.source, stores, &request.access())
    }
}

async fn manifest_objects(request: &CopyRequest, stores: &Stores) -> Result<ObjectPages, CopyError> {
    let access = request.access();
    let failed = |problem| CopyError::Manifest { url: request.source.clone(), problem };
    let names_object = match stores.locate(&request.source)? {
        SourceUrl::S3 { key, .. } => !key.is_empty() && !key.ends_with('/'),
        SourceUrl::Local(path) => !path.is_dir(),
    };
    if !names_object {
        return Err(failed(ManifestProblem::NotAnObject));
    }
    let bytes = read_object(&request.source, stores, &access).await.map_err(|error| match error {
        CopyError::Store { source, .. } if source.is_not_found() => {
            failed(ManifestProblem::Unreadable(source.to_string()))
        }
        CopyError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            failed(ManifestProblem::Unreadable(source.to_string()))
        }
        other => other,
    })?;
    let manifest = parse_manifest(&bytes).map_err(failed)?;
    let found = stream::iter(manifest.entries).map(|entry| {
        let (stores, access) = (stores.clone(), access.clone());
        async move { Ok::<_, CopyError>((head(&entry.url, &stores, &access).await?, entry)) }
    });
    let found: Vec<_> = found.buffered(HEAD_REQUESTS).try_collect().await?;
    let mut objects = Vec::with_capacity(found.len());
    for (object, entry) in found {
        match object {
            Some(object) => {
                if request.format.is_columnar() {
                    check_content_length(&object, &entry).map_err(failed)?;
                }
                objects.push(object);
            }
            None if entry.mandatory => return Err(failed(ManifestProblem::MandatoryMissing(entry.url))),
            None => {}
        }
    }
    if objects.is_empty() {
        return Err(failed(ManifestProblem::NothingExists));
    }
    let pages: Vec<_> = objects.chunks(MANIFEST_PAGE_OBJECTS).map(|page| Ok(page.to_vec())).collect();
    Ok(stream::iter(pages).boxed())
}

/// PARQUET and ORC are read from their end, which the manifest must know (RS 1.3).
fn check_content_length(object: &ObjectMeta, entry: &ManifestEntry) -> Result<(), ManifestProblem> {
    let url = entry.url.clone();
    match entry.meta.as_ref().and_then(|meta| meta.content_length) {
        None => Err(ManifestProblem::ContentLengthMissing(url)),
        Some(content_length) if content_length != object.size_bytes => {
            let size_bytes = object.size_bytes;
            Err(ManifestProblem::ContentLengthMismatch { url, content_length, size_bytes })
        }
        Some(_) => Ok(()),
    }
}

/// The values that the columns take.
///
/// # Errors
/// [`CopyError::JsonPaths`], those of reading the file, and 'noshred' into anything but one SUPER column.
pub(crate) async fn path_tree(
    request: &CopyRequest,
    format: &JsonFormat,
    stores: &Stores,
) -> Result<PathTree, CopyError> {
    let auto =
        |ignore_case| PathTree::auto(request.columns.iter().map(|column| column.name.as_str()), ignore_case);
    Ok(match format {
        JsonFormat::Auto => auto(false),
        JsonFormat::AutoIgnoreCase => auto(true),
        JsonFormat::NoShred => match request.columns.as_slice() {
            [column] if column.data_type == RedshiftType::Super => PathTree::whole(),
            _ => {
                let reason = "the column list must be one SUPER column".to_owned();
                return Err(CopyError::InvalidOption { option: "JSON 'noshred'", reason });
            }
        },
        JsonFormat::JsonPaths(url) => {
            let bytes = read_object(url, stores, &request.access()).await?;
            let parsed = jsonpaths::parse(&bytes, request.columns.len());
            let tree = parsed.map_err(|reason| CopyError::JsonPaths { url: url.clone(), reason })?;
            tree.unwrap_or_else(|| auto(false))
        }
    })
}
