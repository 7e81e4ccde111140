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

/// An exchange after the client's first message.
pub(crate) struct ScramExchange {
    salted_password: [u8; KEY_BYTES],
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
    pub(crate) fn start(client_first: &str, password: &Secret) -> Result<Self, SqlError> {
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
        let salt: [u8; 16] = random()?;
        let server_nonce: [u8; 18] = random()?;
        let nonce = format!("{client_nonce}{}", BASE64.encode(server_nonce));
        let server_first = format!("r={nonce},s={},i={ITERATIONS}", BASE64.encode(salt));
        Ok(Self {
            salted_password: salted(password, &salt),
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
        let client_key = sign(&self.salted_password, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let signature = sign(stored_key.as_ref(), signed.as_bytes());
        let mut recovered = proof;
        recovered.iter_mut().zip(signature.as_ref()).for_each(|(byte, mask)| *byte ^= mask);
        let recovered = digest::digest(&digest::SHA256, &recovered);
        if !same(recovered.as_ref(), stored_key.as_ref())? {
            return Ok(None);
        }
        let server_key = sign(&self.salted_password, b"Server Key");
        let signature = sign(server_key.as_ref(), signed.as_bytes());
        Ok(Some(format!("v={}", BASE64.encode(signature))))
    }
}

fn salted(password: &Secret, salt: &[u8]) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, password.expose().as_bytes(), &mut key);
    key
}

fn sign(key: &[u8], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::{BASE64, ScramExchange, salted, sign};
    use base64::Engine as _;
    use ring::digest;

    /// The exchange of RFC 7677 section 3, with its salt and nonce.
    #[test]
    fn the_example_of_rfc_7677_is_proven() {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("the RFC's salt");
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned();
        let server_first = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let exchange = ScramExchange {
            salted_password: salted(&Secret::new("pencil"), &salt),
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
        let exchange = ScramExchange::start("n,,n=,r=abc", &Secret::new("p")).expect("well-formed");
        let proof = BASE64.encode([0; 32]);
        assert!(exchange.finish(&format!("c=biws,r=abc,p={proof}")).is_err());
        assert!(exchange.finish("c=biws").is_err());
        for wrong in ["", "n,,", "p=tls-server-end-point,,n=,r=a", "n,,m=x,n=,r=a", "x,,n=,r=a"] {
            assert!(ScramExchange::start(wrong, &Secret::new("p")).is_err(), "{wrong}");
        }
        let key = sign(b"k", b"d");
        assert_eq!(key.as_ref().len(), digest::SHA256.output_len());
    }
}
