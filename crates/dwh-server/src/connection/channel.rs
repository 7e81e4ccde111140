//! A connection's bytes: whole messages in, a buffer of messages out.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// A socket, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Messages are sent together until there are so many bytes of them.
const FLUSH_BYTES: usize = 64 << 10;
/// While a statement runs, so much of what a client sends is read ahead.
const READ_AHEAD_BYTES: usize = 64 << 10;
/// So long a connection that ends waits for the client to go.
const CLOSING: Duration = Duration::from_millis(500);

/// Longer than any message may be, PostgreSQL's limit: such a length is no length.
const LARGEST_LENGTH: usize = 1 << 30;

/// What a client sends.
pub(crate) struct Input {
    half: ReadHalf<Box<dyn Stream>>,
    buffer: BytesMut,
    max_message_bytes: usize,
    /// A message that is too long, while it goes by: its length, and how much of it is still to come.
    skipping: Option<(usize, usize)>,
    /// The type of the last message that was too long.
    skipped_tag: u8,
}

/// What a client gets. Nothing is sent before [`Output::flush`] or [`Output::flush_if_full`], which wait
/// for a slow client; so memory holds one batch of rows at most.
pub(crate) struct Output {
    half: WriteHalf<Box<dyn Stream>>,
    pub(crate) buffer: BytesMut,
}

/// Both sides of a socket.
pub(crate) fn channel(stream: Box<dyn Stream>, max_message_bytes: usize) -> (Input, Output) {
    let (read, write) = tokio::io::split(stream);
    let input =
        Input { half: read, buffer: BytesMut::new(), max_message_bytes, skipping: None, skipped_tag: 0 };
    (input, Output { half: write, buffer: BytesMut::new() })
}

impl Input {
    /// The longest message from now on, in bytes.
    pub(crate) fn set_max_message_bytes(&mut self, max_message_bytes: usize) {
        self.max_message_bytes = max_message_bytes;
    }

    /// The next message's type and body; `None` when the client has gone. May be dropped at any moment
    /// without losing a byte.
    ///
    /// # Errors
    /// The connection broke; [`io::ErrorKind::InvalidData`] for a length that no message has;
    /// [`io::ErrorKind::FileTooLarge`] for a message that is too long: it has gone by, and the next one can be read.
    pub(crate) async fn message(&mut self) -> io::Result<Option<(u8, Bytes)>> {
        loop {
            if let Some((length, left)) = &mut self.skipping {
                let skipped = self.buffer.len().min(*left);
                self.buffer.advance(skipped);
                *left -= skipped;
                if *left == 0 {
                    let text = format!(
                        "Statement is too large. Statement Size: {length} bytes. Maximum Allowed: {} bytes",
                        self.max_message_bytes
                    );
                    self.skipping = None;
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
                }
            } else if let Some(length) = self.first_length()? {
                if length > self.max_message_bytes {
                    self.skipping = Some((length, length + 1));
                    self.skipped_tag = self.buffer[0];
                    continue;
                }
                if self.buffer.len() > length {
                    let tag = self.buffer.get_u8();
                    self.buffer.advance(4);
                    return Ok(Some((tag, self.buffer.split_to(length - 4).freeze())));
                }
            }
            if self.half.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The type of the last message that was too long.
    pub(crate) fn skipped_tag(&self) -> u8 {
        self.skipped_tag
    }

    /// The length field of the first message, if it has come.
    fn first_length(&self) -> io::Result<Option<usize>> {
        let Some(field) = self.buffer.get(1..5) else { return Ok(None) };
        let length = i32::from_be_bytes([field[0], field[1], field[2], field[3]]);
        match usize::try_from(length).ok().filter(|length| (4..=LARGEST_LENGTH).contains(length)) {
            Some(length) => Ok(Some(length)),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "invalid message length")),
        }
    }

    /// The type of the next message, if it has come.
    pub(crate) fn buffered_tag(&self) -> Option<u8> {
        let length = self.first_length().ok().flatten()?;
        let is_whole = self.skipping.is_none() && self.buffer.len() > length;
        is_whole.then(|| self.buffer.first().copied()).flatten()
    }

    /// Ends when the client has gone. What it sends meanwhile is kept, up to a limit.
    pub(crate) async fn closed(&mut self) {
        while self.buffer.len() < READ_AHEAD_BYTES {
            match self.half.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        std::future::pending().await
    }
}

impl Output {
    /// Sends all that is buffered. May be dropped at any moment: what is not sent stays buffered.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        while self.buffer.has_remaining() {
            self.half.write_buf(&mut self.buffer).await?;
        }
        self.half.flush().await
    }

    /// Sends what is buffered if it is much.
    ///
    /// # Errors
    /// As [`Output::flush`].
    pub(crate) async fn flush_if_full(&mut self) -> io::Result<()> {
        if self.buffer.len() < FLUSH_BYTES {
            return Ok(());
        }
        self.flush().await
    }
}

/// Sends what is buffered, says that nothing more will come, and reads on for a moment: closing a socket with
/// bytes unread makes the system throw away what the client has not got yet.
pub(crate) async fn close(mut input: Input, mut output: Output) {
    let last_words = async {
        output.flush().await?;
        output.half.shutdown().await?;
        while input.half.read_buf(&mut input.buffer).await? > 0 {
            input.buffer.clear();
        }
        io::Result::Ok(())
    };
    // The client may be gone already, or never go.
    let _ = tokio::time::timeout(CLOSING, last_words).await;
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::io::AsyncWriteExt;

    use super::channel;

    #[tokio::test]
    async fn a_message_that_is_too_long_goes_by() {
        let (mut client, server) = tokio::io::duplex(64);
        let (mut input, _output) = channel(Box::new(server), 16);
        let sending = tokio::spawn(async move {
            client.write_all(b"Q\0\0\0\x64").await?;
            client.write_all(&[b'x'; 96]).await?;
            client.write_all(b"S\0\0\0\x04").await?;
            client.write_all(b"S\xff\xff\xff\xff").await
        });
        let too_long = input.message().await.map_err(|error| error.kind());
        assert_eq!(too_long, Err(io::ErrorKind::FileTooLarge));
        assert_eq!(input.skipped_tag(), b'Q');
        assert!(matches!(input.message().await, Ok(Some((b'S', body))) if body.is_empty()));
        let no_length = input.message().await.map_err(|error| error.kind());
        assert_eq!(no_length, Err(io::ErrorKind::InvalidData));
        sending.await.expect("no panic").expect("all is taken");
    }
}
