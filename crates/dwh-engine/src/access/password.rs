//! Passwords: rules, and the verifiers that are kept instead of them.
//!
//! A clear password gets verifiers for SCRAM-SHA-256 and for `md5`; a hash that was given instead gets the
//! one way to authenticate that it allows (the guide's page CREATE USER).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use dwh_common::{Secret, SqlError, SqlState, hex};
use dwh_storage::PasswordVerifiers;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Rounds of PBKDF2, as PostgreSQL has by default (RFC 7677).
const SCRAM_ITERATIONS: u32 = 4096;
/// SHA-256 of an empty text is no password; this is the length of its digest in hexadecimal digits.
const SHA256_DIGITS: usize = 64;
const MD5_DIGITS: usize = 32;

/// The verifiers of a password, or of the hash of one.
///
/// # Errors
/// 22023 if it breaks Redshift's rules: 8 to 64 printable characters, an upper and a lower case letter and
/// a digit, none of `' " \ /` and blank. The guide's rule forbids `@`, too, and an example of its page CREATE USER
/// has one: it is taken.
pub(crate) fn verifiers(user: &str, password: &Secret) -> Result<PasswordVerifiers, SqlError> {
    let given = password.expose();
    let is_hex =
        |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digest) = given.strip_prefix("md5").filter(|digest| is_hex(digest, MD5_DIGITS)) {
        let md5 = Some(format!("md5{}", digest.to_ascii_lowercase()));
        return Ok(PasswordVerifiers { md5, ..PasswordVerifiers::default() });
    }
    if let Some(rest) = given.strip_prefix("sha256|") {
        if let Some((digest, salt)) = rest.split_once('|') {
            if !is_hex(digest, SHA256_DIGITS) || salt.is_empty() {
                return Err(refused("a SHA-256 hash is given as sha256|digest|salt"));
            }
            let sha256 = Some(format!("{}|{salt}", digest.to_ascii_lowercase()));
            return Ok(PasswordVerifiers { sha256, ..PasswordVerifiers::default() });
        }
        check(rest)?;
        let salt = hex::encode(Uuid::new_v4().into_bytes());
        let digest = Sha256::new().chain_update(rest).chain_update(&salt).finalize();
        let sha256 = Some(format!("{}|{salt}", hex::encode(digest)));
        return Ok(PasswordVerifiers { sha256, ..PasswordVerifiers::default() });
    }
    check(given)?;
    Ok(PasswordVerifiers {
        scram: Some(scram_sha_256(given, &Uuid::new_v4().into_bytes(), SCRAM_ITERATIONS)?),
        md5: Some(md5_verifier(user, given)),
        sha256: None,
    })
}

/// Whether a clear password is the one that the verifiers were made of.
///
/// # Errors
/// A verifier cannot be computed.
pub(crate) fn matches(kept: &PasswordVerifiers, user: &str, password: &Secret) -> Result<bool, SqlError> {
    let given = password.expose();
    if let Some(scram) = &kept.scram {
        let parts = scram.strip_prefix("SCRAM-SHA-256$").and_then(|rest| rest.split_once('$'));
        let parts = parts.and_then(|(parts, _)| parts.split_once(':'));
        let Some((Ok(iterations), Ok(salt))) =
            parts.map(|(iterations, salt)| (iterations.parse(), BASE64.decode(salt)))
        else {
            return Err(SqlError::internal("a user's SCRAM verifier cannot be read"));
        };
        return Ok(same(scram, &scram_sha_256(given, &salt, iterations)?));
    }
    if let Some(md5) = &kept.md5 {
        return Ok(same(md5, &md5_verifier(user, given)));
    }
    let Some((digest, salt)) = kept.sha256.as_deref().and_then(|kept| kept.split_once('|')) else {
        return Ok(false);
    };
    Ok(same(digest, &hex::encode(Sha256::new().chain_update(given).chain_update(salt).finalize())))
}

/// Whether two texts are the same, in a time that depends on their lengths only.
fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn check(password: &str) -> Result<(), SqlError> {
    if !(8..=64).contains(&password.len()) {
        return Err(refused("password must be between 8 and 64 characters in length"));
    }
    if password.chars().any(|ch| !('!'..='~').contains(&ch) || matches!(ch, '\'' | '"' | '\\' | '/')) {
        return Err(refused(
            "password must contain only printable ASCII characters except / \" ' \\ and space",
        ));
    }
    for (kind, is_kind) in [
        ("an uppercase letter", char::is_ascii_uppercase as fn(&char) -> bool),
        ("a lowercase letter", char::is_ascii_lowercase),
        ("a number", char::is_ascii_digit),
    ] {
        if !password.chars().any(|ch| is_kind(&ch)) {
            return Err(refused(format!("password must contain {kind}")));
        }
    }
    Ok(())
}

fn refused(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::InvalidParameterValue, message)
}

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5802 and 7677).
fn scram_sha_256(password: &str, salt: &[u8], iterations: u32) -> Result<String, SqlError> {
    let salted = salted_password(password, salt, iterations)?;
    let client_key = hmac(&salted, b"Client Key")?;
    let stored_key = Sha256::digest(client_key);
    let server_key = hmac(&salted, b"Server Key")?;
    Ok(format!(
        "SCRAM-SHA-256${iterations}:{}${}:{}",
        BASE64.encode(salt),
        BASE64.encode(stored_key),
        BASE64.encode(server_key)
    ))
}

/// Hi() of RFC 5802: PBKDF2 with one block.
fn salted_password(password: &str, salt: &[u8], iterations: u32) -> Result<[u8; 32], SqlError> {
    let mut block = salt.to_vec();
    block.extend(1_u32.to_be_bytes());
    let mut round = hmac(password.as_bytes(), &block)?;
    let mut result = round;
    for _ in 1..iterations {
        round = hmac(password.as_bytes(), &round)?;
        result.iter_mut().zip(round).for_each(|(sum, byte)| *sum ^= byte);
    }
    Ok(result)
}

fn hmac(key: &[u8], text: &[u8]) -> Result<[u8; 32], SqlError> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).map_err(|error| SqlError::internal(format!("HMAC: {error}")))?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().into())
}

/// `md5` and the digest of password and user name: what PostgreSQL keeps for `md5` authentication.
fn md5_verifier(user: &str, password: &str) -> String {
    format!("md5{}", hex::encode(Md5::new().chain_update(password).chain_update(user).finalize()))
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::{BASE64, matches, md5_verifier, salted_password, scram_sha_256, verifiers};
    use base64::Engine as _;
    use md5::Digest as _;

    /// The exchange of RFC 7677, section 3: its server's final message proves the server key.
    #[test]
    fn scram_keys_are_those_of_rfc_7677() {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
        let verifier = scram_sha_256("pencil", &salt, 4096).expect("keys");
        let server_key = BASE64.decode(verifier.rsplit(':').next().expect("a key")).expect("base64");
        let message = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                       r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                       c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = super::hmac(&server_key, message.as_bytes()).expect("a signature");
        assert_eq!(BASE64.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!(salted_password("pencil", &salt, 4096).expect("keys").len(), 32);
    }

    #[test]
    fn md5_is_of_password_and_user_name() {
        // PostgreSQL: SELECT 'md5' || md5('secret' || 'joe').
        assert_eq!(md5_verifier("joe", "secret"), "md5c59ec932d911ffdf487595b5a2adf973");
    }

    #[test]
    fn passwords_follow_the_rules_of_redshift() {
        let check = |password: &str| verifiers("u", &Secret::new(password)).map_err(|error| error.message);
        assert!(check("Abcd1234").is_ok());
        for (password, message) in [
            ("Abc123", "password must be between 8 and 64 characters in length"),
            ("abcd1234", "password must contain an uppercase letter"),
            ("ABCD1234", "password must contain a lowercase letter"),
            ("Abcdefgh", "password must contain a number"),
        ] {
            assert_eq!(check(password).expect_err(password), message);
        }
        assert!(check("Abcd 1234").is_err());
    }

    #[test]
    fn only_the_password_itself_matches() {
        let (right, wrong) = (Secret::new("Abcd1234"), Secret::new("Abcd1235"));
        let md5 = format!("md5{}", dwh_common::hex::encode(md5::Md5::digest(b"Abcd1234u")));
        for given in ["Abcd1234", "sha256|Abcd1234", &md5] {
            let kept = verifiers("u", &Secret::new(given)).expect("verifiers");
            assert_eq!(matches(&kept, "u", &right), Ok(true), "{given}");
            assert_eq!(matches(&kept, "u", &wrong), Ok(false), "{given}");
        }
        assert_eq!(matches(&dwh_storage::PasswordVerifiers::default(), "u", &Secret::default()), Ok(false));
    }

    #[test]
    fn nothing_of_a_password_is_kept_or_shown() {
        let kept = verifiers("u", &Secret::new("Abcd1234")).expect("verifiers");
        assert!(!format!("{kept:?}").contains("SCRAM"));
        let again = verifiers("u", &Secret::new("Abcd1234")).expect("verifiers");
        assert_ne!(kept.scram, again.scram, "salted anew each time");
        let given = verifiers("u", &Secret::new(format!("md5{}", "0aF".repeat(10) + "00"))).expect("a hash");
        assert_eq!(given.md5, Some(format!("md5{}00", "0af".repeat(10))));
        assert_eq!((given.scram, given.sha256), (None, None));
        let sha = verifiers("u", &Secret::new("sha256|Mypassword1")).expect("verifiers");
        assert!(sha.sha256.is_some_and(|kept| !kept.contains("Mypassword1")));
    }
}
