//! Redshift's digest of passwords kept as `sha256|…` (RS 5.1): the client sends
//! `SHA-256(SHA-256(password || salt) || server nonce || client nonce)`. Amazon's drivers speak it, libpq does not.

use dwh_common::{SqlError, hex};
use ring::digest::{Context, SHA256};

use super::{random, same};

/// The algorithm's number on the wire.
pub(crate) const SHA_256: i32 = 0;

/// A question for a digest.
pub(crate) struct DigestChallenge {
    /// `SHA-256(password || salt)`.
    stored: Vec<u8>,
    pub(crate) salt: String,
    pub(crate) server_nonce: [u8; 16],
}

impl DigestChallenge {
    /// A question about a verifier, `<digest>|<salt>`; `None` if it is none.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn new(verifier: &str) -> Result<Option<Self>, SqlError> {
        let Some((stored, salt)) = verifier.split_once('|') else { return Ok(None) };
        let Some(stored) = hex::decode(stored) else { return Ok(None) };
        Ok(Some(Self { stored, salt: salt.to_owned(), server_nonce: random()? }))
    }

    /// Whether the digest proves the password.
    pub(crate) fn verify(&self, digest: &[u8], client_nonce: &[u8]) -> bool {
        same(digest, &sha256(&[&self.stored, &self.server_nonce, client_nonce]))
    }

    /// Whether this is the password itself.
    pub(crate) fn verify_password(&self, password: &[u8]) -> bool {
        same(&self.stored, &sha256(&[password, self.salt.as_bytes()]))
    }
}

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use dwh_common::hex;

    use super::DigestChallenge;

    /// The verifier is the digest of the password `Mypassword1` and the salt
    /// `salt`, the digest what redshift_connector's `ExtensibleDigest` gives; both computed with hashlib.
    #[test]
    fn the_digest_is_that_of_amazons_drivers() {
        let verifier = "e8e2510cf9deb1ca03a344ae164492a349f43c1dd0961c37a162e7ac7d96fae0|salt";
        let mut challenge = DigestChallenge::new(verifier).expect("random").expect("a verifier");
        challenge.server_nonce = *b"0123456789abcdef";
        let digest =
            hex::decode("b2327336db26a067e8f0f122e2ebcdc86a934fe21491bd08242d37f0ce729d02").expect("hex");
        assert!(challenge.verify(&digest, b"1543599084796"));
        assert!(!challenge.verify(&digest, b"1543599084797"));
        assert!(challenge.verify_password(b"Mypassword1"));
        assert!(!challenge.verify_password(b"mypassword1"));
    }
}
