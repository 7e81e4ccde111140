//! Listens, and gives each client a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dwh_common::{SqlError, SqlState};
use dwh_engine::{Engine, User};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::auth::{self, AuthMethod, Owner, Throttle};
use crate::cancel::Sessions;
use crate::connection::{self, Failure};
use crate::tls::{Certificate, Identity};

/// Sockets beside the sessions: clients that have not said yet what they want, cancel requests among them.
const MAX_GREETED: usize = 100;

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
    identity: Option<Identity>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) throttle: Throttle,
    /// Makes what stands for the verifiers of users that there are not.
    pub(crate) secret: [u8; 32],
    /// A place for each session.
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(engine: Engine, options: ServerOptions) -> io::Result<Self> {
        let identity = options.certificate.as_ref().map(Certificate::load).transpose()?;
        Ok(Self {
            tls: identity.as_ref().map(|identity| identity.acceptor(&[])).transpose()?,
            identity,
            secret: auth::random().map_err(io::Error::other)?,
            places: Arc::new(Semaphore::new(options.max_connections)),
            engine,
            options,
            sessions: Arc::default(),
            throttle: Throttle::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// A place for a session, until it is dropped.
    ///
    /// # Errors
    /// 53300 for a client too many.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, SqlError> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let limit = self.options.max_connections;
            let message = format!("connection limit \"{limit}\" exceeded for non-bootstrap users");
            SqlError::new(SqlState::TooManyConnections, message)
        })
    }

    /// Lets all sessions that are idle end, now and from now on.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

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
        let shared = Arc::new(Shared::new(engine, options)?);
        Ok(Self { listener: TcpListener::bind(address).await?, shared })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The certificate with which it answers TLS, if it does.
    pub fn identity(&self) -> Option<&Identity> {
        self.shared.identity.as_ref()
    }

    /// Serves until `stop` ends; then idle sessions end, and statements that run have
    /// [`ServerOptions::shutdown_timeout`] to finish, or until `kill` ends.
    pub async fn serve(self, stop: impl Future<Output = ()>, kill: impl Future<Output = ()>) {
        let sockets = Arc::new(Semaphore::new(self.shared.options.max_connections + MAX_GREETED));
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = accept(&self.listener, &sockets) => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let (socket, peer, permit) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: others will give some back.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let shared = Arc::clone(&self.shared);
            connections.spawn(async move {
                let _permit = permit;
                serve_one(socket, peer, shared).await;
            });
        }
        drop(self.listener);
        self.shared.stop();
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

/// The next client. While there are too many, it waits in the system's queue.
async fn accept(
    listener: &TcpListener,
    sockets: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(sockets).acquire_owned().await.map_err(io::Error::other)?;
    let (socket, peer) = listener.accept().await?;
    socket.set_nodelay(true)?;
    Ok((socket, peer, permit))
}

async fn serve_one(socket: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    match connection::serve(socket, peer, shared).await {
        Ok(()) => tracing::debug!(%peer, "disconnected"),
        Err(Failure::Gone(error)) => tracing::debug!(%peer, "the client has gone: {error}"),
        Err(failure) => tracing::info!(%peer, "connection ended: {failure}"),
    }
}
