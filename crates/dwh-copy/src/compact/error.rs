use dwh_common::{ErrorKind, SqlError, SqlState};

use crate::error::CopyError;

/// Why a compaction was refused or failed. `Display` says what is wrong, [`CompactError::hint`] what to do.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// Listing, reading or writing failed.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// What is written would be part of the source.
    #[error("the target {target} lies within the source {source_url}")]
    TargetInSource {
        /// Target.
        target: String,
        /// Source.
        source_url: String,
    },
    /// The target holds what is not of this plan.
    #[error("{url} is in the target and not of this compaction")]
    TargetTaken {
        /// The first such object.
        url: String,
    },
    /// The source is not plain JSON.
    #[error("{url} is compressed with {compression}")]
    SourceCompressed {
        /// Object.
        url: String,
        /// Compression.
        compression: &'static str,
    },
    /// An object is not small.
    #[error("{url} has {size_bytes} bytes, more than the {max_bytes} that are compacted")]
    ObjectTooLarge {
        /// Object.
        url: String,
        /// Its size.
        size_bytes: u64,
        /// The most.
        max_bytes: u64,
    },
    /// A value that never ends would swallow the one behind it.
    #[error("the JSON value of {url} that begins on line {line} does not end")]
    UnfinishedValue {
        /// Object.
        url: String,
        /// 1-based.
        line: u64,
    },
    /// Nothing of the source has any bytes.
    #[error("the objects of {source_url} are all empty")]
    NothingToCompact {
        /// Source.
        source_url: String,
    },
    /// A size or number of slices that cannot be.
    #[error("{option}: {reason}")]
    InvalidOption {
        /// Name.
        option: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl CompactError {
    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Copy(error) => error.kind(),
            Self::TargetInSource { .. } | Self::InvalidOption { .. } => ErrorKind::InvalidConfiguration,
            Self::TargetTaken { .. } => ErrorKind::DuplicateObject,
            Self::SourceCompressed { .. } | Self::ObjectTooLarge { .. } | Self::UnfinishedValue { .. } => {
                ErrorKind::InvalidData
            }
            Self::NothingToCompact { .. } => ErrorKind::UndefinedObject,
        }
    }

    /// What to do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Copy(CopyError::ObjectChanged { .. } | CopyError::ObjectVanished { .. }) => {
                "The source must not change while it is compacted; run dwh compact again into an empty target."
                    .to_owned()
            }
            Self::Copy(error) => return error.hint(),
            Self::TargetInSource { .. } => {
                "The next COPY of the source would load every record twice; name a target outside of it."
                    .to_owned()
            }
            Self::TargetTaken { .. } => {
                "The source or the options have changed since that was written: give the same options, name \
                 an empty target, or remove what is there."
                    .to_owned()
            }
            Self::SourceCompressed { .. } => {
                "Only plain JSON objects are compacted; load compressed ones as they are.".to_owned()
            }
            Self::ObjectTooLarge { .. } => {
                "Such an object needs no compaction: move it out of the prefix and load it as it is.".to_owned()
            }
            Self::UnfinishedValue { .. } => {
                "It would run into the next object's values: repair it, or move it out of the prefix.".to_owned()
            }
            Self::NothingToCompact { .. } => "Check the source.".to_owned(),
            Self::InvalidOption { .. } => return None,
        })
    }
}

impl From<CompactError> for SqlError {
    fn from(error: CompactError) -> Self {
        let (kind, hint) = (error.kind(), error.hint());
        let sql = match error {
            CompactError::Copy(error) => Self::from(error),
            other => Self::new(SqlState::LoadFailed, other.to_string()).of_kind(kind),
        };
        match hint {
            Some(hint) => sql.with_hint(hint),
            None => sql,
        }
    }
}
