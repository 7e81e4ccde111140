//! Locations of data: `s3://bucket/prefix`, `file:///path`, or a path relative to where it was written.

use std::path::Path;

/// Checks a location and makes a path absolute, so that an object has one name in the ledger from
/// whatever folder dwh is run.
///
/// # Errors
/// What is wrong with it, and what it should look like. Never the part before an `@`, which may hold a key.
pub(super) fn resolve(text: &str, base: &Path) -> Result<String, String> {
    match text.split_once("://") {
        Some(("s3", rest)) => bucket(rest).map(|()| text.to_owned()),
        Some(("file", rest)) if rest.starts_with('/') => Ok(text.to_owned()),
        Some(("file", _)) => Err("file:// needs an absolute path, such as file:///data/log_data".to_owned()),
        Some((scheme, _)) => Err(format!(
            "{scheme}:// is not read; use s3://bucket/prefix, file:///path or a path \
             (for another S3-compatible store set AWS_ENDPOINT_URL_S3)"
        )),
        None if text.starts_with("s3:") || text.starts_with("file:") => {
            Err(format!("{text:?} lacks //; write s3://bucket/prefix or file:///path"))
        }
        None => Ok(absolute(text, base)),
    }
}

fn bucket(rest: &str) -> Result<(), String> {
    if rest.contains('@') {
        return Err("credentials do not belong in a location; use [AWS] KEY and SECRET".to_owned());
    }
    let bucket = rest.split('/').next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if bucket.is_empty() {
        Err("the bucket is missing; write s3://bucket/prefix".to_owned())
    } else if !bucket.chars().all(allowed) {
        Err(format!("{bucket:?} is no bucket name; letters, digits, '.', '-' and '_' are"))
    } else {
        Ok(())
    }
}

/// The path with its folder resolved; the last part may be the beginning of several names, so it need
/// not exist, and a closing slash stays.
fn absolute(text: &str, base: &Path) -> String {
    let joined = base.join(text);
    let joined = std::path::absolute(&joined).unwrap_or(joined);
    let path = match (joined.canonicalize(), joined.parent().map(Path::canonicalize), joined.file_name()) {
        (Ok(whole), _, _) => whole,
        (_, Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => joined,
    };
    let slash = if text.ends_with('/') { "/" } else { "" };
    format!("{}{slash}", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::resolve;

    #[test]
    fn urls_stay_and_paths_become_absolute() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().canonicalize().unwrap();
        std::fs::create_dir(folder.join("data")).unwrap();
        assert_eq!(resolve("s3://b-1.x/log_data", &folder).unwrap(), "s3://b-1.x/log_data");
        assert_eq!(resolve("file:///d/log", &folder).unwrap(), "file:///d/log");
        let expected = folder.join("data").display().to_string();
        assert_eq!(resolve("data", &folder).unwrap(), expected);
        assert_eq!(resolve("data/../data/", &folder).unwrap(), format!("{expected}/"));
        assert_eq!(resolve("data/2018-1", &folder).unwrap(), format!("{expected}/2018-1"));
    }

    #[test]
    fn bad_locations_say_what_to_write() {
        let cases = [
            ("http://b/x", "http:// is not read; use s3://bucket/prefix"),
            ("s3://", "the bucket is missing"),
            ("s3:/b/x", "lacks //"),
            ("file://data", "needs an absolute path"),
            ("s3://b u/x", "is no bucket name"),
        ];
        for (text, expected) in cases {
            let error = resolve(text, Path::new("/")).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_inside_a_location_is_not_repeated() {
        let error = resolve("s3://AKIA:hunter2@bucket/x", Path::new("/")).unwrap_err();
        assert!(!error.contains("hunter2") && !error.contains("AKIA"), "{error}");
    }
}
