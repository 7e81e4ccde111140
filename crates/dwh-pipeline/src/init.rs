//! Writing a built-in pipeline out, to be edited.

use std::path::{Path, PathBuf};

use crate::error::PipelineError;
use crate::files::Files;

/// Writes the files of a built-in pipeline under a folder and returns their paths. Nothing is written if one
/// of them is there already, unless `force` is set.
///
/// # Errors
/// [`PipelineError::UnknownPipeline`], [`PipelineError::Exists`], [`PipelineError::Io`].
pub fn init(name: &str, folder: &Path, force: bool) -> Result<Vec<PathBuf>, PipelineError> {
    let files = Files::built_in(name)?;
    let paths: Vec<(PathBuf, &str)> = files.iter().map(|(path, text)| (folder.join(path), text)).collect();
    if !force && let Some((path, _)) = paths.iter().find(|(path, _)| path.exists()) {
        return Err(PipelineError::Exists { path: path.clone() });
    }
    for (path, text) in &paths {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| PipelineError::io(parent, error))?;
        }
        std::fs::write(path, text).map_err(|error| PipelineError::io(path, error))?;
    }
    Ok(paths.into_iter().map(|(path, _)| path).collect())
}
