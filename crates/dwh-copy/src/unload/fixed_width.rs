//! FIXEDWIDTH: every value padded with blanks, none cut (RS 6.1).

use super::error::UnloadError;
use super::record::null_text;
use super::request::FixedWidthColumn;
use super::value::Values;

/// Lines of columns of fixed widths, in characters as COPY counts them (RS 1.2).
#[derive(Debug)]
pub(super) struct FixedWidth {
    pub(super) columns: Vec<FixedWidthColumn>,
    pub(super) null_as: String,
}

impl FixedWidth {
    pub(super) fn write(
        &self,
        columns: &[Values],
        row: usize,
        scratch: &mut String,
        out: &mut String,
    ) -> Result<(), UnloadError> {
        for (values, column) in columns.iter().zip(&self.columns) {
            let text = if !values.is_null(row) {
                values.text(row, scratch)
            } else if !values.is_text() && self.null_as.chars().count() > column.width {
                // A NULL AS that is too wide leaves columns that are not text empty.
                ""
            } else {
                null_text(values, &self.null_as)
            };
            let length = text.chars().count();
            let Some(padding) = column.width.checked_sub(length) else {
                let (label, width) = (column.label.clone(), column.width);
                return Err(UnloadError::TooWide { label, length, width });
            };
            out.push_str(text);
            out.extend(std::iter::repeat_n(' ', padding));
        }
        out.push('\n');
        Ok(())
    }
}
