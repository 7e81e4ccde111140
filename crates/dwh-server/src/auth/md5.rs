//! MD5 passwords: `md5(md5(password || user) || salt)`, each in hex digits. What is kept is the inner one.

use dwh_common::{Secret, SqlError, hex};
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

    /// Whether the answer is that of the user with this verifier, `md5` and hex digits.
    pub(crate) fn verify(&self, answer: &[u8], verifier: &str) -> bool {
        same(answer, response(verifier, self.salt).as_bytes())
    }
}

/// The verifier of a password, as CREATE USER keeps it.
pub(super) fn verifier(user: &str, password: &Secret) -> String {
    format!("md5{}", digest(&[password.expose().as_bytes(), user.as_bytes()]))
}

/// The right answer to a question.
fn response(verifier: &str, salt: [u8; 4]) -> String {
    let stored = verifier.strip_prefix("md5").unwrap_or(verifier);
    format!("md5{}", digest(&[stored.as_bytes(), &salt]))
}

fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Md5::new();
    parts.iter().for_each(|part| digest.update(part));
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::{response, verifier};

    /// What libpq answers, computed with Python's hashlib.
    #[test]
    fn the_answer_is_libpqs() {
        let verifier = verifier("ada", &Secret::new("Passw0rd"));
        assert_eq!(response(&verifier, [1, 2, 3, 4]), "md552018d7c6ac798e24c06ba1c79ca54b5");
    }
}
