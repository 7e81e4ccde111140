//! The SDK's errors as [`ApiError`]: what the caller can do is told by AWS's code.

use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::error::{ApiError, ApiErrorKind};

/// Names the call of an error, for `map_err`.
pub(crate) fn call<E, R>(
    service: &'static str,
    operation: &'static str,
) -> impl FnOnce(SdkError<E, R>) -> ApiError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    move |error| {
        let (kind, code, message) = match &error {
            SdkError::ServiceError(answer) => {
                let code = answer.err().code().unwrap_or_default().to_owned();
                let message = answer.err().message().map_or_else(|| answer.err().to_string(), str::to_owned);
                (kind_of(&code, &message, operation), code, message)
            }
            SdkError::TimeoutError(_) => {
                (ApiErrorKind::Unavailable, String::new(), "AWS did not answer in time".to_owned())
            }
            _ => {
                let text = DisplayErrorContext(&error).to_string();
                let (kind, message) = without_answer(&text);
                (kind, String::new(), message)
            }
        };
        ApiError { service, operation, kind, code, message }
    }
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
        return (ApiErrorKind::NoCredentials, "no AWS credentials were found".to_owned());
    }
    // The chain of causes, without the SDK's dump of itself behind it.
    let message = text.split(" (").next().unwrap_or(text);
    (ApiErrorKind::Unavailable, format!("AWS cannot be reached: {message}"))
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
        let no_keys =
            "dispatch failure: other: the credential provider was not enabled: no providers in chain";
        assert_eq!(without_answer(no_keys).0, NoCredentials);
        assert_eq!(
            without_answer("dispatch failure: io error: connection refused (DispatchFailure)").0,
            Unavailable
        );
        assert_eq!(without_answer("… the SSO session has expired or is otherwise invalid").0, ExpiredToken);
    }
}
