//! The rows of a result, in pages, in a file without a name: memory holds one page.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use dwh_common::{SqlError, SqlState};
use dwh_engine::Rows;

use crate::error::ApiError;
use crate::fields::Writer;
use crate::statements::ResultFormat;

/// A page ends with the row that makes it longer.
const PAGE_BYTES: usize = 1 << 20;
/// A result has at most so many bytes (RS 7.4).
const MAX_RESULT_BYTES: u64 = 100 << 20;

/// A result.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) schema: SchemaRef,
    file: Mutex<File>,
    /// Where each page ends, in bytes.
    ends: Vec<u64>,
    row_count: u64,
}

impl Pages {
    /// Reads all rows and writes them down.
    ///
    /// # Errors
    /// What is wrong with the rows, 54000 for more than a result may have.
    pub(crate) async fn write(mut rows: Rows, format: ResultFormat) -> Result<Self, SqlError> {
        let io = |error: std::io::Error| SqlError::internal(format!("the result cannot be kept: {error}"));
        let mut pages = Self {
            schema: rows.schema.clone(),
            file: Mutex::new(tempfile::tempfile().map_err(io)?),
            ends: Vec::new(),
            row_count: 0,
        };
        let mut writer = Writer::new(format, rows.style, &pages.schema);
        while let Some(batch) = rows.next().await? {
            let columns = writer.columns(&batch)?;
            for row in 0..batch.num_rows() {
                writer.row(&columns, row);
                pages.row_count += 1;
                if writer.page.len() >= PAGE_BYTES {
                    pages.end_page(&std::mem::take(&mut writer.page)).map_err(io)?;
                }
            }
            if pages.size_bytes() > MAX_RESULT_BYTES {
                return Err(too_large());
            }
        }
        if !writer.page.is_empty() || pages.ends.is_empty() {
            pages.end_page(&writer.page).map_err(io)?;
        }
        Ok(pages)
    }

    fn end_page(&mut self, page: &str) -> std::io::Result<()> {
        let end = self.size_bytes() + page.len() as u64;
        self.file.get_mut().unwrap_or_else(PoisonError::into_inner).write_all(page.as_bytes())?;
        self.ends.push(end);
        Ok(())
    }

    pub(crate) fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Bytes of all pages, as they are sent.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// A page, and whether another follows; `None` if there is no such page.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn page(&self, number: usize) -> Result<Option<(String, bool)>, ApiError> {
        let Some(end) = self.ends.get(number) else { return Ok(None) };
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        let mut page = String::new();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(start))
            .and_then(|_| (&mut *file).take(end - start).read_to_string(&mut page));
        match read {
            Ok(_) => Ok(Some((page, number + 1 < self.ends.len()))),
            Err(error) => Err(ApiError::internal(format!("a result cannot be read: {error}"))),
        }
    }
}

fn too_large() -> SqlError {
    SqlError::new(SqlState::ProgramLimitExceeded, "the result is larger than 100 MB")
        .with_hint("UNLOAD it to S3, or ask for fewer rows.")
}
