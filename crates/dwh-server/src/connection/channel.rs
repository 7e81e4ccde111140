//! A connection's bytes: whole messages in, a buffer of messages out.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// A socket, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Messages are sent together until there are so many bytes of them.
const FLUSH_BYTES: usize = 64 << 10;
/// While a statement runs, so much of what a client sends is read ahead.
const READ_AHEAD_BYTES: usize = 64 << 10;

/// What a client sends.
pub(crate) struct Input {
    half: ReadHalf<Box<dyn Stream>>,
    buffer: BytesMut,
    max_message_bytes: usize,
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
    let input = Input { half: read, buffer: BytesMut::new(), max_message_bytes };
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
    /// The connection broke; [`io::ErrorKind::InvalidData`] for a length that no message has.
    pub(crate) async fn message(&mut self) -> io::Result<Option<(u8, Bytes)>> {
        loop {
            if let Some(length) = self.buffered_length()? {
                let tag = self.buffer.get_u8();
                self.buffer.advance(4);
                return Ok(Some((tag, self.buffer.split_to(length - 4).freeze())));
            }
            if self.half.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The length field of the first message, if the whole message is there.
    fn buffered_length(&self) -> io::Result<Option<usize>> {
        let Some(field) = self.buffer.get(1..5) else { return Ok(None) };
        let length = i32::from_be_bytes([field[0], field[1], field[2], field[3]]);
        let length =
            usize::try_from(length).ok().filter(|length| (4..=self.max_message_bytes).contains(length));
        let Some(length) = length else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "invalid message length"));
        };
        Ok((self.buffer.len() > length).then_some(length))
    }

    /// The type of the next message, if it has come.
    pub(crate) fn buffered_tag(&self) -> Option<u8> {
        self.buffered_length().ok().flatten().and(self.buffer.first().copied())
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

    /// Says that nothing more will come.
    pub(crate) async fn close(&mut self) {
        // The client may be gone already.
        let _ = self.half.shutdown().await;
    }
}
