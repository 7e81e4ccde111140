//! AWS Signature Version 4 (AWS General Reference, "Signature Version 4 signing process").

use axum::http::{HeaderMap, Uri, header};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use dwh_common::Secret;
use ring::{digest, hmac};

use crate::error::ApiError;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Requests of other times may be old ones sent again.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(15);

/// A key that requests are signed with.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// Access key id.
    pub id: String,
    /// Secret access key.
    pub secret: Secret,
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    key_id: &'a str,
    /// `date/region/service/aws4_request`.
    scope: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// Lets a request pass: signed with the key, or, without one, signed by anybody on this machine.
///
/// # Errors
/// The signature is missing, malformed, of another key or time, or wrong.
pub(crate) fn check(
    key: Option<&AccessKey>,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> Result<(), ApiError> {
    let authorization = text(headers, header::AUTHORIZATION.as_str()).ok_or_else(|| {
        ApiError::access("MissingAuthenticationTokenException", "the request is not signed")
    })?;
    let authorization = read(authorization)
        .ok_or_else(|| ApiError::access("IncompleteSignatureException", "the signature cannot be read"))?;
    match key {
        Some(key) => verify(key, &authorization, headers, uri, body, Utc::now()),
        // A page in a browser may reach this port under a name of its own, but not under one of ours.
        None if is_loopback(text(headers, header::HOST.as_str()).unwrap_or_default()) => Ok(()),
        None => Err(ApiError::access(
            "AccessDeniedException",
            "without an access key of the server requests must be sent to localhost",
        )),
    }
}

fn verify(
    key: &AccessKey,
    authorization: &Authorization<'_>,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    if authorization.key_id != key.id {
        let message = "The security token included in the request is invalid.";
        return Err(ApiError::access("UnrecognizedClientException", message));
    }
    let sent = text(headers, "x-amz-date").unwrap_or_default();
    let at = NaiveDateTime::parse_from_str(sent, "%Y%m%dT%H%M%SZ").map(|at| at.and_utc());
    if !at.is_ok_and(|at| (now - at).abs() <= MAX_SKEW) {
        let message = format!("Signature expired: {sent:?} is not within 15 minutes of {now}.");
        return Err(ApiError::access("InvalidSignatureException", message));
    }
    let names: Vec<&str> = authorization.signed_headers.split(';').collect();
    let canonical_headers: String = names
        .iter()
        .map(|name| format!("{name}:{}\n", text(headers, name).unwrap_or_default().trim()))
        .collect();
    let request = format!(
        "POST\n{}\n{}\n{canonical_headers}\n{}\n{}",
        uri.path(),
        uri.query().unwrap_or_default(),
        authorization.signed_headers,
        hex(digest::digest(&digest::SHA256, body).as_ref())
    );
    let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
    let to_sign = format!("{ALGORITHM}\n{sent}\n{}\n{hashed}", authorization.scope);
    let mut signing_key = format!("AWS4{}", key.secret.expose()).into_bytes();
    for part in authorization.scope.split('/') {
        let part_key = hmac::Key::new(hmac::HMAC_SHA256, &signing_key);
        signing_key = hmac::sign(&part_key, part.as_bytes()).as_ref().to_vec();
    }
    let scope_date = authorization.scope.split('/').next().unwrap_or_default();
    let is_complete =
        names.contains(&"host") && names.contains(&"x-amz-date") && sent.starts_with(scope_date);
    let given = bytes_of_hex(authorization.signature).unwrap_or_default();
    let expected = hmac::Key::new(hmac::HMAC_SHA256, &signing_key);
    if !is_complete || hmac::verify(&expected, to_sign.as_bytes(), &given).is_err() {
        let message = "The request signature we calculated does not match the signature you provided.";
        return Err(ApiError::access("InvalidSignatureException", message));
    }
    Ok(())
}

fn read(header: &str) -> Option<Authorization<'_>> {
    let rest = header.strip_prefix(ALGORITHM)?;
    let part = |name: &str| {
        rest.split(',').find_map(|part| part.trim().strip_prefix(name)).filter(|value| !value.is_empty())
    };
    let (key_id, scope) = part("Credential=")?.split_once('/')?;
    let is_scope = scope.split('/').count() == 4 && scope.ends_with("/aws4_request");
    let read = Authorization {
        key_id,
        scope,
        signed_headers: part("SignedHeaders=")?,
        signature: part("Signature=")?,
    };
    is_scope.then_some(read)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, read};

    #[test]
    fn an_authorization_header_has_key_scope_headers_and_signature() {
        let header = "AWS4-HMAC-SHA256 Credential=AKID/20261129/us-east-1/redshift-data/aws4_request, \
                      SignedHeaders=content-type;host;x-amz-date, Signature=abcd";
        let parts = read(header).expect("well-formed");
        assert_eq!((parts.key_id, parts.scope), ("AKID", "20261129/us-east-1/redshift-data/aws4_request"));
        assert_eq!((parts.signed_headers, parts.signature), ("content-type;host;x-amz-date", "abcd"));
        for wrong in ["", "Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=A/b, Signature=c"] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["localhost:8439", "127.0.0.1", "[::1]:8439", "LOCALHOST"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "evil.example:8439", "localhost.evil.example", "10.0.0.1:8439"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
