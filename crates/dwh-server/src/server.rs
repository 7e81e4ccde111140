//! Listens, and gives each client a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use dwh_common::{SqlError, SqlState};
use dwh_engine::{Engine, User};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::auth::{self, AuthMethod, Owner, Throttle};
use crate::cancel::Sessions;
use crate::connection::{self, Failure};
use crate::message::backend;
use crate::tls::{self, Certificate};

/// How a server serves.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The owner's own password, beside the users of the warehouse.
    pub owner: Option<Owner>,
    /// How passwords are asked for.
    pub auth_method: AuthMethod,
    /// The certificate for TLS; `None` refuses TLS.
    pub certificate: Option<Certificate>,
    /// Whether connections without TLS are refused.
    pub require_tls: bool,
    /// Connections at once, those that still log in included; Redshift's limit is 500 (guide, "Quotas").
    pub max_connections: usize,
    /// The longest message, in bytes; a statement has at most 16 MB (RS 3.7).
    pub max_message_bytes: usize,
    /// The time to log in.
    pub login_timeout: Duration,
    /// How long a session may say nothing; `None` is forever.
    pub idle_timeout: Option<Duration>,
    /// How long statements may go on when the server stops.
    pub shutdown_timeout: Duration,
}

impl ServerOptions {
    /// MD5 passwords, TLS with a certificate made now, 500 connections, no limit of idle time.
    pub fn new(owner: Option<Owner>) -> Self {
        Self {
            owner,
            auth_method: AuthMethod::Md5,
            certificate: Some(Certificate::Generated { names: Vec::new() }),
            require_tls: false,
            max_connections: 500,
            max_message_bytes: (16 << 20) + 64,
            login_timeout: Duration::from_secs(60),
            idle_timeout: None,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) options: ServerOptions,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) throttle: Throttle,
    /// Makes what stands for the verifiers of users that there are not.
    pub(crate) secret: [u8; 32],
    stopping: watch::Sender<bool>,
}

impl Shared {
    /// The user under a name as a client writes it: names are folded like all identifiers (RS 3.4).
    pub(crate) fn user(&self, name: &str) -> Result<Option<User>, SqlError> {
        match self.engine.user(name)? {
            Some(user) => Ok(Some(user)),
            None => self.engine.user(&name.to_ascii_lowercase()),
        }
    }

    /// Turns true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Listens at an address; port 0 is any free one.
    ///
    /// # Errors
    /// The address is taken or not ours, or the certificate does not serve.
    pub async fn bind(engine: Engine, address: SocketAddr, options: ServerOptions) -> io::Result<Self> {
        let tls = options.certificate.as_ref().map(tls::acceptor).transpose()?;
        let secret = auth::random().map_err(io::Error::other)?;
        let listener = TcpListener::bind(address).await?;
        let shared = Shared {
            engine,
            options,
            tls,
            sessions: Arc::default(),
            throttle: Throttle::default(),
            secret,
            stopping: watch::Sender::new(false),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` ends; then idle sessions end, and statements that run have
    /// [`ServerOptions::shutdown_timeout`] to finish, or until `kill` ends.
    pub async fn serve(self, stop: impl Future<Output = ()>, kill: impl Future<Output = ()>) {
        let permits = Arc::new(Semaphore::new(self.shared.options.max_connections));
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let (socket, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: others will give some back.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            match Arc::clone(&permits).try_acquire_owned() {
                Ok(permit) => {
                    let shared = Arc::clone(&self.shared);
                    connections.spawn(async move {
                        let _permit = permit;
                        serve_one(socket, peer, shared).await;
                    });
                }
                Err(_) => {
                    let limit = self.shared.options.max_connections;
                    connections.spawn(refuse(socket, limit));
                }
            }
        }
        drop(self.listener);
        self.shared.stopping.send_replace(true);
        let finished = async { while connections.join_next().await.is_some() {} };
        tokio::select! {
            () = finished => return,
            () = tokio::time::sleep(self.shared.options.shutdown_timeout) => {}
            () = kill => {}
        }
        self.shared.sessions.terminate_all();
        let finished = async { while connections.join_next().await.is_some() {} };
        // What does not end by itself ends with the set.
        let _ = tokio::time::timeout(Duration::from_secs(1), finished).await;
    }
}

async fn serve_one(socket: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    match connection::serve(socket, peer, shared).await {
        Ok(()) => tracing::debug!(%peer, "disconnected"),
        Err(Failure::Gone(error)) => tracing::debug!(%peer, "the client has gone: {error}"),
        Err(failure) => tracing::info!(%peer, "connection ended: {failure}"),
    }
}

/// 53300 for a client too many.
async fn refuse(mut socket: TcpStream, limit: usize) {
    let error = SqlError::new(
        SqlState::TooManyConnections,
        format!("connection limit \"{limit}\" exceeded for non-bootstrap users"),
    );
    let mut out = BytesMut::new();
    backend::fatal(&mut out, &error);
    // Nobody to tell if the client has gone.
    let _ = socket.write_all(&out).await;
    let _ = socket.shutdown().await;
}
