use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use chrono::{DateTime, Utc};

use super::list::ObjectMeta;
use crate::error::CopyError;

/// The files whose absolute path begins with a prefix, in the byte order of their paths, as S3 lists keys.
pub(super) struct LocalWalk {
    /// Per folder being walked: what is left of it, last first.
    pending: Vec<Vec<Entry>>,
    /// Folders reached through links, so that a link to an ancestor ends.
    linked: HashSet<PathBuf>,
}

struct Entry {
    path: PathBuf,
    /// Path as it sorts: a folder's names all continue with its separator.
    key: Vec<u8>,
    metadata: Metadata,
}

impl LocalWalk {
    /// Begins at the folder that the prefix is in.
    pub(super) fn new(prefix: &Path) -> Result<Self, CopyError> {
        let text = prefix.as_os_str().as_encoded_bytes();
        let folder = if text.ends_with(b"/") { Some(prefix) } else { prefix.parent() };
        let mut walk = Self { pending: Vec::new(), linked: HashSet::new() };
        match folder.map(|folder| walk.read_folder(folder, text)) {
            Some(Err(CopyError::File { source, .. }))
                if matches!(
                    source.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) => {}
            Some(Err(error)) => return Err(error),
            Some(Ok(())) | None => {}
        }
        Ok(walk)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &[u8]) -> Result<(), CopyError> {
        let failed = |path: &Path, source| CopyError::File { path: path.display().to_string(), source };
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
            let entry = entry.map_err(|source| failed(folder, source))?;
            let path = entry.path();
            let mut key = path.as_os_str().as_encoded_bytes().to_vec();
            // A folder whose name only begins the prefix cannot be here: the walk starts below it.
            if !key.starts_with(prefix) {
                continue;
            }
            let metadata = match fs::metadata(&path) {
                // A dangling link, or gone since: not an object.
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => continue,
                result => result.map_err(|source| failed(&path, source))?,
            };
            // They have no size to read up to, and would load nothing in silence.
            if !metadata.is_dir() && !metadata.is_file() {
                let reason = "a device, pipe or socket cannot be loaded; write its data to a file first";
                return Err(failed(&path, std::io::Error::new(std::io::ErrorKind::Unsupported, reason)));
            }
            if metadata.is_dir() {
                let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                if is_link {
                    let target = fs::canonicalize(&path).map_err(|source| failed(&path, source))?;
                    if folder.starts_with(&target) || !self.linked.insert(target) {
                        continue;
                    }
                }
                key.push(b'/');
            }
            entries.push(Entry { path, key, metadata });
        }
        entries.sort_unstable_by(|a, b| b.key.cmp(&a.key));
        self.pending.push(entries);
        Ok(())
    }
}

impl Iterator for LocalWalk {
    type Item = Result<ObjectMeta, CopyError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let folder = self.pending.last_mut()?;
            match folder.pop() {
                None => {
                    self.pending.pop();
                }
                Some(entry) if entry.metadata.is_dir() => {
                    if let Err(error) = self.read_folder(&entry.path, b"") {
                        return Some(Err(error));
                    }
                }
                Some(entry) => return Some(Ok(file_meta(&entry.path, &entry.metadata))),
            }
        }
    }
}

/// What a listing says of a file.
pub(super) fn file_meta(path: &Path, metadata: &Metadata) -> ObjectMeta {
    let modified = metadata.modified().ok();
    let nanoseconds =
        modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |age| age.as_nanos());
    ObjectMeta {
        url: path.display().to_string().into(),
        size_bytes: metadata.len(),
        etag: Some(format!("\"{:x}-{nanoseconds:x}\"", metadata.len()).into()),
        last_modified: modified.map(DateTime::<Utc>::from),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::LocalWalk;

    fn names(root: &Path, prefix: &str) -> Vec<String> {
        let prefix = format!("{}/{prefix}", root.display());
        let walk = LocalWalk::new(Path::new(&prefix)).expect("walks");
        walk.map(|meta| {
            let url = meta.expect("listed").url;
            url.strip_prefix(&format!("{}/", root.display())).expect("below the root").to_owned()
        })
        .collect()
    }

    #[test]
    fn a_local_prefix_matches_like_a_key_prefix_and_sorts_like_keys() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for name in ["data/b", "data/a/x", "data_old/y", "data.bak", "data-1", "other/data"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("made");
            fs::write(path, b"{}").expect("written");
        }
        let all = ["data-1", "data.bak", "data/a/x", "data/b", "data_old/y"];
        assert_eq!(names(folder.path(), "data"), all);
        assert_eq!(names(folder.path(), "data/"), ["data/a/x", "data/b"]);
        assert_eq!(names(folder.path(), "data/b"), ["data/b"]);
        assert_eq!(names(folder.path(), "nothing/at/all"), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        let refused = LocalWalk::new(&socket).err().expect("refused").to_string();
        assert!(refused.contains("socket") && refused.contains("cannot be loaded"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_an_ancestor_ends() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let inner = folder.path().join("data");
        fs::create_dir(&inner).expect("made");
        fs::write(inner.join("f"), b"{}").expect("written");
        std::os::unix::fs::symlink(&inner, inner.join("loop")).expect("linked");
        assert_eq!(names(folder.path(), "data/"), ["data/f"]);
    }
}
