use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::task::JoinHandle;

use super::error::UnloadError;
use super::object::ObjectWriter;
use super::parquet::{ParquetFile, RowGroup};
use super::plan::FileFormat;
use super::record::RecordFormat;
use super::run::{Job, UnloadedFile};
use super::text_file::TextFile;
use super::value::Values;

/// Finished files of a slice that wait for the store's answer while the next one is written.
const MAX_FINISHING: usize = 8;

/// Writes the rows of one slice, one file after another.
pub(super) struct SliceWriter {
    job: Arc<Job>,
    slice: usize,
    /// Folder of the partition being written, with its slash; empty without PARTITION BY.
    folder: String,
    file: File,
    /// Rows of the next row group, for Parquet.
    group: RowGroup,
    /// How many files each folder has got.
    parts: HashMap<String, usize>,
    /// They run to their end also when the slice fails: a request that was sent cannot be called back.
    finishing: FuturesUnordered<JoinHandle<Result<UnloadedFile, UnloadError>>>,
    finished: Vec<UnloadedFile>,
    scratch: String,
}

/// The file that is open.
enum File {
    None,
    Text(TextFile),
    Parquet(ParquetFile),
}

impl SliceWriter {
    pub(super) fn new(job: Arc<Job>, slice: usize) -> Self {
        Self {
            job,
            slice,
            folder: String::new(),
            file: File::None,
            group: RowGroup::default(),
            parts: HashMap::new(),
            finishing: FuturesUnordered::new(),
            finished: Vec::new(),
            scratch: String::new(),
        }
    }

    /// Writes the rows of a batch.
    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), UnloadError> {
        let job = Arc::clone(&self.job);
        let columns = job.plan.values(batch)?;
        let Some(partition_by) = &job.plan.partition_by else {
            return self.write_rows(&columns, 0..batch.num_rows()).await;
        };
        let runs = partition_by.runs(&columns, batch.num_rows());
        let columns = job.plan.written(columns);
        for (folder, rows) in runs {
            if folder != self.folder {
                self.end_file().await?;
                self.folder = folder;
            }
            self.write_rows(&columns, rows).await?;
        }
        Ok(())
    }

    async fn write_rows(&mut self, columns: &[Values], rows: Range<usize>) -> Result<(), UnloadError> {
        let job = Arc::clone(&self.job);
        match &job.plan.format {
            FileFormat::Text(format) => {
                for row in rows {
                    self.write_line(format, columns, row).await?;
                }
                Ok(())
            }
            FileFormat::Parquet { row_group_bytes, .. } => {
                let columns: Vec<Values> = columns.iter().map(|column| column.slice(&rows)).collect();
                self.group.push(columns, rows.len());
                if self.group.bytes >= *row_group_bytes { self.write_group().await } else { Ok(()) }
            }
        }
    }

    async fn write_line(
        &mut self,
        format: &RecordFormat,
        columns: &[Values],
        row: usize,
    ) -> Result<(), UnloadError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let max_file_bytes = self.job.plan.max_file_bytes;
        let file = self.text_file(format).await?;
        let start = file.lines.len();
        format.write(columns, row, &mut scratch, &mut file.lines)?;
        if file.byte_bound() > max_file_bytes && file.rows > 0 {
            // The line begins the next file.
            let line = file.lines.split_off(start);
            self.end_file().await?;
            self.text_file(format).await?.lines.push_str(&line);
        }
        let file = self.text_file(format).await?;
        file.rows += 1;
        if file.is_block_full() {
            file.flush().await?;
        }
        self.scratch = scratch;
        Ok(())
    }

    /// The open file of lines; opens one if there is none.
    async fn text_file(&mut self, format: &RecordFormat) -> Result<&mut TextFile, UnloadError> {
        if matches!(self.file, File::None) {
            let object = self.create_object().await?;
            self.file = File::Text(TextFile::new(object, self.job.compression, format.header())?);
        }
        match &mut self.file {
            File::Text(file) => Ok(file),
            _ => Err(UnloadError::Query("a file of lines is not open".into())),
        }
    }

    /// Writes the collected row group, into a new file if the open one would grow too large.
    async fn write_group(&mut self) -> Result<(), UnloadError> {
        let FileFormat::Parquet { schema, .. } = &self.job.plan.format else { return Ok(()) };
        let schema = Arc::clone(schema);
        let group = std::mem::take(&mut self.group);
        let file = match std::mem::replace(&mut self.file, File::None) {
            File::Parquet(file) if file.bytes_written() + group.bytes <= self.job.plan.max_file_bytes => file,
            full => {
                self.file = full;
                self.finish_open_file().await?;
                ParquetFile::new(self.create_object().await?, schema)?
            }
        };
        self.file = File::Parquet(file.write(group).await?);
        Ok(())
    }

    /// The next object of this slice in the current folder.
    async fn create_object(&mut self) -> Result<ObjectWriter, UnloadError> {
        let part = self.parts.entry(self.folder.clone()).or_default();
        let name = format!("{}{}", self.folder, self.job.naming.file(self.slice, *part));
        *part += 1;
        self.job.clear_partition(&self.folder).await?;
        let target = self.job.destination.target(&name)?;
        Ok(ObjectWriter::create(target, Arc::clone(&self.job.written)).await?)
    }

    /// Ends the open file, the collected row group included.
    async fn end_file(&mut self) -> Result<(), UnloadError> {
        if !self.group.is_empty() {
            self.write_group().await?;
        }
        self.finish_open_file().await
    }

    /// Ends the open file while the slice goes on.
    async fn finish_open_file(&mut self) -> Result<(), UnloadError> {
        let (slice, file) = (self.slice, std::mem::replace(&mut self.file, File::None));
        let ending = match file {
            File::None => return Ok(()),
            File::Text(file) => tokio::spawn(async move {
                let rows = file.rows;
                let (url, bytes) = file.finish().await?;
                Ok(UnloadedFile { url, slice, rows, bytes })
            }),
            File::Parquet(file) => tokio::spawn(async move {
                let rows = file.rows;
                let (url, bytes) = file.finish().await?;
                Ok(UnloadedFile { url, slice, rows, bytes })
            }),
        };
        self.finishing.push(ending);
        while self.finishing.len() >= MAX_FINISHING {
            self.join_finishing().await?;
        }
        Ok(())
    }

    async fn join_finishing(&mut self) -> Result<(), UnloadError> {
        if let Some(file) = self.finishing.next().await {
            let file = file.map_err(|error| UnloadError::Query(error.into()))?;
            self.finished.push(file?);
        }
        Ok(())
    }

    /// Opens the file that a result without rows has, if the format has one (RS 6.2).
    pub(super) async fn write_empty_file(&mut self) -> Result<(), UnloadError> {
        let job = Arc::clone(&self.job);
        match &job.plan.format {
            FileFormat::Text(format) if format.writes_empty_file() && job.plan.partition_by.is_none() => {
                self.text_file(format).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Ends the last file; gives back all of them.
    pub(super) async fn finish(mut self) -> Result<Vec<UnloadedFile>, UnloadError> {
        self.end_file().await?;
        while !self.finishing.is_empty() {
            self.join_finishing().await?;
        }
        Ok(self.finished)
    }
}
