//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, without channel binding.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use dwh_common::{Secret, SqlError};
use ring::{digest, hmac, pbkdf2};

use super::{random, same};
use crate::message::protocol_violation;

/// Its name on the wire.
pub(crate) const MECHANISM: &str = "SCRAM-SHA-256";
/// PostgreSQL's count of iterations.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).expect("4096 is not zero");
const KEY_BYTES: usize = 32;

/// What is kept of a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803).
#[derive(Clone)]
pub(crate) struct ScramVerifier {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    stored_key: [u8; KEY_BYTES],
    server_key: [u8; KEY_BYTES],
}

impl ScramVerifier {
    /// Reads a verifier as PostgreSQL writes it; `None` if it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (parameters, keys) = text.strip_prefix("SCRAM-SHA-256$")?.split_once('$')?;
        let (iterations, salt) = parameters.split_once(':')?;
        let (stored_key, server_key) = keys.split_once(':')?;
        let key = |text: &str| BASE64.decode(text).ok()?.try_into().ok();
        Some(Self {
            iterations: iterations.parse().ok()?,
            salt: BASE64.decode(salt).ok()?,
            stored_key: key(stored_key)?,
            server_key: key(server_key)?,
        })
    }

    /// The verifier of a password, with a new salt.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn of_password(password: &Secret) -> Result<Self, SqlError> {
        let salt: [u8; 16] = random()?;
        Ok(Self::salted(password, &salt))
    }

    fn salted(password: &Secret, salt: &[u8]) -> Self {
        let mut salted = [0; KEY_BYTES];
        let password = password.expose().as_bytes();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, password, &mut salted);
        let client_key = sign(&salted, b"Client Key");
        Self {
            iterations: ITERATIONS,
            salt: salt.to_vec(),
            stored_key: key_of(digest::digest(&digest::SHA256, client_key.as_ref()).as_ref()),
            server_key: key_of(sign(&salted, b"Server Key").as_ref()),
        }
    }

    /// A verifier that no password fits, with the same salt for a name at each attempt.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn of_nobody(name: &str, secret: &[u8; 32]) -> Result<Self, SqlError> {
        let salt = sign(secret, name.as_bytes()).as_ref()[..16].to_vec();
        Ok(Self { iterations: ITERATIONS, salt, stored_key: random()?, server_key: random()? })
    }
}

impl std::fmt::Display for ScramVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [salt, stored_key, server_key] =
            [&self.salt[..], &self.stored_key, &self.server_key].map(|bytes| BASE64.encode(bytes));
        write!(f, "SCRAM-SHA-256${}:{salt}${stored_key}:{server_key}", self.iterations)
    }
}

/// An exchange after the client's first message.
pub(crate) struct ScramExchange {
    verifier: ScramVerifier,
    nonce: String,
    /// What both sides have said, as it is signed.
    said: String,
    channel_binding: String,
    pub(crate) server_first: String,
}

impl ScramExchange {
    /// Answers the client's first message, `n,,n=user,r=nonce`.
    ///
    /// # Errors
    /// 08P01 for other messages.
    pub(crate) fn start(client_first: &str, verifier: ScramVerifier) -> Result<Self, SqlError> {
        let malformed = || protocol_violation("malformed SCRAM message");
        let mut parts = client_first.splitn(3, ',');
        let flag = parts.next().ok_or_else(malformed)?;
        let authorization = parts.next().ok_or_else(malformed)?;
        let bare = parts.next().ok_or_else(malformed)?;
        if flag.starts_with('p') {
            return Err(protocol_violation("channel binding is not offered"));
        }
        if !matches!(flag, "n" | "y") || bare.starts_with("m=") {
            return Err(malformed());
        }
        let client_nonce = bare.split(',').find_map(|part| part.strip_prefix("r=")).ok_or_else(malformed)?;
        let server_nonce: [u8; 18] = random()?;
        let nonce = format!("{client_nonce}{}", BASE64.encode(server_nonce));
        let server_first = format!("r={nonce},s={},i={}", BASE64.encode(&verifier.salt), verifier.iterations);
        Ok(Self {
            verifier,
            said: format!("{bare},{server_first}"),
            channel_binding: BASE64.encode(format!("{flag},{authorization},")),
            nonce,
            server_first,
        })
    }

    /// The server's last message if the client's proves the password, else `None`.
    ///
    /// # Errors
    /// 08P01 for other messages.
    pub(crate) fn finish(&self, client_final: &str) -> Result<Option<String>, SqlError> {
        let malformed = || protocol_violation("malformed SCRAM message");
        let (without_proof, proof) = client_final.rsplit_once(",p=").ok_or_else(malformed)?;
        let proof: [u8; KEY_BYTES] =
            BASE64.decode(proof).ok().and_then(|proof| proof.try_into().ok()).ok_or_else(malformed)?;
        let mut parts = without_proof.split(',');
        if parts.next() != Some(&format!("c={}", self.channel_binding))
            || parts.next() != Some(&format!("r={}", self.nonce))
        {
            return Err(malformed());
        }
        let signed = format!("{},{without_proof}", self.said);
        let stored_key = &self.verifier.stored_key;
        let signature = sign(stored_key, signed.as_bytes());
        let mut recovered = proof;
        recovered.iter_mut().zip(signature.as_ref()).for_each(|(byte, mask)| *byte ^= mask);
        let recovered = digest::digest(&digest::SHA256, &recovered);
        if !same(recovered.as_ref(), stored_key) {
            return Ok(None);
        }
        let signature = sign(&self.verifier.server_key, signed.as_bytes());
        Ok(Some(format!("v={}", BASE64.encode(signature))))
    }
}

fn key_of(bytes: &[u8]) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(bytes);
    key
}

fn sign(key: &[u8], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::{BASE64, ScramExchange, ScramVerifier};
    use base64::Engine as _;

    /// The exchange of RFC 7677 section 3, with its salt and nonce.
    #[test]
    fn the_example_of_rfc_7677_is_proven() {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("the RFC's salt");
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned();
        let server_first = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let exchange = ScramExchange {
            verifier: ScramVerifier::salted(&Secret::new("pencil"), &salt),
            said: format!("n=user,r=rOprNGfwEbeRWgbNEkqO,{server_first}"),
            channel_binding: BASE64.encode("n,,"),
            nonce: nonce.clone(),
            server_first,
        };
        let client_final = format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let answer = exchange.finish(&client_final).expect("well-formed");
        assert_eq!(answer.as_deref(), Some("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        let wrong = client_final.replace("p=dH", "p=aH");
        assert_eq!(exchange.finish(&wrong).expect("well-formed"), None);
    }

    #[test]
    fn a_client_with_another_nonce_or_binding_is_refused() {
        let verifier = ScramVerifier::of_password(&Secret::new("p")).expect("random numbers");
        let exchange = ScramExchange::start("n,,n=,r=abc", verifier.clone()).expect("well-formed");
        let proof = BASE64.encode([0; 32]);
        assert!(exchange.finish(&format!("c=biws,r=abc,p={proof}")).is_err());
        assert!(exchange.finish("c=biws").is_err());
        for wrong in ["", "n,,", "p=tls-server-end-point,,n=,r=a", "n,,m=x,n=,r=a", "x,,n=,r=a"] {
            assert!(ScramExchange::start(wrong, verifier.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn verifiers_are_read_as_they_are_written() {
        let verifier = ScramVerifier::of_password(&Secret::new("pencil")).expect("random numbers");
        let text = verifier.to_string();
        assert_eq!(ScramVerifier::parse(&text).map(|read| read.to_string()), Some(text));
        for wrong in ["", "md5abc", "SCRAM-SHA-256$0:AA==$AA==:AA==", "SCRAM-SHA-256$4096:AA==$AA==:AA=="] {
            assert!(ScramVerifier::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_name_that_is_not_has_the_same_salt_at_each_attempt() {
        let salt = |name| ScramVerifier::of_nobody(name, &[7; 32]).expect("random numbers").salt;
        assert_eq!(salt("nobody"), salt("nobody"));
        assert_ne!(salt("nobody"), salt("another"));
    }
}
