//! Which source objects go into which new object. The plan follows from the listing alone.

use std::ops::Range;
use std::path::{Path, PathBuf};

use futures::TryStreamExt;

use super::listing::Listing;
use super::{CompactError, CompactRequest};
use crate::error::CopyError;
use crate::manifest::{Manifest, ManifestEntry, ManifestMeta};
use crate::source::{Listed, SourceUrl, Stores, blocking, list_pages, nothing_found, read_object};

/// Compaction reads objects whole; larger ones are none of its business (RS 7.1: 1 MB to 1 GB are fine).
const MAX_OBJECT_BYTES: u64 = 256 << 20;
const MIN_SIZE_BYTES: u64 = 1 << 10;
const MAX_SIZE_BYTES: u64 = 1 << 30;
/// What names of new objects begin with.
const NAME: &str = "part-";

/// What will be written, and what of it is there.
#[derive(Debug, Clone)]
pub struct CompactPlan {
    pub(super) request: CompactRequest,
    pub(super) source: Listing,
    /// The new objects; none is empty.
    pub objects: Vec<PlannedObject>,
    /// Where the manifest goes.
    pub manifest_url: String,
    /// Whether the manifest is there: nothing is left to do.
    pub is_finished: bool,
    /// Number of objects of the source.
    pub source_objects: usize,
    /// Their bytes.
    pub source_bytes: u64,
}

/// One new object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedObject {
    /// `s3://…` or the absolute path.
    pub url: String,
    /// Bytes of its source objects.
    pub source_bytes: u64,
    /// Its size if an earlier run has written it.
    pub written_bytes: Option<u64>,
    /// Which objects of the source it is made of.
    pub(super) source: Range<usize>,
}

impl PlannedObject {
    /// Number of source objects it is made of.
    pub fn source_objects(&self) -> usize {
        self.source.len()
    }
}

impl CompactPlan {
    /// Bytes of source objects whose new object is still to be written.
    pub fn bytes_left(&self) -> u64 {
        let left = self.objects.iter().filter(|object| object.written_bytes.is_none());
        left.map(|object| object.source_bytes).sum()
    }

    /// The manifest, given the sizes of the new objects.
    pub(super) fn manifest(&self, sizes: impl Iterator<Item = u64>) -> Manifest {
        let entries = self.objects.iter().zip(sizes).map(|(object, size_bytes)| ManifestEntry {
            url: object.url.clone(),
            mandatory: true,
            meta: Some(ManifestMeta { content_length: Some(size_bytes) }),
        });
        Manifest { entries: entries.collect() }
    }
}

/// Lists source and target and plans the new objects: of about equal size, in the order of the source,
/// their number a multiple of the slices unless the source has fewer objects.
///
/// # Errors
/// [`CompactError`]: options that cannot be, nothing to compact, an object that is too large, a target
/// within the source or with objects of another plan.
pub async fn plan_compaction(request: CompactRequest, stores: &Stores) -> Result<CompactPlan, CompactError> {
    check_options(&request)?;
    let target = with_slash(&request.target)?;
    check_apart(&request.source, &target).await?;
    let source = Listing::of(list_pages(&request.source, stores, &request.access)?).await?;
    if source.listed == 0 {
        return Err(nothing_found(&request.source)?.into());
    }
    if let Some(large) = source.iter().find(|object| object.size_bytes > MAX_OBJECT_BYTES) {
        let (url, size_bytes) = (large.url.to_owned(), large.size_bytes);
        return Err(CompactError::ObjectTooLarge { url, size_bytes, max_bytes: MAX_OBJECT_BYTES });
    }
    let (source_objects, source_bytes) = (source.listed, source.size_bytes);
    if source_bytes == 0 {
        return Err(CompactError::NothingToCompact { source_url: request.source });
    }
    let ranges = partition(&source, source_bytes, request.size_bytes, request.slices);
    let count = ranges.len();
    let objects = ranges.into_iter().enumerate().map(|(index, range)| {
        let digest = digest(range.clone().map(|index| source.get(index)), &request);
        let suffix = request.compression.suffix();
        PlannedObject {
            url: format!("{target}{NAME}{:05}-of-{count:05}-{digest:016x}.json{suffix}", index + 1),
            source_bytes: range.clone().map(|index| source.get(index).size_bytes).sum(),
            written_bytes: None,
            source: range,
        }
    });
    let mut plan = CompactPlan {
        objects: objects.collect(),
        manifest_url: format!("{target}manifest"),
        is_finished: false,
        source,
        source_objects,
        source_bytes,
        request,
    };
    find_written(&mut plan, &target, stores).await?;
    Ok(plan)
}

fn check_options(request: &CompactRequest) -> Result<(), CompactError> {
    let invalid = |option, reason: &str| CompactError::InvalidOption { option, reason: reason.to_owned() };
    if !(MIN_SIZE_BYTES..=MAX_SIZE_BYTES).contains(&request.size_bytes) {
        return Err(invalid("size", "give 1KB to 1GB; Redshift loads objects of 1MB to 1GB best"));
    }
    if request.slices == 0 {
        return Err(invalid("slices", "a cluster has at least one"));
    }
    Ok(())
}

/// The target as names begin with it: absolute, a slash at its end.
fn with_slash(target: &str) -> Result<String, CompactError> {
    let mut target = match SourceUrl::parse(target)? {
        SourceUrl::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
        SourceUrl::Local(path) => path.display().to_string(),
    };
    if !target.ends_with('/') {
        target.push('/');
    }
    Ok(target)
}

/// Refuses a target whose objects the source's prefix covers.
async fn check_apart(source: &str, target: &str) -> Result<(), CompactError> {
    let within = match (SourceUrl::parse(source)?, SourceUrl::parse(target)?) {
        (
            SourceUrl::S3 { bucket: source_bucket, key: prefix },
            SourceUrl::S3 { bucket: target_bucket, key: folder },
        ) => source_bucket == target_bucket && covers(&prefix, &folder),
        (SourceUrl::Local(prefix), SourceUrl::Local(folder)) => {
            let (prefix, folder) = blocking(move || Ok((real_path(&prefix), real_path(&folder)))).await?;
            covers(&prefix, &folder)
        }
        _ => false,
    };
    if !within {
        return Ok(());
    }
    Err(CompactError::TargetInSource { target: target.to_owned(), source_url: source.to_owned() })
}

/// Whether a prefix matches names that the folder's new objects will have.
fn covers(prefix: &str, folder: &str) -> bool {
    format!("{folder}{NAME}").starts_with(prefix) || format!("{folder}manifest").starts_with(prefix)
}

/// A path with the links of its existing part followed; its end, which may be half a name, stays.
fn real_path(path: &Path) -> String {
    let text = path.display().to_string();
    let (folder, rest) = text.rsplit_once('/').unwrap_or(("", &text));
    let mut existing = PathBuf::from(format!("{folder}/"));
    let mut missing = PathBuf::new();
    loop {
        if let Ok(real) = existing.canonicalize() {
            let folder = real.join(&missing).display().to_string();
            return format!("{}/{rest}", folder.trim_end_matches('/'));
        }
        let Some(name) = existing.file_name().map(PathBuf::from) else { return text };
        missing = if missing.as_os_str().is_empty() { name } else { name.join(&missing) };
        existing.pop();
    }
}

/// Ranges of about equal bytes: an object belongs to the range that its middle is in.
fn partition(source: &Listing, source_bytes: u64, size_bytes: u64, slices: u32) -> Vec<Range<usize>> {
    let slices = u64::from(slices);
    let wanted = source_bytes.div_ceil(size_bytes).next_multiple_of(slices);
    let count = wanted.min(source.len() as u64);
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(count as usize);
    let mut bytes_before = 0_u64;
    let mut number = 0;
    for (index, object) in source.iter().enumerate() {
        let middle = u128::from(bytes_before) + u128::from(object.size_bytes / 2);
        let own = (middle * u128::from(count) / u128::from(source_bytes)) as u64;
        // No range stays empty: what is left over must reach for those behind.
        let ranges_left = count - number;
        let objects_left = (source.len() - index) as u64;
        let begins_next = index == 0 || own >= number || objects_left <= ranges_left;
        match ranges.last_mut() {
            Some(range) if !begins_next || number == count => range.end = index + 1,
            _ => {
                ranges.push(index..index + 1);
                number += 1;
            }
        }
        bytes_before += object.size_bytes;
    }
    ranges
}

/// FNV-1a over what a new object is made of; it must stay the same between versions of dwh.
fn digest<'a>(source: impl Iterator<Item = Listed<'a>>, request: &CompactRequest) -> u64 {
    const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let mut digest = OFFSET;
    let mut take = |text: &str| {
        for byte in text.bytes().chain([0]) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    };
    take(request.compression.suffix());
    for object in source {
        take(object.url);
        take(&object.size_bytes.to_string());
        take(object.etag.unwrap_or_default());
    }
    digest
}

/// Notes what an earlier run has written; refuses what another plan has.
async fn find_written(plan: &mut CompactPlan, target: &str, stores: &Stores) -> Result<(), CompactError> {
    let access = &plan.request.access;
    let mut pages = list_pages(&format!("{target}{NAME}"), stores, access)?;
    while let Some(page) = pages.try_next().await? {
        for object in page {
            // The planned names are in order.
            match plan.objects.binary_search_by(|planned| planned.url.as_str().cmp(&object.url)) {
                Ok(index) => plan.objects[index].written_bytes = Some(object.size_bytes),
                Err(_) => return Err(CompactError::TargetTaken { url: object.url.to_string() }),
            }
        }
    }
    let manifest = match read_object(&plan.manifest_url, stores, access).await {
        Ok(bytes) => bytes,
        Err(CopyError::Store { source, .. }) if source.is_not_found() => return Ok(()),
        Err(CopyError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let sizes: Option<Vec<u64>> = plan.objects.iter().map(|object| object.written_bytes).collect();
    let expected = sizes.map(|sizes| plan.manifest(sizes.into_iter()));
    let found = serde_json::from_slice::<Manifest>(&manifest).ok();
    if expected.is_none() || found != expected {
        return Err(CompactError::TargetTaken { url: plan.manifest_url.clone() });
    }
    plan.is_finished = true;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{covers, partition, real_path};
    use crate::compact::listing::Listing;
    use crate::source::Listed;

    fn objects(sizes: &[u64]) -> Listing {
        let mut listing = Listing::default();
        for size_bytes in sizes {
            listing.push(Listed { url: "", size_bytes: *size_bytes, etag: None });
        }
        listing
    }

    fn sizes_of(sizes: &[u64], size_bytes: u64, slices: u32) -> Vec<u64> {
        let source = objects(sizes);
        let ranges = partition(&source, sizes.iter().sum(), size_bytes, slices);
        assert_eq!(ranges.first().map(|range| range.start), Some(0));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
        assert_eq!(ranges.last().map(|range| range.end), Some(sizes.len()));
        ranges.into_iter().map(|range| sizes[range].iter().sum()).collect()
    }

    #[test]
    fn new_objects_are_of_equal_size_and_a_multiple_of_the_slices() {
        assert_eq!(sizes_of(&[10; 100], 300, 4), [250; 4]);
        assert_eq!(sizes_of(&[10; 100], 240, 4), [120, 130, 120, 130, 120, 130, 120, 130]);
        assert_eq!(sizes_of(&[1; 2000], 1 << 26, 8), [250; 8]);
    }

    #[test]
    fn no_new_object_is_empty_however_sizes_differ() {
        assert_eq!(sizes_of(&[1000, 1, 1, 1], 300, 4), [1000, 1, 1, 1]);
        assert_eq!(sizes_of(&[1, 1, 1, 1000], 300, 4), [1, 1, 1, 1000]);
        assert_eq!(sizes_of(&[5, 5], 1, 4), [5, 5]);
        assert_eq!(sizes_of(&[7], 1, 4), [7]);
    }

    #[test]
    fn a_prefix_covers_folders_whose_names_it_begins() {
        assert!(covers("data", "data_compacted/"));
        assert!(covers("", "x/"));
        assert!(covers("x/pa", "x/"));
        assert!(!covers("data/", "data_compacted/"));
        assert!(!covers("data/2018/", "data/"));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_hide_that_folders_are_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().canonicalize().expect("real").join("data");
        std::fs::create_dir(&data).expect("made");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&data, &link).expect("linked");
        assert_eq!(real_path(&link.join("new/folder/")), format!("{}/new/folder/", data.display()));
    }
}
