use std::fs;
use std::io;

use tempfile::TempDir;

/// A temporary folder with these files, paths relative to it; it is removed when dropped.
///
/// # Errors
/// If a file cannot be written.
pub fn folder_of<B: AsRef<[u8]>>(
    files: impl IntoIterator<Item = (impl AsRef<str>, B)>,
) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (path, bytes) in files {
        let path = folder.path().join(path.as_ref());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(folder)
}
