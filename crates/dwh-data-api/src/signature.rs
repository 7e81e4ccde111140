//! AWS Signature Version 4 (AWS General Reference, "Signature Version 4 signing process").

use axum::http::{HeaderMap, Uri, header};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use dwh_common::{Secret, hex};
use ring::{digest, hmac};

use crate::error::ApiError;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Requests of other times may be old ones sent again.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(15);
/// What a signature is for.
const SERVICE: &str = "redshift-data";
/// What nobody may change on the way, beside the body: the receiver, the time, and the operation.
const SIGNED_HEADERS: [&str; 3] = ["host", "x-amz-date", "x-amz-target"];

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
    let scope: Vec<&str> = authorization.scope.split('/').collect();
    let [date, _, SERVICE, "aws4_request"] = scope[..] else {
        let message = format!("Credential should be scoped to correct service: '{SERVICE}'.");
        return Err(ApiError::access("InvalidSignatureException", message));
    };
    if sent.split('T').next() != Some(date) {
        let message = format!("Date in Credential scope does not match the date of the request: {date:?}.");
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
        hex::encode(digest::digest(&digest::SHA256, body))
    );
    let hashed = hex::encode(digest::digest(&digest::SHA256, request.as_bytes()));
    let to_sign = format!("{ALGORITHM}\n{sent}\n{}\n{hashed}", authorization.scope);
    let mut signing_key = format!("AWS4{}", key.secret.expose()).into_bytes();
    for part in scope {
        let part_key = hmac::Key::new(hmac::HMAC_SHA256, &signing_key);
        signing_key = hmac::sign(&part_key, part.as_bytes()).as_ref().to_vec();
    }
    let is_complete = SIGNED_HEADERS.iter().all(|name| names.contains(name));
    let given = hex::decode(authorization.signature).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
    use chrono::{DateTime, Utc};
    use dwh_common::Secret;

    use super::{AccessKey, is_loopback, read, verify};

    const HEADERS: &str = "content-type;host;x-amz-date;x-amz-target";

    /// Checks a signature that botocore's `SigV4Auth` made for `POST http://localhost:8439/` with `{}`.
    fn is_valid(service: &str, signed_headers: &str, signature: &str, body: &str) -> bool {
        let key = AccessKey { id: "AKIADWH".to_owned(), secret: Secret::new("s3cret") };
        let headers: HeaderMap = [
            ("host", "localhost:8439"),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-date", "20181130T173124Z"),
            ("x-amz-target", "RedshiftData.ListDatabases"),
        ]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .into_iter()
        .collect();
        let header = format!(
            "AWS4-HMAC-SHA256 Credential=AKIADWH/20181130/us-west-2/{service}/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        );
        let authorization = read(&header).expect("well-formed");
        let now: DateTime<Utc> = "2018-11-30T17:40:00Z".parse().expect("a time");
        verify(&key, &authorization, &headers, &Uri::from_static("/"), body.as_bytes(), now).is_ok()
    }

    #[test]
    fn only_a_signature_of_this_service_over_host_time_and_operation_passes() {
        let signature = "437689b50f99bb32a1ee8aaae02963d8858d2d60a6b3a01b5c5027612cef7df3";
        assert!(is_valid("redshift-data", HEADERS, signature, "{}"));
        assert!(!is_valid("redshift-data", HEADERS, signature, "{ }"));
        assert!(!is_valid("redshift-data", HEADERS, &signature[1..], "{}"));
        // Without the operation, and for another service: both are signed rightly.
        let signature = "015f46592304f7dcc35827a2c2fa45f01b0d2f4169be842c94a41bc65da44cc7";
        assert!(!is_valid("redshift-data", "content-type;host;x-amz-date", signature, "{}"));
        let signature = "f7db7f8e3998fec85ffe9fbf4c91957c199704bb9bb6df2198d580058787a737";
        assert!(!is_valid("s3", HEADERS, signature, "{}"));
    }

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
