use std::path::{Path, PathBuf};

use crate::error::CopyError;

/// A source as written, told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceUrl {
    /// `s3://bucket/key`; the key may be empty or a prefix.
    S3 {
        /// Bucket.
        bucket: String,
        /// Key or prefix.
        key: String,
    },
    /// An absolute path; as a prefix it may end within a name.
    Local(PathBuf),
}

impl SourceUrl {
    /// Reads `s3://…`, `file://…` or a path.
    pub(crate) fn parse(source: &str) -> Result<Self, CopyError> {
        let invalid = |reason: &str| CopyError::InvalidSource {
            source_url: source.to_owned(),
            reason: reason.to_owned(),
        };
        if let Some(rest) = source.strip_prefix("s3://") {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(invalid("there is no bucket between 's3://' and '/'"));
            }
            return Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        if source.starts_with("file:") {
            let path = url::Url::parse(source).ok().and_then(|url| url.to_file_path().ok());
            return path
                .map(Self::Local)
                .ok_or_else(|| invalid("a file URL is 'file://' and an absolute path"));
        }
        if source.contains("://") {
            return Err(invalid("COPY reads s3://, file:// and paths"));
        }
        if source.is_empty() {
            return Err(invalid("it is empty"));
        }
        let absolute = std::path::absolute(source)
            .map_err(|error| invalid(&format!("the current directory is not to be had: {error}")))?;
        // `std::path::absolute` drops a last `.`: `data/.` is the folder, not a prefix of names.
        let names_folder = source == "." || source.ends_with("/.") || source.ends_with("..");
        Ok(Self::Local(if names_folder { with_slash(&absolute) } else { absolute }))
    }
}

fn with_slash(path: &Path) -> PathBuf {
    path.join("")
}

#[cfg(test)]
mod tests {
    use super::SourceUrl;
    use crate::error::CopyError;

    #[test]
    fn buckets_and_prefixes_are_told_apart() {
        let s3 = |bucket: &str, key: &str| SourceUrl::S3 { bucket: bucket.to_owned(), key: key.to_owned() };
        assert_eq!(SourceUrl::parse("s3://b/a/c.json").ok(), Some(s3("b", "a/c.json")));
        assert_eq!(SourceUrl::parse("s3://b").ok(), Some(s3("b", "")));
        assert_eq!(SourceUrl::parse("file:///tmp/a%20b").ok(), Some(SourceUrl::Local("/tmp/a b".into())));
        assert_eq!(SourceUrl::parse("/tmp/a/").ok(), Some(SourceUrl::Local("/tmp/a/".into())));
    }

    #[test]
    fn relative_paths_become_absolute_and_a_dot_is_the_folder() {
        let here = std::env::current_dir().expect("there is one");
        assert_eq!(SourceUrl::parse("data").ok(), Some(SourceUrl::Local(here.join("data"))));
        let Ok(SourceUrl::Local(folder)) = SourceUrl::parse(".") else { panic!("a path") };
        assert!(folder.as_os_str().to_string_lossy().ends_with('/'), "{folder:?}");
    }

    #[test]
    fn other_schemes_are_refused() {
        for source in ["gs://b/k", "https://x/y", "s3:///k", "", "file://host/x"] {
            assert!(matches!(SourceUrl::parse(source), Err(CopyError::InvalidSource { .. })), "{source}");
        }
    }
}
