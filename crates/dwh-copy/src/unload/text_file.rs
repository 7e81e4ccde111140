use super::error::UnloadError;
use super::object::ObjectWriter;
use crate::compression::{Encoder, OutputCompression};

/// Text is compressed and handed on in blocks of this size.
const BLOCK_BYTES: usize = 256 << 10;

/// A file of lines that is being written.
pub(super) struct TextFile {
    object: ObjectWriter,
    encoder: Encoder,
    /// Lines that are not compressed yet.
    pub(super) lines: String,
    /// Bytes handed on, and bytes that the compressor has taken since the last of them came out.
    bytes_out: u64,
    bytes_inside: u64,
    pub(super) rows: u64,
}

impl TextFile {
    /// A file that begins with a header, unless that is empty.
    pub(super) fn new(
        object: ObjectWriter,
        compression: OutputCompression,
        header: &str,
    ) -> Result<Self, UnloadError> {
        let encoder = Encoder::new(compression).map_err(|error| encode_error(&object, &error))?;
        Ok(Self { object, encoder, lines: header.to_owned(), bytes_out: 0, bytes_inside: 0, rows: 0 })
    }

    /// The most bytes that the file could have if it ended here; exact without compression.
    pub(super) fn byte_bound(&self) -> u64 {
        self.bytes_out + self.bytes_inside + self.lines.len() as u64
    }

    /// Whether it is time to [`flush`](Self::flush).
    pub(super) fn is_block_full(&self) -> bool {
        self.lines.len() >= BLOCK_BYTES
    }

    /// Compresses the lines and hands on what comes out.
    pub(super) async fn flush(&mut self) -> Result<(), UnloadError> {
        let encoded = self.encoder.write(self.lines.as_bytes());
        encoded.map_err(|error| encode_error(&self.object, &error))?;
        self.bytes_inside += self.lines.len() as u64;
        self.lines.clear();
        let bytes = self.encoder.take();
        if !bytes.is_empty() {
            self.bytes_out += bytes.len() as u64;
            self.bytes_inside = 0;
            self.object.write(bytes).await?;
        }
        Ok(())
    }

    /// Ends the file; gives back its URL and size.
    pub(super) async fn finish(mut self) -> Result<(String, u64), UnloadError> {
        self.flush().await?;
        let Self { mut object, encoder, .. } = self;
        let rest = encoder.finish().map_err(|error| encode_error(&object, &error))?;
        object.write(rest).await?;
        let url = object.url().to_owned();
        Ok((url, object.finish().await?))
    }
}

fn encode_error(object: &ObjectWriter, error: &std::io::Error) -> UnloadError {
    UnloadError::Encode { url: object.url().to_owned(), reason: error.to_string() }
}
