//! What the warehouse knows of who wants to connect.

use chrono::{DateTime, Utc};
use dwh_common::{Secret, SqlError};
use dwh_engine::{PasswordVerifiers, User};

use super::scram::ScramVerifier;
use super::{AuthMethod, Owner, md5};

/// Someone who wants to connect, before the proof.
pub(crate) struct Account {
    verifiers: PasswordVerifiers,
    /// Whether the client wrote another case than the user's name has, which is part of the MD5.
    is_folded: bool,
    /// Whether the right password lets in: there is such a user, and the password is still valid.
    pub(crate) is_open: bool,
}

/// What the password is checked against.
pub(crate) enum Proof {
    /// `md5` and hex digits.
    Md5(String),
    /// A verifier of SCRAM-SHA-256.
    Scram(ScramVerifier),
    /// A verifier of Redshift's digest.
    Digest(String),
}

impl Account {
    /// The account under a name, as the client wrote it.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn of(
        name: &str,
        user: Option<&User>,
        owner: Option<&Owner>,
        now: DateTime<Utc>,
    ) -> Result<Self, SqlError> {
        let is_valid = user.is_some_and(|user| user.valid_until.is_none_or(|until| now < until));
        let kept = user.and_then(|user| user.password.clone());
        let is_owner = |owner: &&Owner| user.is_some_and(|user| user.name == owner.name);
        let is_folded = kept.is_some() && user.is_some_and(|user| user.name != name);
        let verifiers = match (kept, owner.filter(is_owner)) {
            (Some(kept), _) => Some(kept),
            (None, Some(owner)) => Some(of_password(name, &owner.password)?),
            (None, None) => None,
        };
        let is_open = is_valid && verifiers.is_some();
        Ok(Self { verifiers: verifiers.unwrap_or_default(), is_folded, is_open })
    }

    /// What to ask for. Of names that are not, or have no password, the same is asked as of others;
    /// `secret` makes their salts, so that they are the same at each attempt.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn proof(&self, method: AuthMethod, name: &str, secret: &[u8; 32]) -> Result<Proof, SqlError> {
        let PasswordVerifiers { scram, md5, sha256 } = &self.verifiers;
        let scram = scram.as_deref().and_then(ScramVerifier::parse);
        Ok(match (method, scram, md5, sha256) {
            (AuthMethod::Md5, None, Some(md5), _) => Proof::Md5(md5.clone()),
            (AuthMethod::Md5, Some(_), Some(md5), _) if !self.is_folded => Proof::Md5(md5.clone()),
            (_, Some(scram), ..) => Proof::Scram(scram),
            (AuthMethod::Md5, None, None, Some(sha256)) => Proof::Digest(sha256.clone()),
            (AuthMethod::Md5, None, None, None) => Proof::Md5(String::new()),
            (AuthMethod::ScramSha256, None, ..) => Proof::Scram(ScramVerifier::of_nobody(name, secret)?),
        })
    }
}

/// Both verifiers of a clear password.
fn of_password(user: &str, password: &Secret) -> Result<PasswordVerifiers, SqlError> {
    Ok(PasswordVerifiers {
        scram: Some(ScramVerifier::of_password(password)?.to_string()),
        md5: Some(md5::verifier(user, password)),
        sha256: None,
    })
}
