//! The SDK's errors as [`ApiError`]: what the caller can do is told by AWS's code.

use std::error::Error;

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use crate::error::{ApiError, ApiErrorKind};

/// Names the call of an error, for `map_err`.
pub(crate) fn call<E>(
    service: &'static str,
    operation: &'static str,
) -> impl FnOnce(SdkError<E, HttpResponse>) -> ApiError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    move |error| {
        let (kind, code, message) = match &error {
            SdkError::ServiceError(answer) => {
                let code = answer.err().code().unwrap_or_default().to_owned();
                let message = answer.err().message().map_or_else(
                    || format!("AWS answered with status {}", answer.raw().status().as_u16()),
                    str::to_owned,
                );
                (kind_of(&code, &message, operation), code, message)
            }
            SdkError::TimeoutError(_) => {
                (ApiErrorKind::Unavailable, String::new(), "AWS did not answer in time".to_owned())
            }
            _ => {
                let (kind, message) = without_answer(&causes_of(&error));
                (kind, String::new(), message)
            }
        };
        ApiError { service, operation, kind, code, message }
    }
}

/// An error and its causes, the last one last.
fn chain(error: &dyn Error) -> Vec<String> {
    let mut said = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        said.push(cause.to_string());
        next = cause.source();
    }
    said
}

/// What the causes of an error say, without the SDK's words for where it happened.
pub(super) fn causes_of(error: &dyn Error) -> String {
    const WHERE: [&str; 5] = ["dispatch failure", "io error", "other", "client error", "service error"];
    let mut said = chain(error);
    said.retain(|cause| !WHERE.iter().any(|place| cause.starts_with(place)));
    // Some repeat their cause in their own words.
    said.dedup_by(|cause, before| before.contains(cause.as_str()));
    said.join(": ")
}

/// The last cause says most: `connection refused`.
pub(super) fn cause_of(error: &dyn Error) -> String {
    chain(error).pop().unwrap_or_default()
}

/// What is wrong where AWS said nothing.
pub(super) fn without_answer(text: &str) -> (ApiErrorKind, String) {
    let lower = text.to_ascii_lowercase();
    if lower.contains("sso") && (lower.contains("expired") || lower.contains("token")) {
        return (ApiErrorKind::ExpiredToken, "the session of aws sso login has ended".to_owned());
    }
    if lower.contains("expiredtoken") || lower.contains("security token included in the request is expired") {
        return (ApiErrorKind::ExpiredToken, "the credentials are past their time".to_owned());
    }
    if lower.contains("credential") {
        // The last link of the chain is the machine itself, where it runs in AWS.
        let is_end = ["in chain", "imds"].iter().any(|word| lower.contains(word));
        let why = if is_end { String::new() } else { format!(": {text}") };
        return (ApiErrorKind::NoCredentials, format!("no AWS credentials were found{why}"));
    }
    (ApiErrorKind::Unavailable, format!("AWS cannot be reached: {text}"))
}

pub(super) fn kind_of(code: &str, message: &str, operation: &str) -> ApiErrorKind {
    let has = |part: &str| code.contains(part);
    if message.contains("scoped to a valid region") || has("IllegalLocationConstraint") {
        return ApiErrorKind::Region;
    }
    if has("ExpiredToken") || code == "RequestExpired" {
        return ApiErrorKind::ExpiredToken;
    }
    if has("AccessDenied") || has("UnauthorizedOperation") || code == "NotAuthorized" {
        return ApiErrorKind::AccessDenied;
    }
    if [
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
        "InvalidAccessKeyId",
        "AuthFailure",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    ]
    .iter()
    .any(|known| has(known))
    {
        return ApiErrorKind::InvalidCredentials;
    }
    if has("Throttl") || has("TooManyRequests") || code == "RequestLimitExceeded" {
        return ApiErrorKind::Throttled;
    }
    if has("Quota") || has("LimitExceeded") {
        return ApiErrorKind::Quota;
    }
    if has("InsufficientClusterCapacity") || message.to_ascii_lowercase().contains("node type") {
        return ApiErrorKind::NodeType;
    }
    if has("NotFound") || code == "NoSuchEntity" {
        return ApiErrorKind::NotFound;
    }
    if has("AlreadyExists") || has("Duplicate") {
        return ApiErrorKind::AlreadyExists;
    }
    if code == "ConflictException" {
        // Serverless says the same of a name that is taken and of a resource that is busy.
        let creates = operation.starts_with("Create");
        return if creates { ApiErrorKind::AlreadyExists } else { ApiErrorKind::Busy };
    }
    if has("InvalidClusterState")
        || has("DependencyViolation")
        || has("DeleteConflict")
        || has("InvalidClusterSubnetGroupState")
        || has("ConcurrentModification")
    {
        return ApiErrorKind::Busy;
    }
    if has("InternalFailure") || has("InternalError") || has("ServiceUnavailable") || has("InternalServer") {
        return ApiErrorKind::Unavailable;
    }
    // An answer without a code is no answer of the service: a proxy or gateway in between failed.
    if code.is_empty() { ApiErrorKind::Unavailable } else { ApiErrorKind::Other }
}

#[cfg(test)]
mod tests {
    use super::{kind_of, without_answer};
    use crate::error::ApiErrorKind::{self, *};

    #[test]
    fn codes_of_all_services_tell_what_to_do() {
        let cases: &[(&str, &str, &str, ApiErrorKind)] = &[
            ("ExpiredToken", "", "GetRole", ExpiredToken),
            ("RequestExpired", "", "DescribeVpcs", ExpiredToken),
            ("UnauthorizedOperation", "", "DescribeVpcs", AccessDenied),
            ("AccessDeniedException", "", "GetNamespace", AccessDenied),
            ("InvalidClientTokenId", "", "GetCallerIdentity", InvalidCredentials),
            ("SignatureDoesNotMatch", "Credential should be scoped to a valid region.", "GetRole", Region),
            ("Throttling", "Rate exceeded", "GetRole", Throttled),
            ("RequestLimitExceeded", "", "DescribeVpcs", Throttled),
            ("NumberOfNodesQuotaExceeded", "", "CreateCluster", Quota),
            ("SecurityGroupLimitExceeded", "", "CreateSecurityGroup", Quota),
            ("InvalidParameterValue", "Invalid node type: dc2.large.", "CreateCluster", NodeType),
            ("ClusterNotFound", "", "DescribeClusters", NotFound),
            ("InvalidGroup.NotFound", "", "DeleteSecurityGroup", NotFound),
            ("EntityAlreadyExists", "", "CreateRole", AlreadyExists),
            ("InvalidPermission.Duplicate", "", "AuthorizeSecurityGroupIngress", AlreadyExists),
            ("ConflictException", "", "CreateNamespace", AlreadyExists),
            ("ConflictException", "", "DeleteNamespace", Busy),
            ("DependencyViolation", "", "DeleteSecurityGroup", Busy),
            ("InvalidClusterState", "", "PauseCluster", Busy),
            ("", "", "GetRole", Unavailable),
            ("InvalidParameterValue", "", "CreateCluster", Other),
        ];
        for (code, message, operation, kind) in cases {
            assert_eq!(kind_of(code, message, operation), *kind, "{code} {operation}");
        }
    }

    #[test]
    fn without_an_answer_credentials_are_told_from_the_network() {
        let no_keys = "the credential provider was not enabled: no credentials found in chain. Attempted:\n  Profile: …";
        assert_eq!(without_answer(no_keys), (NoCredentials, "no AWS credentials were found".to_owned()));
        let no_profile = "an error occurred while loading credentials: could not parse profile file: profile `x` was \
                          not defined";
        let (kind, message) = without_answer(no_profile);
        assert_eq!(kind, NoCredentials);
        assert!(message.ends_with("profile `x` was not defined"), "{message}");
        let refused = without_answer("tcp connect error: connection refused");
        assert_eq!(refused.0, Unavailable);
        assert_eq!(without_answer("… the SSO session has expired or is otherwise invalid").0, ExpiredToken);
    }
}
