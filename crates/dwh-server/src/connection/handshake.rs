//! From a new socket to a session (RS 5.1): TLS or not, who it is, what it wants to talk to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use dwh_common::{SqlError, SqlState};
use dwh_engine::{Notice, SessionOptions, Severity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Failure;
use super::channel::{Input, Output, Stream, channel};
use super::session::Connection;
use super::status::ReportedParameters;
use crate::auth::{self, AuthMethod, MECHANISM, Md5Challenge, ScramExchange};
use crate::message::backend::{self, Authentication};
use crate::message::frontend::Frontend;
use crate::message::startup::{Startup, command_line_settings};
use crate::message::{Reader, protocol_violation, utf8};
use crate::server::Shared;

/// PostgreSQL's limit of a start-up packet.
const MAX_STARTUP_BYTES: usize = 10_000;
/// Names and passwords are short.
const MAX_PASSWORD_MESSAGE_BYTES: usize = 10_000;

/// What a client says about itself.
struct Hello {
    minor_version: u16,
    parameters: Vec<(String, String)>,
}

impl Hello {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Serves a client from its first byte to its last.
///
/// # Errors
/// The connection broke, or was ended with an error.
pub(crate) async fn serve(socket: TcpStream, peer: SocketAddr, shared: Arc<Shared>) -> Result<(), Failure> {
    socket.set_nodelay(true)?;
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
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Arc<Shared>,
) -> Result<Option<Connection>, Failure> {
    let Some((hello, stream, is_tls)) = first_packets(socket, shared).await? else { return Ok(None) };
    let (mut input, mut output) = channel(stream, MAX_PASSWORD_MESSAGE_BYTES);
    if hello.minor_version > 0 {
        backend::negotiate_version(&mut output.buffer);
    }
    match log_in(&hello, peer, is_tls, shared, &mut input, &mut output).await {
        Ok(Some(user)) => {
            input.set_max_message_bytes(shared.options.max_message_bytes);
            start_session(&hello, user, peer, shared, input, output).await.map(Some)
        }
        Ok(None) => Ok(None),
        Err(Failure::Sql(error) | Failure::Fatal(error)) => {
            backend::fatal(&mut output.buffer, &error);
            output.flush().await?;
            output.close().await;
            Err(Failure::Fatal(error))
        }
        Err(gone) => Err(gone),
    }
}

/// Answers the requests that come before a start-up packet.
async fn first_packets(
    mut socket: TcpStream,
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
            Err(Failure::Fatal(error))
        }
    }
}

/// Who it is, proven; `None` if the client has gone.
async fn log_in(
    hello: &Hello,
    peer: SocketAddr,
    is_tls: bool,
    shared: &Shared,
    input: &mut Input,
    output: &mut Output,
) -> Result<Option<String>, Failure> {
    let invalid = |message: String| SqlError::new(SqlState::InvalidAuthorizationSpecification, message);
    let user = hello.get("user").filter(|user| !user.is_empty());
    let user =
        user.ok_or_else(|| invalid("no PostgreSQL user name specified in startup packet".to_owned()))?;
    let database = hello.get("database").filter(|name| !name.is_empty()).unwrap_or(user);
    if shared.options.require_tls && !is_tls {
        return Err(Failure::Fatal(invalid(format!(
            "no pg_hba.conf entry for host \"{}\", user \"{user}\", database \"{database}\", SSL off",
            peer.ip()
        ))));
    }
    let proven = match shared.options.auth_method {
        AuthMethod::Md5 => md5(user, shared, input, output).await?,
        AuthMethod::ScramSha256 => scram(user, shared, input, output).await?,
    };
    match proven {
        None => return Ok(None),
        Some(false) => {
            tokio::time::sleep(shared.throttle.failed(peer.ip(), Instant::now())).await;
            return Err(Failure::Fatal(auth::failed(user)));
        }
        Some(true) => shared.throttle.succeeded(peer.ip()),
    }
    if database != shared.engine.database() {
        let error =
            SqlError::new(SqlState::InvalidCatalogName, format!("database \"{database}\" does not exist"));
        let hint = format!("This warehouse has one database, \"{}\".", shared.engine.database());
        return Err(Failure::Fatal(error.with_hint(hint)));
    }
    backend::authentication(&mut output.buffer, &Authentication::Ok);
    Ok(Some(user.to_owned()))
}

async fn md5(
    user: &str,
    shared: &Shared,
    input: &mut Input,
    output: &mut Output,
) -> Result<Option<bool>, Failure> {
    let challenge = Md5Challenge::new()?;
    backend::authentication(&mut output.buffer, &Authentication::Md5Password { salt: challenge.salt });
    output.flush().await?;
    let Some(answer) = password_message(input).await? else { return Ok(None) };
    let answer = Reader::new(answer).text()?;
    match shared.options.users.password(user) {
        Some(password) => Ok(Some(challenge.verify(answer.as_bytes(), user, password)?)),
        None => Ok(Some(false)),
    }
}

async fn scram(
    user: &str,
    shared: &Shared,
    input: &mut Input,
    output: &mut Output,
) -> Result<Option<bool>, Failure> {
    backend::authentication(&mut output.buffer, &Authentication::Sasl { mechanism: MECHANISM });
    output.flush().await?;
    let Some(answer) = password_message(input).await? else { return Ok(None) };
    let mut answer = Reader::new(answer);
    if answer.text()? != MECHANISM {
        return Err(Failure::Fatal(protocol_violation(
            "client selected an invalid SASL authentication mechanism",
        )));
    }
    let client_first = answer.value()?.unwrap_or_default();
    // An unknown user goes through the same exchange and fails at its end.
    let password = shared.options.users.password(user);
    let unknown = shared.no_password.clone();
    let exchange = ScramExchange::start(utf8(&client_first)?, password.unwrap_or(&unknown))?;
    backend::authentication(&mut output.buffer, &Authentication::SaslContinue(&exchange.server_first));
    output.flush().await?;
    let Some(client_final) = password_message(input).await? else { return Ok(None) };
    match exchange.finish(utf8(&client_final)?)? {
        Some(server_final) if password.is_some() => {
            backend::authentication(&mut output.buffer, &Authentication::SaslFinal(&server_final));
            Ok(Some(true))
        }
        _ => Ok(Some(false)),
    }
}

async fn password_message(input: &mut Input) -> Result<Option<Bytes>, Failure> {
    let Some((tag, body)) = input.message().await? else { return Ok(None) };
    match Frontend::read(tag, body)? {
        Frontend::Password(answer) => Ok(Some(answer)),
        Frontend::Terminate => Ok(None),
        _ => Err(Failure::Fatal(protocol_violation("expected password response"))),
    }
}

/// The session with what the client wants set; what it sets and Redshift does not know is ignored (RS 5.1).
async fn start_session(
    hello: &Hello,
    user: String,
    peer: SocketAddr,
    shared: &Arc<Shared>,
    input: Input,
    mut output: Output,
) -> Result<Connection, Failure> {
    let session = shared.engine.session(SessionOptions { user: user.clone(), ..SessionOptions::default() });
    let mut wanted = command_line_settings(hello.get("options").unwrap_or_default());
    let own = ["user", "database", "options", "replication"];
    wanted.extend(hello.parameters.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned());
    for (name, value) in wanted {
        let name = name.to_ascii_lowercase();
        match session.set(&name, &value).await {
            Ok(()) => {}
            Err(error) if error.state == SqlState::UndefinedObject => {}
            Err(error) if error.state == SqlState::FeatureNotSupported => {
                let message = format!("{name} stays as it is: {error}");
                backend::notice(&mut output.buffer, &Notice { severity: Severity::Warning, message });
            }
            Err(error) => {
                backend::fatal(&mut output.buffer, &error);
                output.flush().await?;
                return Err(Failure::Fatal(error));
            }
        }
    }
    session.set("session_authorization", &user).await?;
    let mut reported = ReportedParameters::default();
    reported.report(&session, &mut output.buffer).await;
    let entry = shared.sessions.register(&session)?;
    backend::backend_key_data(&mut output.buffer, session.id(), entry.secret());
    tracing::info!(session = session.id(), user, %peer, "connected");
    Ok(Connection::new(Arc::clone(shared), session, entry, input, output, reported))
}
