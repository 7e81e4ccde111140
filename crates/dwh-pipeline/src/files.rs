//! The files of a pipeline, wherever they are.

use std::collections::BTreeMap;
use std::path::Path;

use crate::built_in;
use crate::error::PipelineError;

/// Text of each file by its path within the pipeline, `/` between the parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(BTreeMap<String, String>);

/// The folders that a pipeline may have; others beside them are left alone.
const FOLDERS: [(&str, &str); 6] = [
    ("tables", "sql"),
    ("load", "sql"),
    ("transform", "sql"),
    ("checks", "sql"),
    ("queries", "sql"),
    ("expected", "csv"),
];

/// Files that a pipeline may have.
const OPTIONAL: [&str; 1] = ["dashboard.toml"];

/// The file that makes a folder a pipeline.
pub(crate) const DEFINITION: &str = "pipeline.toml";

impl Files {
    pub(crate) fn built_in(name: &str) -> Result<Self, PipelineError> {
        let files = built_in::files(name).ok_or_else(|| PipelineError::UnknownPipeline {
            name: name.to_owned(),
            known: built_in::NAMES.join(", "),
        })?;
        Ok(Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()))
    }

    pub(crate) fn read(folder: &Path) -> Result<Self, PipelineError> {
        let mut files = Self::default();
        if !folder.join(DEFINITION).exists() {
            return Err(PipelineError::NoPipeline { folder: folder.to_owned() });
        }
        files.add(DEFINITION.to_owned(), &folder.join(DEFINITION))?;
        for name in OPTIONAL {
            let path = folder.join(name);
            if path.is_file() {
                files.add(name.to_owned(), &path)?;
            }
        }
        for (name, extension) in FOLDERS {
            files.add_folder(name, &folder.join(name), extension)?;
        }
        Ok(files)
    }

    fn add(&mut self, name: String, path: &Path) -> Result<(), PipelineError> {
        let text = std::fs::read_to_string(path).map_err(|error| PipelineError::io(path, error))?;
        self.0.insert(name, text);
        Ok(())
    }

    /// Adds a folder and those in it; one that is not there has no files.
    fn add_folder(&mut self, name: &str, folder: &Path, extension: &str) -> Result<(), PipelineError> {
        if !folder.is_dir() {
            return Ok(());
        }
        let entries = std::fs::read_dir(folder).map_err(|error| PipelineError::io(folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| PipelineError::io(folder, error))?.path();
            let Some(file_name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let inner = format!("{name}/{file_name}");
            if path.is_dir() {
                self.add_folder(&inner, &path, extension)?;
            } else if path.extension().is_some_and(|found| found == extension) {
                self.add(inner, &path)?;
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Path and text of the files whose path begins so, by path.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.iter().filter(move |(path, _)| path.starts_with(folder))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}
