//! Who may connect: passwords, asked for by MD5 as Redshift does, or by SCRAM-SHA-256.

mod md5;
mod scram;
mod throttle;

use std::collections::HashMap;

use dwh_common::{Secret, SqlError, SqlState};
use ring::hmac;

pub(crate) use md5::Md5Challenge;
pub(crate) use scram::{MECHANISM, ScramExchange};
pub(crate) use throttle::Throttle;

/// How passwords are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMethod {
    /// MD5: what Redshift and all its drivers speak.
    #[default]
    Md5,
    /// SCRAM-SHA-256: stronger; drivers based on libpq 10, pgjdbc 42.2 or later speak it.
    ScramSha256,
}

/// Users and their passwords.
#[derive(Debug, Clone, Default)]
pub struct Users(HashMap<String, Secret>);

impl Users {
    /// One user, who may do everything.
    pub fn superuser(name: impl Into<String>, password: Secret) -> Self {
        Self(HashMap::from([(name.into(), password)]))
    }

    pub(crate) fn password(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }
}

/// 28P01 in Redshift's words (RS 2.5), the same for a wrong name and a wrong password.
pub(crate) fn failed(user: &str) -> SqlError {
    SqlError::new(SqlState::InvalidPassword, format!("password authentication failed for user \"{user}\""))
}

/// Whether two texts are the same, in a time that tells nothing about them.
///
/// # Errors
/// The system gives no random numbers.
fn same(left: &[u8], right: &[u8]) -> Result<bool, SqlError> {
    let key: [u8; 32] = random()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Ok(hmac::verify(&key, left, hmac::sign(&key, right).as_ref()).is_ok())
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
