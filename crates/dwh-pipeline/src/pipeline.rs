//! A pipeline: what `pipeline.toml` says, and the files that it names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::dashboard::Dashboard;
use crate::error::PipelineError;
use crate::expected::ExpectedSet;
use crate::files::{DEFINITION, Files};
use crate::sql_file::SqlFile;
use crate::variables::Variable;

/// A pipeline, all files read and found.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Name; the ledger keeps it with every object.
    pub name: String,
    /// What it is for, in one line.
    pub description: String,
    /// What `${NAME}` in the files may be.
    pub variables: Vec<Variable>,
    /// CREATE TABLE and COMMENT ON, referenced tables before the ones that reference them.
    pub tables: Vec<SqlFile>,
    /// One COPY each.
    pub loads: Vec<SqlFile>,
    /// Statements that derive tables from staging, in order.
    pub transforms: Vec<SqlFile>,
    /// Queries that must return no row, by name.
    pub checks: Vec<SqlFile>,
    /// The analytics team's questions, by name.
    pub queries: Vec<SqlFile>,
    /// Expected results of the queries.
    pub expected: Vec<ExpectedSet>,
    /// How the console shows the queries.
    pub dashboard: Option<Dashboard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tables: Vec<String>,
    #[serde(default)]
    loads: Vec<String>,
    #[serde(default)]
    transforms: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, VariableDefinition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableDefinition {
    config: Option<String>,
    default: Option<String>,
    #[serde(default)]
    description: String,
}

impl Pipeline {
    /// A pipeline that the binary carries.
    ///
    /// # Errors
    /// [`PipelineError::UnknownPipeline`].
    pub fn built_in(name: &str) -> Result<Self, PipelineError> {
        Self::from_files(&Files::built_in(name)?)
    }

    /// The pipeline of a folder.
    ///
    /// # Errors
    /// [`PipelineError::NoPipeline`] without `pipeline.toml`, [`PipelineError::Definition`] and
    /// [`PipelineError::MissingFile`] for what is wrong in it.
    pub fn open(folder: &Path) -> Result<Self, PipelineError> {
        Self::from_files(&Files::read(folder)?)
    }

    fn from_files(files: &Files) -> Result<Self, PipelineError> {
        let text = files.get(DEFINITION).unwrap_or_default();
        let definition: Definition = toml::from_str(text).map_err(|error| PipelineError::Definition {
            path: DEFINITION.to_owned(),
            line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
            message: error.message().to_owned(),
        })?;
        let variables = definition.variables.into_iter().map(|(name, variable)| Variable {
            name,
            config_key: variable.config,
            default: variable.default,
            description: variable.description,
        });
        let queries: Vec<SqlFile> =
            files.below("queries/").map(|(path, text)| SqlFile::new(path, text)).collect();
        Ok(Self {
            name: definition.name,
            description: definition.description,
            variables: variables.collect(),
            tables: listed(files, "tables", "tables", &definition.tables)?,
            loads: listed(files, "loads", "load", &definition.loads)?,
            transforms: listed(files, "transforms", "transform", &definition.transforms)?,
            checks: files.below("checks/").map(|(path, text)| SqlFile::new(path, text)).collect(),
            expected: ExpectedSet::of_pipeline(files)?,
            dashboard: Dashboard::of_pipeline(files, &queries)?,
            queries,
        })
    }
}

fn listed(
    files: &Files,
    list: &'static str,
    folder: &str,
    names: &[String],
) -> Result<Vec<SqlFile>, PipelineError> {
    let file = |name: &String| {
        let path = format!("{folder}/{name}.sql");
        match files.get(&path) {
            Some(text) => Ok(SqlFile::new(&path, text)),
            None => Err(PipelineError::MissingFile { name: name.clone(), list, path }),
        }
    };
    names.iter().map(file).collect()
}
