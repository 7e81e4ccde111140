use std::io;
use std::path::PathBuf;

use dwh_common::{ErrorKind, SqlError, SqlState};

/// What keeps a pipeline from being read, run, checked or verified.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// No pipeline of that name is built in.
    #[error("there is no built-in pipeline \"{name}\"; built in: {known}")]
    UnknownPipeline {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A folder is not that of a pipeline.
    #[error(
        "there is no pipeline.toml in {folder}; name the folder of a pipeline, or let `dwh init --pipeline {folder}` \
         write the built-in one there", folder = .folder.display()
    )]
    NoPipeline {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `pipeline.toml` cannot be read, or an expected result is no CSV.
    #[error("{path}:{line}: {message}")]
    Definition {
        /// File within the pipeline.
        path: String,
        /// 1-based line.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
    /// `pipeline.toml` names a file that is not there.
    #[error("pipeline.toml lists \"{name}\" under {list}, but there is no {path}")]
    MissingFile {
        /// Name in the list.
        name: String,
        /// The list.
        list: &'static str,
        /// File within the pipeline.
        path: String,
    },
    /// A file uses a variable that is not declared.
    #[error("{path}:{line}: there is no variable {name}; pipeline.toml declares {known}")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// File within the pipeline.
        path: String,
        /// 1-based line.
        line: usize,
        /// The declared ones.
        known: String,
    },
    /// A file uses a variable that has neither a value nor a default.
    #[error("{path}:{line}: {name} has no value; {remedy}")]
    UnsetVariable {
        /// The variable.
        name: String,
        /// File within the pipeline.
        path: String,
        /// 1-based line.
        line: usize,
        /// Where to set it.
        remedy: String,
    },
    /// A statement of a file failed.
    #[error("{path}:{line}: statement {statement}: {source}")]
    Statement {
        /// File within the pipeline.
        path: String,
        /// 1-based line of the error, or of the statement if the error has no place.
        line: usize,
        /// 1-based number of the statement in its file.
        statement: usize,
        /// What the warehouse says.
        source: Box<SqlError>,
    },
    /// A file does not hold what its folder is for.
    #[error("{path}: {message}")]
    WrongFile {
        /// File within the pipeline.
        path: String,
        /// What it must be.
        message: &'static str,
    },
    /// No object matches the source of a load, and none ever did.
    #[error("{path}: nothing to load: no object begins with {source_url}")]
    NothingFound {
        /// File within the pipeline.
        path: String,
        /// The COPY's source.
        source_url: String,
    },
    /// The JSONPaths file of a load is not there.
    #[error("{path}: there is no JSONPaths file {url}")]
    NoJsonPaths {
        /// File within the pipeline.
        path: String,
        /// The file.
        url: String,
    },
    /// All would be loaded anew, and rows whose objects are gone would not come back.
    #[error(
        "everything would be loaded anew, and the rows of objects that are gone would be lost: {}; set [S3] \
         MANIFEST_PREFIX, or give --full-refresh if they may go", some_of(.vanished)
    )]
    RowsWouldBeLost {
        /// URLs of the objects.
        vanished: Vec<String>,
    },
    /// The warehouse failed at something that no file of the pipeline says.
    #[error("{doing}: {source}")]
    Warehouse {
        /// What was being done.
        doing: String,
        /// What the warehouse says.
        source: Box<SqlError>,
    },
    /// Nothing is expected of the data that is loaded.
    #[error(
        "no expected results are known for this input ({input}); known are {known}. \
         Give a folder of them, made by scripts/expected_results.py"
    )]
    NoExpectedResults {
        /// Objects and bytes of each load.
        input: String,
        /// The sets there are.
        known: String,
    },
    /// A filter of the dashboard is set to what it cannot be.
    #[error("filter {name}: {message}")]
    WrongFilter {
        /// The filter.
        name: String,
        /// What it takes.
        message: String,
    },
    /// A file that would be written is there already.
    #[error("{} is there already; remove it, or overwrite it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

impl PipelineError {
    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownPipeline { .. } | Self::NoPipeline { .. } | Self::MissingFile { .. } => {
                ErrorKind::UndefinedObject
            }
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => ErrorKind::UndefinedObject,
                io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
                _ => ErrorKind::Unavailable,
            },
            Self::Definition { .. } | Self::WrongFile { .. } => ErrorKind::Syntax,
            Self::UnknownVariable { .. } | Self::UnsetVariable { .. } | Self::RowsWouldBeLost { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::NothingFound { .. } | Self::NoJsonPaths { .. } | Self::NoExpectedResults { .. } => {
                ErrorKind::UndefinedObject
            }
            Self::Statement { source, .. } | Self::Warehouse { source, .. } => source.kind(),
            Self::WrongFilter { .. } => ErrorKind::InvalidData,
            Self::Exists { .. } => ErrorKind::DuplicateObject,
        }
    }

    /// The warehouse's own error, with its SQLSTATE, detail and hint.
    pub fn sql_error(&self) -> Option<&SqlError> {
        match self {
            Self::Statement { source, .. } | Self::Warehouse { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Whether the session is gone, and with it all that it had not committed.
    pub(crate) fn is_broken_connection(&self) -> bool {
        self.sql_error().is_some_and(ends_session)
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// For `map_err` on what the warehouse is asked beside the files of the pipeline.
    pub(crate) fn warehouse(doing: &str) -> impl FnOnce(SqlError) -> Self {
        move |source| Self::Warehouse { doing: doing.to_owned(), source: Box::new(source) }
    }
}

/// The first of a list that may be long.
fn some_of(urls: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = urls.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match urls.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Whether an error means that the session is gone, and with it all that it had not committed.
pub(crate) fn ends_session(error: &SqlError) -> bool {
    matches!(error.state, SqlState::ConnectionFailure | SqlState::AdminShutdown)
}
