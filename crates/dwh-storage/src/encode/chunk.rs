use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// The pages of one column of a row group, collected in memory.
pub(super) struct ChunkWriter {
    column: ColumnDescPtr,
    compress: bool,
    sink: TrackedWrite<Vec<u8>>,
    encodings: Vec<Encoding>,
    dictionary_offset: Option<i64>,
    data_offset: Option<i64>,
    uncompressed_bytes: usize,
    rows: usize,
}

impl ChunkWriter {
    pub(super) fn new(column: ColumnDescPtr, compress: bool) -> Self {
        Self {
            column,
            compress,
            sink: TrackedWrite::new(Vec::new()),
            encodings: vec![Encoding::RLE],
            dictionary_offset: None,
            data_offset: None,
            uncompressed_bytes: 0,
            rows: 0,
        }
    }

    /// Whether the column's pages begin with definition levels.
    pub(super) fn has_levels(&self) -> bool {
        self.column.max_def_level() > 0
    }

    /// Adds the dictionary: `count` values, encoded PLAIN. It comes before all data.
    pub(super) fn dictionary_page(&mut self, values: &[u8], count: usize) -> Result<(), ParquetError> {
        let buf = self.compressed(values);
        let num_values = page_count(count)?;
        let page = Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false };
        self.dictionary_offset = Some(self.write(page, values.len())?);
        self.encodings.push(Encoding::PLAIN);
        Ok(())
    }

    /// Adds a page of so many rows: levels, if the column has them, and values.
    pub(super) fn data_page(
        &mut self,
        contents: &[u8],
        rows: usize,
        encoding: Encoding,
    ) -> Result<(), ParquetError> {
        let page = Page::DataPage {
            buf: self.compressed(contents),
            num_values: page_count(rows)?,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let offset = self.write(page, contents.len())?;
        self.data_offset.get_or_insert(offset);
        self.rows += rows;
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
        Ok(())
    }

    /// The chunk's bytes and what the row group must know of them.
    pub(super) fn finish(
        self,
        statistics: Option<Statistics>,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let bytes = Bytes::from(self.sink.into_inner()?);
        let mut metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(if self.compress { Compression::LZ4_RAW } else { Compression::UNCOMPRESSED })
            .set_encodings(self.encodings)
            .set_num_values(self.rows as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed_bytes as i64)
            .set_dictionary_page_offset(self.dictionary_offset)
            .set_data_page_offset(self.data_offset.unwrap_or_default());
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, close))
    }

    fn compressed(&self, contents: &[u8]) -> Bytes {
        if self.compress {
            lz4_flex::block::compress(contents).into()
        } else {
            Bytes::copy_from_slice(contents)
        }
    }

    fn write(&mut self, page: Page, uncompressed_bytes: usize) -> Result<i64, ParquetError> {
        let page = CompressedPage::new(page, uncompressed_bytes);
        let written = SerializedPageWriter::new(&mut self.sink).write_page(page)?;
        self.uncompressed_bytes += written.uncompressed_size;
        Ok(written.offset as i64)
    }
}

fn page_count(values: usize) -> Result<u32, ParquetError> {
    u32::try_from(values).map_err(|_| ParquetError::General(format!("{values} values in one page")))
}
