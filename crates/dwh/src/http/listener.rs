//! Clients of the HTTP port as a stream of bytes each, through TLS where the port has a certificate.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A client has so long to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Clients at once that have not agreed yet; more wait in the system's queue.
const MAX_HANDSHAKES: usize = 256;
/// The first byte of TLS: a record of the handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// The pause after an error that more clients would make again, such as having no file descriptors left.
const AFTER_ERROR: Duration = Duration::from_millis(100);

/// The answer to a request without TLS.
const NO_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n\
    Connection: close\r\n\r\nThis port speaks TLS: ask for https://.\n";

/// The bytes of a client.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Where a client is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(SocketAddr);

impl axum::extract::connect_info::Connected<IncomingStream<'_, HttpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, HttpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Tells routers where a request comes from, as a port without TLS would.
pub(super) async fn tell_peer(mut request: Request) -> Request {
    if let Some(ConnectInfo(Peer(address))) = request.extensions().get().copied() {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    request
}

/// Accepts clients; while one agrees on TLS, others are accepted.
pub(super) struct HttpListener {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    handshakes: JoinSet<io::Result<(Box<dyn Stream>, SocketAddr)>>,
}

impl HttpListener {
    pub(super) fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        Self { listener, tls, handshakes: JoinSet::new() }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }
}

impl Listener for HttpListener {
    type Io = Box<dyn Stream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if self.handshakes.len() < MAX_HANDSHAKES => {
                    match (accepted, &self.tls) {
                        (Ok((socket, peer)), None) => return (Box::new(socket), peer),
                        (Ok((socket, peer)), Some(tls)) => {
                            self.handshakes.spawn(agree(socket, peer, tls.clone()));
                        }
                        (Err(error), _) => {
                            tracing::warn!("cannot accept a connection: {error}");
                            tokio::time::sleep(AFTER_ERROR).await;
                        }
                    }
                }
                Some(agreed) = self.handshakes.join_next() => match agreed {
                    Ok(Ok(client)) => return client,
                    Ok(Err(error)) => tracing::debug!("a client did not agree on TLS: {error}"),
                    Err(error) => tracing::warn!("a TLS handshake ended: {error}"),
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn agree(
    mut socket: TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
) -> io::Result<(Box<dyn Stream>, SocketAddr)> {
    let agreed = tokio::time::timeout(HANDSHAKE, async move {
        let mut first = [0];
        let read = socket.peek(&mut first).await?;
        if read == 1 && first[0] != TLS_HANDSHAKE {
            socket.write_all(NO_TLS).await?;
            socket.shutdown().await?;
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it does not speak TLS"));
        }
        let stream: Box<dyn Stream> = Box::new(tls.accept(socket).await?);
        Ok((stream, peer))
    });
    agreed.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
