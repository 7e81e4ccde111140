//! From a new socket to a session (RS 5.1): TLS or not, who it is, what it wants to talk to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use dwh_common::{SqlError, SqlState};
use dwh_engine::{Client, Notice, Session, SessionOptions, Severity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Failure;
use super::channel::{self, Output, Stream, channel};
use super::login::{Link, Login, log_in};
use super::session::{Connection, Started};
use super::status::ReportedParameters;
use crate::cancel::Entry;
use crate::message::startup::{Startup, command_line_settings};
use crate::message::{backend, protocol_violation};
use crate::server::Shared;

/// PostgreSQL's limit of a start-up packet.
const MAX_STARTUP_BYTES: usize = 10_000;
/// Names and passwords are short.
const MAX_PASSWORD_MESSAGE_BYTES: usize = 10_000;

/// What a client says about itself.
pub(super) struct Hello {
    minor_version: u16,
    parameters: Vec<(String, String)>,
}

impl Hello {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Serves a client from its first byte to its last.
///
/// # Errors
/// The connection broke, or was ended with an error.
pub(crate) async fn serve(
    socket: impl Stream + 'static,
    peer: SocketAddr,
    shared: Arc<Shared>,
) -> Result<(), Failure> {
    let greeted = tokio::time::timeout(shared.options.login_timeout, greet(socket, peer, &shared));
    let Ok(greeted) = greeted.await else {
        return Err(Failure::Fatal(SqlError::new(
            SqlState::InvalidAuthorizationSpecification,
            "canceling authentication due to timeout",
        )));
    };
    match greeted? {
        Some(connection) => connection.run().await,
        None => Ok(()),
    }
}

/// Everything before the first statement; `None` for a cancel request, or if the client has gone.
async fn greet(
    socket: impl Stream + 'static,
    peer: SocketAddr,
    shared: &Arc<Shared>,
) -> Result<Option<Connection>, Failure> {
    let Some((hello, stream, is_tls)) = first_packets(socket, shared).await? else { return Ok(None) };
    let (mut input, mut output) = channel(stream, MAX_PASSWORD_MESSAGE_BYTES);
    if hello.minor_version > 0 {
        backend::negotiate_version(&mut output.buffer);
    }
    let link = Link { peer, is_tls, input: &mut input, output: &mut output };
    let started = match admit(&hello, shared, link).await {
        Ok(Some(started)) => started,
        Ok(None) => return Ok(None),
        Err(Failure::Sql(error) | Failure::Fatal(error)) => {
            backend::fatal(&mut output.buffer, &error);
            channel::close(input, output).await;
            return Err(Failure::Fatal(error));
        }
        Err(gone @ Failure::Gone(_)) => return Err(gone),
    };
    let mut reported = ReportedParameters::default();
    reported.report(&started.session, &mut output.buffer).await;
    backend::backend_key_data(&mut output.buffer, started.session.id(), started.entry.secret());
    input.set_max_message_bytes(shared.options.max_message_bytes);
    Ok(Some(Connection::new(Arc::clone(shared), started, (input, output), reported)))
}

/// A session for a client that may have one; `None` if the client has gone.
async fn admit(hello: &Hello, shared: &Shared, mut link: Link<'_>) -> Result<Option<Started>, Failure> {
    let place = shared.place()?;
    let Some(login) = log_in(hello, shared, &mut link).await? else { return Ok(None) };
    let (session, entry) = start_session(hello, &login, link.peer, shared, link.output).await?;
    let idle_timeout = [shared.options.idle_timeout, login.session_timeout].into_iter().flatten().min();
    Ok(Some(Started { session, entry, idle_timeout, _place: place }))
}

/// Answers the requests that come before a start-up packet.
async fn first_packets(
    mut socket: impl Stream + 'static,
    shared: &Shared,
) -> Result<Option<(Hello, Box<dyn Stream>, bool)>, Failure> {
    loop {
        let Some(packet) = read_packet(&mut socket).await? else { return Ok(None) };
        match read_startup(&mut socket, packet).await? {
            Startup::Gss => socket.write_all(b"N").await?,
            Startup::Tls => match &shared.tls {
                None => socket.write_all(b"N").await?,
                Some(acceptor) => {
                    socket.write_all(b"S").await?;
                    let mut stream = acceptor.accept(socket).await?;
                    let Some(packet) = read_packet(&mut stream).await? else { return Ok(None) };
                    return match read_startup(&mut stream, packet).await? {
                        Startup::Start { minor_version, parameters } => {
                            let hello = Hello { minor_version, parameters };
                            Ok(Some((hello, Box::new(stream), true)))
                        }
                        Startup::Cancel { process_id, secret } => {
                            shared.sessions.cancel(process_id, secret);
                            // Without it TLS tells the client that its request was cut off.
                            stream.shutdown().await?;
                            Ok(None)
                        }
                        Startup::Tls | Startup::Gss => {
                            Err(Failure::Fatal(protocol_violation("the connection is encrypted already")))
                        }
                    };
                }
            },
            Startup::Cancel { process_id, secret } => {
                shared.sessions.cancel(process_id, secret);
                return Ok(None);
            }
            Startup::Start { minor_version, parameters } => {
                return Ok(Some((Hello { minor_version, parameters }, Box::new(socket), false)));
            }
        }
    }
}

/// A packet without a type byte; `None` if the client has gone.
async fn read_packet(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Option<Bytes>> {
    let length = match stream.read_i32().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = usize::try_from(length).ok().filter(|length| (8..=MAX_STARTUP_BYTES).contains(length));
    let Some(length) = length else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "invalid length of startup packet"));
    };
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body).await?;
    Ok(Some(body.into()))
}

async fn read_startup(stream: &mut (impl AsyncWriteExt + Unpin), packet: Bytes) -> Result<Startup, Failure> {
    match Startup::read(packet) {
        Ok(startup) => Ok(startup),
        Err(error) => {
            let mut out = BytesMut::new();
            backend::fatal(&mut out, &error);
            stream.write_all(&out).await?;
            stream.shutdown().await?;
            Err(Failure::Fatal(error))
        }
    }
}

/// The session with what the client wants set; what it sets and Redshift does not know is ignored (RS 5.1).
async fn start_session(
    hello: &Hello,
    login: &Login,
    peer: SocketAddr,
    shared: &Shared,
    output: &mut Output,
) -> Result<(Session, Entry), Failure> {
    let said = |name: &str| hello.get(name).unwrap_or_default().to_owned();
    let client = Client {
        remote_host: peer.ip().to_string(),
        remote_port: peer.port().to_string(),
        auth_method: "password".to_owned(),
        application_name: said("application_name"),
        driver_version: said("driver_version"),
        os_version: said("os_version"),
        plugin_name: said("plugin_name"),
        ..Client::default()
    };
    let options = SessionOptions { user: login.user.clone(), client, ..SessionOptions::default() };
    let session = shared.engine.session_as(options)?;
    let mut wanted = command_line_settings(hello.get("options").unwrap_or_default());
    wanted.extend(hello.parameters.iter().cloned());
    // Not settings, but who it is and what for.
    let own = ["user", "database", "options", "replication", "session_authorization"];
    let wanted = wanted.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    for (name, value) in wanted.filter(|(name, _)| !own.contains(&name.as_str())) {
        match session.set(&name, &value).await {
            Ok(()) => {}
            Err(error) if error.state == SqlState::UndefinedObject => {}
            Err(error) if error.state == SqlState::FeatureNotSupported => {
                let message = format!("{name} stays as it is: {error}");
                backend::notice(&mut output.buffer, &Notice { severity: Severity::Warning, message });
            }
            Err(error) => return Err(Failure::Fatal(error)),
        }
    }
    let entry = shared.sessions.register(&session)?;
    tracing::info!(session = session.id(), user = login.user, %peer, "connected");
    Ok((session, entry))
}

#[cfg(test)]
mod tests;
