//! Who may connect: the users of the warehouse, whose passwords are asked for by MD5 as Redshift does, by
//! SCRAM-SHA-256, or by the digest that Redshift's own drivers speak.

mod account;
mod digest;
mod md5;
mod scram;
mod throttle;

use dwh_common::{Secret, SqlError, SqlState};
use subtle::ConstantTimeEq;

pub(crate) use account::{Account, Proof};
pub(crate) use digest::{DigestChallenge, SHA_256};
pub(crate) use md5::Md5Challenge;
pub(crate) use scram::{MECHANISM, ScramExchange, ScramVerifier};
pub(crate) use throttle::Throttle;

/// How passwords are asked for, where a user's allows more than one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMethod {
    /// MD5: what Redshift and all its drivers speak. Users without an MD5 verifier are asked as theirs allows.
    #[default]
    Md5,
    /// SCRAM-SHA-256 and nothing else: stronger; drivers based on libpq 10, pgjdbc 42.2 or later speak it.
    ScramSha256,
}

/// The warehouse's owner as a client: a superuser, whose password counts until ALTER USER gives another.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Name, the same as in the catalog.
    pub name: String,
    /// Password.
    pub password: Secret,
}

/// 28P01 in Redshift's words (RS 2.5), the same for a wrong name and a wrong password.
pub(crate) fn failed(user: &str) -> SqlError {
    SqlError::new(SqlState::InvalidPassword, format!("password authentication failed for user \"{user}\""))
}

/// Whether two proofs are the same, in a time that depends on their lengths only.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Random bytes for salts, nonces and secrets.
///
/// # Errors
/// The system has none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], SqlError> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| SqlError::internal("the system gives no random numbers"))?;
    Ok(bytes)
}
