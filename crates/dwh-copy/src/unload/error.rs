use dwh_common::{ErrorKind, RedshiftType, SqlError, SqlState};

use crate::error::CopyError;

/// Why an UNLOAD failed. `Display` is Redshift's text where RS has it; nothing that it wrote is left.
#[derive(Debug, thiserror::Error)]
pub enum UnloadError {
    /// There are objects under the prefix (RS 6.3).
    #[error(
        "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually \
         removing the target files in S3, or using the ALLOWOVERWRITE option."
    )]
    BucketNotEmpty {
        /// An object that is there.
        found: String,
    },
    /// There are files that begin with the path.
    #[error(
        "Specified unload destination is not empty. Consider using a different path, removing its files, or \
         using the ALLOWOVERWRITE option."
    )]
    FolderNotEmpty {
        /// A file that is there.
        found: String,
    },
    /// JSON and Parquet need names that tell columns apart.
    #[error("column name \"{name}\" is not unique in the query of the UNLOAD")]
    DuplicateColumn {
        /// Label.
        name: String,
    },
    /// PARTITION BY names a column that the query has not.
    #[error("column \"{name}\" of PARTITION BY does not exist in the query of the UNLOAD")]
    NoSuchPartitionColumn {
        /// As written.
        name: String,
    },
    /// Nothing would be left for the files.
    #[error("UNLOAD with PARTITION BY needs at least one column that is not in PARTITION BY")]
    OnlyPartitionColumns,
    /// A type that cannot name a folder.
    #[error("column \"{name}\" of type {data_type} cannot be used in PARTITION BY")]
    PartitionType {
        /// Column.
        name: String,
        /// Its type.
        data_type: RedshiftType,
    },
    /// A type that the format cannot hold.
    #[error("column \"{name}\" of type {data_type} cannot be unloaded to {format}")]
    UnsupportedType {
        /// Column.
        name: String,
        /// Its type.
        data_type: RedshiftType,
        /// `JSON`, `PARQUET`, ….
        format: &'static str,
    },
    /// FIXEDWIDTH has another number of columns than the query.
    #[error("FIXEDWIDTH has {given} columns and the query {columns}")]
    FixedWidthColumns {
        /// Of FIXEDWIDTH.
        given: usize,
        /// Of the query.
        columns: usize,
    },
    /// FIXEDWIDTH does not cut values.
    #[error(
        "a value of column \"{label}\" has {length} characters and does not fit its FIXEDWIDTH of {width}"
    )]
    TooWide {
        /// Label in FIXEDWIDTH.
        label: String,
        /// Of the value.
        length: usize,
        /// Of the column.
        width: usize,
    },
    /// The store, or the file system.
    #[error(transparent)]
    Store(#[from] CopyError),
    /// A compressor or encoder failed.
    #[error("cannot encode {url}: {reason}")]
    Encode {
        /// The object.
        url: String,
        /// What was said.
        reason: String,
    },
    /// The query failed; the caller's own error, to be taken out again by downcast.
    #[error(transparent)]
    Query(Box<dyn std::error::Error + Send + Sync + 'static>),
}

impl UnloadError {
    /// The SQLSTATE that a client gets.
    pub fn sql_state(&self) -> SqlState {
        match self {
            Self::DuplicateColumn { .. } => SqlState::DuplicateColumn,
            Self::NoSuchPartitionColumn { .. } => SqlState::UndefinedColumn,
            Self::OnlyPartitionColumns | Self::FixedWidthColumns { .. } => SqlState::InvalidParameterValue,
            Self::PartitionType { .. } | Self::UnsupportedType { .. } => SqlState::FeatureNotSupported,
            Self::TooWide { .. } => SqlState::StringDataRightTruncation,
            Self::Store(error) => error.sql_state(),
            Self::Encode { .. } | Self::Query(_) => SqlState::InternalError,
            Self::BucketNotEmpty { .. } | Self::FolderNotEmpty { .. } => SqlState::LoadFailed,
        }
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::BucketNotEmpty { .. } | Self::FolderNotEmpty { .. } => ErrorKind::DuplicateObject,
            _ => self.sql_state().kind(),
        }
    }

    /// What to do, where there is something better than the message itself.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BucketNotEmpty { found } => format!("{found} is there."),
            Self::FolderNotEmpty { found } => format!(
                "{found} is there. Names begin with the path as written: to write into a folder, end it with '/'."
            ),
            Self::DuplicateColumn { .. } => {
                "Give each column of the query a name of its own with AS.".to_owned()
            }
            Self::NoSuchPartitionColumn { .. } => "Select the column in the query of the UNLOAD.".to_owned(),
            Self::OnlyPartitionColumns => {
                "Select another column, or keep those of PARTITION BY in the files with INCLUDE.".to_owned()
            }
            Self::PartitionType { .. } | Self::UnsupportedType { .. } => {
                "Cast the column to VARCHAR in the query.".to_owned()
            }
            Self::FixedWidthColumns { .. } => {
                "Write a label and a width for each column of the query: 'id:5,name:30'.".to_owned()
            }
            Self::TooWide { .. } => "Make the column wider: FIXEDWIDTH does not cut values.".to_owned(),
            Self::Store(CopyError::Store { url, source }) if matches!(source.status, Some(401 | 403)) => {
                format!(
                    "The credentials need s3:PutObject, s3:ListBucket and s3:AbortMultipartUpload for {url}."
                )
            }
            Self::Store(error) => return error.hint(),
            Self::Encode { .. } | Self::Query(_) => return None,
        })
    }
}

impl From<UnloadError> for SqlError {
    fn from(error: UnloadError) -> Self {
        let sql = match error {
            UnloadError::Query(source) => match source.downcast::<Self>() {
                Ok(sql) => return *sql,
                Err(source) => return Self::internal(source.to_string()),
            },
            ref error => Self::new(error.sql_state(), error.to_string()).of_kind(error.kind()),
        };
        match error.hint() {
            Some(hint) => sql.with_hint(hint),
            None => sql,
        }
    }
}
