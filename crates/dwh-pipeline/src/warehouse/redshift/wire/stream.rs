//! A socket to Redshift: TCP kept alive, TLS asked for as PostgreSQL does, the server's certificate and name
//! always checked (RS 8.2).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dwh_common::{SqlError, SqlState};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Length and code of PostgreSQL's request for TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A COPY of an hour says nothing while it runs, and what lies between forgets silent connections.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Opens sockets to one address.
#[derive(Clone)]
pub(super) struct Dialer {
    host: String,
    port: u16,
    timeout: Duration,
    tls: TlsConnector,
}

impl Dialer {
    /// Trusts the authorities that this machine trusts, and those of `ca_file`.
    pub(super) fn new(
        host: &str,
        port: u16,
        timeout: Duration,
        ca_file: Option<&Path>,
    ) -> Result<Self, SqlError> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| SqlError::internal(error.to_string()))?
            .with_root_certificates(authorities(ca_file)?)
            .with_no_client_auth();
        Ok(Self { host: host.to_owned(), port, timeout, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// `host:port`, for messages.
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects within the time limit.
    pub(super) async fn dial(&self) -> Result<TlsStream<TcpStream>, SqlError> {
        match tokio::time::timeout(self.timeout, self.dial_unlimited()).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.error(&error)),
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Err(self.unreachable(&format!("no answer within {seconds} seconds")))
            }
        }
    }

    async fn dial_unlimited(&self) -> io::Result<TlsStream<TcpStream>> {
        let mut socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        socket.set_nodelay(true)?;
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
        SockRef::from(&socket).set_tcp_keepalive(&keepalive)?;
        socket.write_all(&SSL_REQUEST).await?;
        if socket.read_u8().await? != b'S' {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "it does not offer TLS"));
        }
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        self.tls.connect(name, socket).await
    }

    fn error(&self, error: &io::Error) -> SqlError {
        let refuse = |message| SqlError::new(SqlState::InvalidAuthorizationSpecification, message);
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
        match cause {
            Some(rustls::Error::InvalidCertificate(problem)) => refuse(format!(
                "the certificate of {} is not accepted: {problem}",
                self.address()
            ))
            .with_hint(
                "if you know its authority and this machine does not, name its file in [REDSHIFT] CA_FILE",
            ),
            _ if error.kind() == io::ErrorKind::Unsupported => {
                refuse(format!("{} does not offer TLS, and nothing is sent without it", self.address()))
            }
            _ => self.unreachable(&error.to_string()),
        }
    }

    fn unreachable(&self, reason: &str) -> SqlError {
        let message = format!("cannot connect to {}: {reason}", self.address());
        SqlError::new(SqlState::ConnectionFailure, message).with_hint(
            "`dwh cluster status` shows whether the cluster is available; `dwh cluster open-port` lets this machine in",
        )
    }
}

fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, SqlError> {
    let mut roots = RootCertStore::empty();
    let of_machine = rustls_native_certs::load_native_certs();
    for error in &of_machine.errors {
        tracing::debug!(%error, "a certificate of this machine was not read");
    }
    roots.add_parsable_certificates(of_machine.certs);
    let Some(path) = ca_file else { return Ok(roots) };
    let problem = |reason: String| {
        let message = format!("cannot use the certificates of {}: {reason}", path.display());
        SqlError::new(SqlState::IoError, message)
            .with_hint("[REDSHIFT] CA_FILE is a file of certificates in PEM")
    };
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| problem(error.to_string()))? {
        let certificate = certificate.map_err(|error| problem(error.to_string()))?;
        roots.add(certificate).map_err(|error| problem(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(problem("there is none in it".to_owned()));
    }
    Ok(roots)
}
