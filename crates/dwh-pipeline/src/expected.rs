//! Expected results of the queries, one set for each data set that is known.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::PipelineError;
use crate::files::Files;
use crate::warehouse::ResultSet;

/// The file of a set that says which input it belongs to.
const INPUT: &str = "input.csv";

/// What the queries give on one data set, made by `scripts/expected_results.py` without dwh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedSet {
    /// Name of the data set.
    pub name: String,
    /// The input that it belongs to, by load.
    pub input: Vec<InputSize>,
    /// Result of each query by its name; an empty value stands for NULL, too.
    pub results: BTreeMap<String, ResultSet>,
}

/// How much a load has read in all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputSize {
    /// The load.
    pub load: String,
    /// Objects.
    pub objects: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
}

impl ExpectedSet {
    /// Reads a set from the CSV files of a folder.
    ///
    /// # Errors
    /// [`PipelineError::Io`], [`PipelineError::Definition`].
    pub fn open(folder: &Path) -> Result<Self, PipelineError> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(|error| PipelineError::io(folder, error))? {
            let path = entry.map_err(|error| PipelineError::io(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let text = std::fs::read_to_string(&path).map_err(|error| PipelineError::io(&path, error))?;
                files.insert(path.display().to_string(), text);
            }
        }
        let name = folder.display().to_string();
        Self::parse(&name, files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// The sets of a pipeline: one for each folder in `expected/`.
    pub(crate) fn of_pipeline(files: &Files) -> Result<Vec<Self>, PipelineError> {
        let mut sets: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for (path, text) in files.below("expected/") {
            if let Some((set, _)) = path["expected/".len()..].split_once('/') {
                sets.entry(set).or_default().push((path, text));
            }
        }
        sets.into_iter().map(|(name, files)| Self::parse(name, files.into_iter())).collect()
    }

    fn parse<'a>(name: &str, files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, PipelineError> {
        let mut set = Self { name: name.to_owned(), input: Vec::new(), results: BTreeMap::new() };
        for (path, text) in files {
            let file_name = path.rsplit(['/', '\\']).next().unwrap_or(path);
            let rows = read_csv(path, text)?;
            if file_name == INPUT {
                set.input = input_sizes(path, &rows)?;
            } else {
                set.results.insert(file_name.trim_end_matches(".csv").to_owned(), rows);
            }
        }
        set.input.sort();
        Ok(set)
    }
}

fn read_csv(path: &str, text: &str) -> Result<ResultSet, PipelineError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| PipelineError::Definition {
            path: path.to_owned(),
            line: error.position().map_or(1, |position| position.line() as usize),
            message: error.to_string(),
        })?;
        rows.push(record.iter().map(|value| Some(value.to_owned())).collect::<Vec<_>>());
    }
    if rows.is_empty() {
        return Err(PipelineError::Definition {
            path: path.to_owned(),
            line: 1,
            message: "the first line must name the columns".to_owned(),
        });
    }
    let columns = rows.remove(0).into_iter().flatten().collect();
    Ok(ResultSet { columns, rows })
}

fn input_sizes(path: &str, rows: &ResultSet) -> Result<Vec<InputSize>, PipelineError> {
    let sizes = rows.rows.iter().enumerate().map(|(index, row)| {
        input_size(row).ok_or_else(|| PipelineError::Definition {
            path: path.to_owned(),
            line: index + 2,
            message: "a line must be load,objects,bytes".to_owned(),
        })
    });
    sizes.collect()
}

fn input_size(row: &[Option<String>]) -> Option<InputSize> {
    let [Some(load), Some(objects), Some(bytes)] = row else { return None };
    Some(InputSize { load: load.clone(), objects: objects.parse().ok()?, bytes: bytes.parse().ok()? })
}
