//! Which local files COPY and UNLOAD may use: users who come over a network must not read or write the
//! server's own.

use std::path::{Component, Path, PathBuf};

use super::url::SourceUrl;
use crate::error::CopyError;

/// Which local files may be read and written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LocalFiles {
    /// All that the process may: the statements are those of whoever started it.
    #[default]
    Anywhere,
    /// None; S3 only.
    Nowhere,
    /// What lies under a folder, links followed.
    Under(PathBuf),
}

impl LocalFiles {
    /// Reads a source; refuses local ones that may not be used.
    ///
    /// # Errors
    /// [`CopyError::InvalidSource`], [`CopyError::LocalFilesRefused`].
    pub(super) fn locate(&self, source: &str) -> Result<SourceUrl, CopyError> {
        let url = SourceUrl::parse(source)?;
        let SourceUrl::Local(path) = &url else { return Ok(url) };
        let refused = |folder: Option<&Path>| CopyError::LocalFilesRefused {
            source_url: source.to_owned(),
            folder: folder.map(|folder| folder.display().to_string()),
        };
        match self {
            Self::Anywhere => Ok(url),
            Self::Nowhere => Err(refused(None)),
            Self::Under(folder) => match (real(path), real(folder)) {
                // The folder itself is not a prefix of names beside it.
                (Some(path), Some(real)) if path == real => Ok(SourceUrl::Local(real.join(""))),
                (Some(path), Some(real)) if path.starts_with(&real) => Ok(url),
                _ => Err(refused(Some(folder))),
            },
        }
    }
}

/// The path without links, as far as it exists; `None` if `..` follows what does not.
fn real(path: &Path) -> Option<PathBuf> {
    let mut missing = Vec::new();
    for known in path.ancestors() {
        if let Ok(real) = known.canonicalize() {
            return Some(missing.iter().rev().fold(real, |path, name| path.join(name)));
        }
        match known.components().next_back()? {
            Component::Normal(name) => missing.push(name),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::LocalFiles;
    use crate::error::CopyError;

    #[test]
    fn only_what_lies_under_the_folder_may_be_used() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = outside.path().join("shared");
        std::fs::create_dir_all(folder.join("in")).expect("a folder");
        std::fs::write(outside.path().join("secret.json"), "{}").expect("a file");
        std::fs::create_dir(outside.path().join("shared-not")).expect("a folder");
        std::os::unix::fs::symlink(outside.path(), folder.join("link")).expect("a link");
        let files = LocalFiles::Under(folder.clone());
        let may = |path: &str| files.locate(&format!("{}/{path}", outside.path().display())).is_ok();
        for path in ["shared", "shared/", "shared/in", "shared/in/lo", "shared/new/deep/x", "shared/in/../in"]
        {
            assert!(may(path), "{path}");
        }
        for path in [
            "",
            "secret.json",
            "shared/../secret.json",
            "shared/link/secret.json",
            "shared-not/x",
            "shared/link/new/x",
            "shared/new/../../secret.json",
            "share",
        ] {
            assert!(!may(path), "{path}");
        }
        assert!(files.locate("s3://bucket/key").is_ok());
        let file_url = format!("file://{}/secret.json", outside.path().display());
        assert!(matches!(files.locate(&file_url), Err(CopyError::LocalFilesRefused { .. })));
    }

    #[test]
    fn nowhere_leaves_s3_only() {
        assert!(LocalFiles::Nowhere.locate("s3://bucket/key").is_ok());
        for source in ["data", "/etc/passwd", "file:///etc/passwd"] {
            let located = LocalFiles::Nowhere.locate(source);
            assert!(matches!(located, Err(CopyError::LocalFilesRefused { folder: None, .. })), "{source}");
        }
    }
}
