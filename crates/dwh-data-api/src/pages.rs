//! The rows of a result, in pages, in a temporary file: memory holds one page, and no result holds a file open.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use dwh_common::{SqlError, SqlState};
use dwh_engine::Rows;
use tempfile::{NamedTempFile, TempPath};

use crate::error::ApiError;
use crate::fields::Writer;
use crate::statements::ResultFormat;

/// A page ends with the row that makes it longer.
const PAGE_BYTES: usize = 1 << 20;
/// A result has at most so many bytes (RS 7.4).
const MAX_RESULT_BYTES: u64 = 100 << 20;

/// A result. Its file goes with it.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) schema: SchemaRef,
    path: TempPath,
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
        let (file, path) = blocking(|| Ok(NamedTempFile::new()?.into_parts())).await.map_err(cannot_keep)?;
        let file = Arc::new(file);
        let mut pages = Self { schema: rows.schema.clone(), path, ends: Vec::new(), row_count: 0 };
        let mut writer = Writer::new(format, rows.style, &pages.schema);
        while let Some(batch) = rows.next().await? {
            let columns = writer.columns(&batch)?;
            for row in 0..batch.num_rows() {
                writer.row(&columns, row);
                pages.row_count += 1;
                if writer.page.len() >= PAGE_BYTES {
                    pages.end_page(&file, std::mem::take(&mut writer.page)).await?;
                }
            }
        }
        if !writer.page.is_empty() || pages.ends.is_empty() {
            pages.end_page(&file, writer.page).await?;
        }
        Ok(pages)
    }

    async fn end_page(&mut self, file: &Arc<File>, page: String) -> Result<(), SqlError> {
        let end = self.size_bytes() + page.len() as u64;
        if end > MAX_RESULT_BYTES {
            return Err(too_large());
        }
        let file = Arc::clone(file);
        blocking(move || (&*file).write_all(page.as_bytes())).await.map_err(cannot_keep)?;
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
    pub(crate) async fn page(self: Arc<Self>, number: usize) -> Result<Option<(String, bool)>, ApiError> {
        let Some(end) = self.ends.get(number).copied() else { return Ok(None) };
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        let another = number + 1 < self.ends.len();
        match blocking(move || read(&self.path, start, end)).await {
            Ok(page) => Ok(Some((page, another))),
            Err(error) => Err(ApiError::internal(format!("a result cannot be read: {error}"))),
        }
    }
}

fn read(path: &Path, start: u64, end: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut page = String::new();
    file.take(end - start).read_to_string(&mut page)?;
    Ok(page)
}

/// Work on files, where it keeps no other request waiting.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn cannot_keep(error: io::Error) -> SqlError {
    SqlError::internal(format!("the result cannot be kept: {error}"))
}

fn too_large() -> SqlError {
    SqlError::new(SqlState::ProgramLimitExceeded, "the result is larger than 100 MB")
        .with_hint("UNLOAD it to S3, or ask for fewer rows.")
}
