//! MD5 passwords: `md5(md5(password || user) || salt)`, each in hex digits.

use dwh_common::{Secret, SqlError};
use md5::{Digest, Md5};

use super::{random, same};

/// A question for an MD5 password.
pub(crate) struct Md5Challenge {
    pub(crate) salt: [u8; 4],
}

impl Md5Challenge {
    pub(crate) fn new() -> Result<Self, SqlError> {
        Ok(Self { salt: random()? })
    }

    /// Whether the answer is that of the user with this password.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn verify(&self, answer: &[u8], user: &str, password: &Secret) -> Result<bool, SqlError> {
        same(answer, response(user, password, self.salt).as_bytes())
    }
}

/// The right answer to a question.
fn response(user: &str, password: &Secret, salt: [u8; 4]) -> String {
    let stored = hex_digest(&[password.expose().as_bytes(), user.as_bytes()]);
    format!("md5{}", hex_digest(&[stored.as_bytes(), &salt]))
}

fn hex_digest(parts: &[&[u8]]) -> String {
    let mut digest = Md5::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::response;

    /// What libpq answers, computed with Python's hashlib.
    #[test]
    fn the_answer_is_libpqs() {
        let answer = response("ada", &Secret::new("Passw0rd"), [1, 2, 3, 4]);
        assert_eq!(answer, "md552018d7c6ac798e24c06ba1c79ca54b5");
    }
}
