//! Who the client is, and the proof.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use dwh_common::{SqlError, SqlState};

use super::Failure;
use super::channel::{Input, Output};
use super::handshake::Hello;
use crate::auth::{
    self, Account, DigestChallenge, MECHANISM, Md5Challenge, Proof, SHA_256, ScramExchange, ScramVerifier,
};
use crate::message::backend::{self, Authentication};
use crate::message::frontend::Frontend;
use crate::message::{Reader, protocol_violation, utf8};
use crate::server::Shared;

/// Someone who has proven to be a user of the warehouse.
pub(super) struct Login {
    pub(super) user: String,
    /// SESSION TIMEOUT of the user.
    pub(super) session_timeout: Option<Duration>,
}

/// How the client is connected.
pub(super) struct Link<'a> {
    pub(super) peer: SocketAddr,
    pub(super) is_tls: bool,
    pub(super) input: &'a mut Input,
    pub(super) output: &'a mut Output,
}

/// Who it is, proven; `None` if the client has gone.
///
/// # Errors
/// 28000 or 28P01 for who may not connect, 3D000 for another database, 08P01 for messages out of place.
pub(super) async fn log_in(
    hello: &Hello,
    shared: &Shared,
    link: &mut Link<'_>,
) -> Result<Option<Login>, Failure> {
    let invalid = |message: String| SqlError::new(SqlState::InvalidAuthorizationSpecification, message);
    let name = hello.get("user").filter(|user| !user.is_empty());
    let name =
        name.ok_or_else(|| invalid("no PostgreSQL user name specified in startup packet".to_owned()))?;
    let database = hello.get("database").filter(|name| !name.is_empty()).unwrap_or(name);
    if shared.options.require_tls && !link.is_tls {
        return Err(Failure::Fatal(invalid(format!(
            "no pg_hba.conf entry for host \"{}\", user \"{name}\", database \"{database}\", SSL off",
            link.peer.ip()
        ))));
    }
    let user = shared.user(name)?;
    let account = Account::of(name, user.as_ref(), shared.options.owner.as_ref(), Utc::now())?;
    let proven = match account.proof(shared.options.auth_method, name, &shared.secret)? {
        Proof::Md5(verifier) => md5(&verifier, link).await?,
        Proof::Scram(verifier) => scram(verifier, account.is_open, link).await?,
        Proof::Digest(verifier) => digest(&verifier, hello, link).await?,
    };
    let Some(proven) = proven else { return Ok(None) };
    let user = match user {
        Some(user) if proven && account.is_open => user,
        _ => {
            tokio::time::sleep(shared.throttle.failed(link.peer.ip(), Instant::now())).await;
            return Err(Failure::Fatal(auth::failed(name)));
        }
    };
    shared.throttle.succeeded(link.peer.ip());
    if database != shared.engine.database() {
        let error =
            SqlError::new(SqlState::InvalidCatalogName, format!("database \"{database}\" does not exist"));
        let hint = format!("This warehouse has one database, \"{}\".", shared.engine.database());
        return Err(Failure::Fatal(error.with_hint(hint)));
    }
    backend::authentication(&mut link.output.buffer, &Authentication::Ok);
    Ok(Some(Login {
        session_timeout: user.session_timeout_seconds.map(|seconds| Duration::from_secs(seconds.into())),
        user: user.name,
    }))
}

async fn md5(verifier: &str, link: &mut Link<'_>) -> Result<Option<bool>, Failure> {
    let challenge = Md5Challenge::new()?;
    let Some(answer) = link.ask(&Authentication::Md5Password { salt: challenge.salt }).await? else {
        return Ok(None);
    };
    Ok(Some(challenge.verify(Reader::new(answer).text()?.as_bytes(), verifier)))
}

/// A name that may not connect goes through the same exchange and fails at its end.
async fn scram(verifier: ScramVerifier, is_open: bool, link: &mut Link<'_>) -> Result<Option<bool>, Failure> {
    let Some(answer) = link.ask(&Authentication::Sasl { mechanism: MECHANISM }).await? else {
        return Ok(None);
    };
    let mut answer = Reader::new(answer);
    if answer.text()? != MECHANISM {
        return Err(Failure::Fatal(protocol_violation(
            "client selected an invalid SASL authentication mechanism",
        )));
    }
    let client_first = answer.value()?.unwrap_or_default();
    let exchange = ScramExchange::start(utf8(&client_first)?, verifier)?;
    let Some(client_final) = link.ask(&Authentication::SaslContinue(&exchange.server_first)).await? else {
        return Ok(None);
    };
    match exchange.finish(utf8(&client_final)?)? {
        Some(server_final) if is_open => {
            backend::authentication(&mut link.output.buffer, &Authentication::SaslFinal(&server_final));
            Ok(Some(true))
        }
        _ => Ok(Some(false)),
    }
}

/// Amazon's drivers send a digest; others the password itself, where nobody can read along.
async fn digest(verifier: &str, hello: &Hello, link: &mut Link<'_>) -> Result<Option<bool>, Failure> {
    let Some(challenge) = DigestChallenge::new(verifier)? else { return Ok(Some(false)) };
    let is_amazons = hello.get("client_protocol_version").is_some();
    if is_amazons {
        let (salt, nonce) = (challenge.salt.as_bytes(), &challenge.server_nonce[..]);
        let question = Authentication::Digest { algorithm: SHA_256, salt, nonce };
        let Some(answer) = link.ask(&question).await? else { return Ok(None) };
        let mut answer = Reader::new(answer);
        let (digest, nonce) = (answer.value()?.unwrap_or_default(), answer.value()?.unwrap_or_default());
        return Ok(Some(challenge.verify(&digest, &nonce)));
    }
    if !link.is_tls && !link.peer.ip().is_loopback() {
        let message = "a password kept as sha256 is sent in clear by this client, which needs TLS";
        return Err(Failure::Fatal(SqlError::new(SqlState::InvalidAuthorizationSpecification, message)));
    }
    let Some(answer) = link.ask(&Authentication::CleartextPassword).await? else { return Ok(None) };
    Ok(Some(challenge.verify_password(Reader::new(answer).text()?.as_bytes())))
}

impl Link<'_> {
    /// The answer to a question; `None` if the client has gone.
    async fn ask(&mut self, question: &Authentication<'_>) -> Result<Option<Bytes>, Failure> {
        backend::authentication(&mut self.output.buffer, question);
        self.output.flush().await?;
        let Some((tag, body)) = self.input.message().await? else { return Ok(None) };
        match (Frontend::read(tag, body)?, question) {
            (Frontend::Password(answer), _) => Ok(Some(answer)),
            (Frontend::CopyData(answer), Authentication::Digest { .. }) => Ok(Some(answer)),
            (Frontend::Terminate, _) => Ok(None),
            _ => Err(Failure::Fatal(protocol_violation("expected password response"))),
        }
    }
}
