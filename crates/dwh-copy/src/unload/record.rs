//! A row as text, in one of the line formats.

use super::csv::Csv;
use super::delimited::Delimited;
use super::error::UnloadError;
use super::fixed_width::FixedWidth;
use super::json::Json;
use super::value::Values;

/// How rows become lines.
#[derive(Debug)]
pub(super) enum RecordFormat {
    Delimited(Delimited),
    Csv(Csv),
    FixedWidth(FixedWidth),
    Json(Json),
}

impl RecordFormat {
    /// The first line of every file, with its end; empty without HEADER.
    pub(super) fn header(&self) -> &str {
        match self {
            Self::Delimited(format) => &format.header,
            Self::Csv(format) => &format.header,
            Self::FixedWidth(_) | Self::Json(_) => "",
        }
    }

    /// Whether a result without rows still makes an (empty) file (RS 6.2).
    pub(super) fn writes_empty_file(&self) -> bool {
        !matches!(self, Self::Json(_))
    }

    /// Writes a row and its line end. `scratch` is a buffer of the caller.
    pub(super) fn write(
        &self,
        columns: &[Values],
        row: usize,
        scratch: &mut String,
        out: &mut String,
    ) -> Result<(), UnloadError> {
        match self {
            Self::Delimited(format) => format.write(columns, row, scratch, out),
            Self::Csv(format) => format.write(columns, row, scratch, out),
            Self::FixedWidth(format) => format.write(columns, row, scratch, out)?,
            Self::Json(format) => format.write(columns, row, scratch, out),
        }
        Ok(())
    }
}

/// The text of NULL in a text format: a SUPER column has JSON's own, whatever NULL AS says.
pub(super) fn null_text<'a>(column: &Values, null_as: &'a str) -> &'a str {
    if matches!(column, Values::Super(_)) { "null" } else { null_as }
}
