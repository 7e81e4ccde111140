//! The page's files, as `ui/build.mjs` has written them, packed once when the console starts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

include!("../assets/files.rs");

/// A file of the page.
pub(crate) struct Asset {
    pub(crate) media_type: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: Bytes,
    /// Changes with the content.
    pub(crate) etag: String,
}

/// The page's files by name.
pub(crate) struct Assets(HashMap<&'static str, Asset>);

impl Assets {
    pub(crate) fn new() -> Self {
        let asset = |(name, media_type, plain): &(&'static str, &'static str, &'static [u8])| {
            let mut hasher = DefaultHasher::new();
            plain.hash(&mut hasher);
            let etag = format!("\"{:016x}\"", hasher.finish());
            (*name, Asset { media_type, plain, gzip: gzip(plain), etag })
        };
        Self(FILES.iter().map(asset).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Asset> {
        self.0.get(name)
    }
}

/// Writing to memory does not fail; if it did, the plain file would be served.
fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    let packed = encoder.write_all(plain).and_then(|()| encoder.finish());
    packed.unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::Assets;

    #[test]
    fn the_page_is_small() {
        let assets = Assets::new();
        let packed: usize = assets.0.values().map(|asset| asset.gzip.len()).sum();
        assert!(packed < 500_000, "{packed} bytes");
        assert!(assets.get("index.html").is_some());
    }
}
