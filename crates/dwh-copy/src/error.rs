use dwh_common::{ErrorKind, SqlError, SqlState};

use crate::compression::Compression;
use crate::load_error::{LoadError, code};
use crate::outcome::{ObjectReport, SinkError};

/// Why a COPY, a listing or the reading of an object failed. `Display` is Redshift's text where RS
/// has it; [`CopyError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// MAXERROR records were rejected; the caller logs them (RS 2.4 has the client's text).
    #[error("{error_count} record(s) could not be loaded")]
    TooManyErrors {
        /// The rejected records, by object and line.
        errors: Vec<LoadError>,
        /// How many.
        error_count: u64,
        /// What was read until then.
        objects: Vec<ObjectReport>,
    },
    /// A PARQUET or ORC file does not fit the table, or is damaged (RS 1.9); not skippable.
    #[error("{}", .0.reason)]
    Scan(Box<LoadError>),
    /// What is no Avro file, or is damaged.
    #[error("Invalid AVRO file found. {url}: {reason}")]
    Avro {
        /// Object.
        url: String,
        /// What the reader said.
        reason: String,
    },
    /// PARQUET or ORC into a SUPER column (RS 1.2).
    #[error("SUPER column in COPY query requires SERIALIZETOJSON option")]
    SuperNotSerialized,
    /// Nothing begins with the prefix.
    #[error("The specified S3 prefix '{prefix}' does not exist")]
    NoSuchPrefix {
        /// The prefix without bucket.
        prefix: String,
        /// The source as written.
        source_url: String,
    },
    /// No file or folder begins with the path.
    #[error("No file begins with '{path}'")]
    NoSuchPath {
        /// Absolute path.
        path: String,
    },
    /// The manifest, or an object it names.
    #[error("{problem}")]
    Manifest {
        /// The manifest.
        url: String,
        /// What is wrong.
        problem: ManifestProblem,
    },
    /// The JSONPaths file (RS 1.6); MAXERROR does not apply.
    #[error("{reason}")]
    JsonPaths {
        /// The file.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// A store refused or failed.
    #[error("{source}")]
    Store {
        /// The object, or the prefix that was listed.
        url: String,
        /// The answer.
        source: StoreError,
    },
    /// The credential chain is empty.
    #[error("no AWS credentials were found for bucket '{bucket}'")]
    NoCredentials {
        /// Bucket.
        bucket: String,
    },
    /// An object is not the one that was listed; what was loaded would be neither.
    #[error("{url} changed while it was loaded: {change}")]
    ObjectChanged {
        /// Object.
        url: String,
        /// What was listed, and what is there now.
        change: String,
    },
    /// An object that was listed is gone; `Display` is S3's answer.
    #[error("{source}")]
    ObjectVanished {
        /// Object.
        url: String,
        /// The answer.
        source: StoreError,
    },
    /// A local file could not be read or written.
    #[error("cannot access '{path}': {source}")]
    File {
        /// Path.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The object is not compressed as the statement says.
    #[error("{url} is not valid {compression} data: {reason}")]
    Compression {
        /// Object.
        url: String,
        /// As the statement says.
        compression: Compression,
        /// What the decompressor said.
        reason: String,
    },
    /// A record of more than 4 MB (RS 1.1, 1.5); not skippable.
    #[error("the record of {url} that begins on line {line} is larger than 4 MB")]
    RecordTooLarge {
        /// Object.
        url: String,
        /// 1-based line on which the record begins.
        line: u64,
    },
    /// The source cannot be read as a URL or path.
    #[error("'{source_url}' is no valid source: {reason}")]
    InvalidSource {
        /// As written.
        source_url: String,
        /// What is wrong.
        reason: String,
    },
    /// Local files may not be used, or only others (the server's `--local-files`).
    #[error("COPY and UNLOAD may not use the local path '{source_url}' here")]
    LocalFilesRefused {
        /// As written.
        source_url: String,
        /// The folder whose files may be used, if there is one.
        folder: Option<String>,
    },
    /// An option has a value that COPY does not take.
    #[error("{option}: {reason}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A sink refused a batch.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The COPY was cancelled.
    #[error("COPY was cancelled")]
    Cancelled,
    /// A fault of dwh.
    #[error("internal error in COPY: {0}")]
    Internal(String),
}

/// What is wrong with a manifest (RS 1.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// It cannot be read.
    #[error("Problem reading manifest file - {0}")]
    Unreadable(String),
    /// It is not the JSON it must be.
    #[error("Problem reading manifest file - line {line}, column {column}: {reason}")]
    Malformed {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
        /// What the parser said.
        reason: String,
    },
    /// It names no object.
    #[error("Problem reading manifest file - it has no entries")]
    NoEntries,
    /// The source of the COPY is a folder or bucket.
    #[error("COPY with MANIFEST parameter requires full path of an S3 object")]
    NotAnObject,
    /// A mandatory object is missing.
    #[error("Mandatory url is not present in manifest file: {0}")]
    MandatoryMissing(String),
    /// PARQUET and ORC need the sizes of the objects.
    #[error("Problem reading manifest file - content_length is missing for {0}")]
    ContentLengthMissing(String),
    /// An object is not of the size that the manifest says.
    #[error(
        "Problem reading manifest file - content_length of {url} is {content_length}, the object has \
         {size_bytes} bytes"
    )]
    ContentLengthMismatch {
        /// Object.
        url: String,
        /// What the manifest says.
        content_length: u64,
        /// What is there.
        size_bytes: u64,
    },
    /// None of its objects exists.
    #[error("None of the objects of the manifest file exists")]
    NothingExists,
}

/// The answer of an object store, as Redshift words it:
/// `S3ServiceException:Access Denied,Status 403,Error AccessDenied`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// What the store said.
    pub message: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// S3's error code, for example `NoSuchKey`.
    pub code: Option<String>,
}

/// Code of a key that object_store does not take; S3 itself has none.
pub(crate) const INVALID_KEY: &str = "InvalidKey";

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3ServiceException:{}", self.message)?;
        if let Some(status) = self.status {
            write!(f, ",Status {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, ",Error {code}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StoreError {}

impl From<CopyError> for SqlError {
    fn from(error: CopyError) -> Self {
        let sql = Self::new(error.sql_state(), error.to_string()).of_kind(error.kind());
        match error.hint() {
            Some(hint) => sql.with_hint(hint),
            None => sql,
        }
    }
}

impl StoreError {
    /// Whether the object or bucket is not there.
    pub fn is_not_found(&self) -> bool {
        self.status == Some(404)
    }
}

impl CopyError {
    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyErrors { .. } => ErrorKind::LoadFailed,
            Self::SuperNotSerialized => ErrorKind::Unsupported,
            Self::Scan(_) | Self::Avro { .. } | Self::Compression { .. } | Self::RecordTooLarge { .. } => {
                ErrorKind::InvalidData
            }
            Self::NoSuchPrefix { .. } | Self::NoSuchPath { .. } | Self::ObjectVanished { .. } => {
                ErrorKind::UndefinedObject
            }
            Self::Manifest { problem, .. } => match problem {
                ManifestProblem::Malformed { .. }
                | ManifestProblem::NoEntries
                | ManifestProblem::ContentLengthMissing(_) => ErrorKind::Syntax,
                ManifestProblem::ContentLengthMismatch { .. } => ErrorKind::Conflict,
                _ => ErrorKind::UndefinedObject,
            },
            Self::JsonPaths { .. } => ErrorKind::Syntax,
            Self::Store { source, .. } => match source.status {
                Some(401 | 403) => ErrorKind::PermissionDenied,
                Some(404) => ErrorKind::UndefinedObject,
                Some(300..=399) => ErrorKind::InvalidConfiguration,
                _ => ErrorKind::Unavailable,
            },
            Self::File { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => ErrorKind::UndefinedObject,
                std::io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
                _ => ErrorKind::Unavailable,
            },
            Self::NoCredentials { .. } | Self::InvalidSource { .. } | Self::InvalidOption { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::LocalFilesRefused { .. } => ErrorKind::PermissionDenied,
            Self::ObjectChanged { .. } => ErrorKind::Conflict,
            Self::Sink(_) => ErrorKind::LoadFailed,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// The SQLSTATE that a client gets; all load errors are XX000 (RS 2.5).
    pub fn sql_state(&self) -> SqlState {
        match self {
            Self::Cancelled => SqlState::QueryCanceled,
            Self::SuperNotSerialized => SqlState::FeatureNotSupported,
            Self::InvalidOption { .. } => SqlState::InvalidParameterValue,
            Self::LocalFilesRefused { .. } => SqlState::InsufficientPrivilege,
            Self::Internal(_) => SqlState::InternalError,
            _ => SqlState::LoadFailed,
        }
    }

    /// What to do, where there is something better than the message itself.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::TooManyErrors { .. } => {
                "See stl_load_errors for object, line and reason; MAXERROR n tolerates fewer than n of them."
                    .to_owned()
            }
            Self::SuperNotSerialized => "Add SERIALIZETOJSON to the COPY.".to_owned(),
            Self::Scan(error) => match error.code {
                code::UTF8 => "ACCEPTINVCHARS replaces invalid characters of VARCHAR columns.".to_owned(),
                _ => format!("The file is {}.", error.url),
            },
            Self::NoSuchPrefix { source_url, .. } => {
                format!("Check bucket and prefix: nothing is stored under {source_url}.")
            }
            Self::LocalFilesRefused { folder: Some(folder), .. } => {
                format!("Local files may be used under {folder}; S3 always.")
            }
            Self::LocalFilesRefused { folder: None, .. } => {
                "Use s3://, or start the server with --local-files FOLDER.".to_owned()
            }
            Self::NoSuchPath { .. } => {
                "Relative paths are taken from the current directory of dwh.".to_owned()
            }
            Self::Manifest { problem: ManifestProblem::MandatoryMissing(_), url } => {
                format!("Upload the object, or remove it from {url}.")
            }
            Self::Manifest { problem: ManifestProblem::ContentLengthMissing(_), url } => {
                format!(
                    "PARQUET and ORC need \"meta\": {{\"content_length\": bytes}} in each entry of {url}."
                )
            }
            Self::Manifest { url, .. } | Self::JsonPaths { url, .. } => format!("The file is {url}."),
            Self::Store { url, source } => match (source.status, source.code.as_deref()) {
                (_, Some("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken")) => {
                    "Check the keys of the statement; if it gives none, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
                     AWS_SESSION_TOKEN, or the profile."
                        .to_owned()
                }
                (Some(401 | 403), _) => format!(
                    "The credentials need s3:GetObject and s3:ListBucket on {url}; for a public bucket set \
                     AWS_SKIP_SIGNATURE=true."
                ),
                (Some(300..=399), _) => {
                    "The bucket is in another Region: give it with REGION or AWS_REGION.".to_owned()
                }
                (Some(404), _) => format!("Check the name of {url}."),
                (None, Some(INVALID_KEY)) => {
                    "Keys with control characters cannot be read: copy the objects to other keys.".to_owned()
                }
                (None, _) => {
                    "The store did not answer: check AWS_ENDPOINT_URL_S3, AWS_REGION and the network."
                        .to_owned()
                }
                _ => format!("It was the answer for {url}; try again later."),
            },
            Self::NoCredentials { .. } => {
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with AWS_PROFILE, or set \
                 AWS_SKIP_SIGNATURE=true for a public bucket."
                    .to_owned()
            }
            Self::ObjectVanished { url, .. } => {
                format!("{url} was listed and then removed; run the COPY again.")
            }
            Self::ObjectChanged { .. } => "Run the COPY again once the object is complete.".to_owned(),
            Self::Compression { compression, .. } => format!(
                "The keyword {compression} says that every object is compressed; leave it out for plain objects."
            ),
            Self::RecordTooLarge { .. } => {
                "Redshift loads records of up to 4 MB; split it, or look for a missing bracket or quote."
                    .to_owned()
            }
            _ => return None,
        })
    }
}
