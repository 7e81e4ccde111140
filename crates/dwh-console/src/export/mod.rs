//! A result as a file: CSV, JSON or Parquet.

mod csv;
mod json;
mod parquet;

use axum::body::Bytes;
use dwh_common::SqlError;
use serde::Deserialize;

use crate::runs::StatementRows;

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Csv,
    Json,
    Parquet,
}

/// What CSV does with texts that a spreadsheet would run as formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Formulas {
    /// An apostrophe in front keeps them texts.
    #[default]
    Text,
    /// As they are.
    Raw,
}

impl Format {
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// The whole file.
    ///
    /// # Errors
    /// A value does not fit its column's type, which is a fault of the warehouse.
    pub(crate) fn write(self, rows: &StatementRows, formulas: Formulas) -> Result<Bytes, SqlError> {
        match self {
            Self::Csv => Ok(csv::write(rows, formulas).into()),
            Self::Json => Ok(json::write(rows)?.into()),
            Self::Parquet => Ok(parquet::write(rows)?.into()),
        }
    }
}
