use std::error::Error;

use crate::error::{CopyError, INVALID_KEY, StoreError};

/// An answer of object_store in the words of Redshift (RS 1.4).
pub(crate) fn store_error(url: &str, error: &object_store::Error) -> CopyError {
    CopyError::Store { url: url.to_owned(), source: describe(error) }
}

fn describe(error: &object_store::Error) -> StoreError {
    if let object_store::Error::InvalidPath { source } = error {
        return StoreError { message: source.to_string(), status: None, code: Some(INVALID_KEY.to_owned()) };
    }
    let text = innermost(error);
    if text.contains("redirect without LOCATION") {
        return StoreError {
            message:
                "The bucket you are attempting to access must be addressed using the specified endpoint."
                    .to_owned(),
            status: Some(301),
            code: Some("PermanentRedirect".to_owned()),
        };
    }
    let status = text
        .split_once("status code: ")
        .and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok())
        .or_else(|| matches!(error, object_store::Error::NotFound { .. }).then_some(404));
    let code = element(&text, "Code").map(str::to_owned).or_else(|| status.and_then(code_of_status));
    let message = element(&text, "Message")
        .map(|message| message.trim_end_matches('.').to_owned())
        .or_else(|| code.as_deref().and_then(message_of_code))
        .unwrap_or(text);
    StoreError { message, status, code }
}

/// The cause at the end of the chain says what happened; the links before it say whose library met it.
/// An S3 answer is not last if a parser failed on it, so it wins.
fn innermost(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(link) = cause {
        text = link.to_string();
        if text.contains("status code: ") || text.contains("redirect without LOCATION") {
            break;
        }
        cause = link.source();
    }
    text
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// HEAD requests have no body to say more.
fn code_of_status(status: u16) -> Option<String> {
    Some(
        match status {
            301 | 307 => "PermanentRedirect",
            403 => "AccessDenied",
            404 => "NoSuchKey",
            503 => "SlowDown",
            _ => return None,
        }
        .to_owned(),
    )
}

fn message_of_code(code: &str) -> Option<String> {
    Some(
        match code {
            "AccessDenied" => "Access Denied",
            "NoSuchKey" => "The specified key does not exist",
            "NoSuchBucket" => "The specified bucket does not exist",
            "SlowDown" => "Please reduce your request rate",
            "InvalidAccessKeyId" => "The AWS Access Key Id you provided does not exist in our records",
            "SignatureDoesNotMatch" => {
                "The request signature we calculated does not match the signature you provided"
            }
            _ => return None,
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::describe;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn an_s3_answer_reads_as_redshift_words_it() {
        let error = generic(
            "Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code>\
             <Message>Access Denied</Message></Error>",
        );
        assert_eq!(
            describe(&error).to_string(),
            "S3ServiceException:Access Denied,Status 403,Error AccessDenied"
        );
    }

    #[test]
    fn an_answer_without_a_body_is_worded_by_its_status() {
        let error = generic("Server returned non-2xx status code: 404 Not Found: ");
        assert_eq!(
            describe(&error).to_string(),
            "S3ServiceException:The specified key does not exist,Status 404,Error NoSuchKey"
        );
    }

    #[test]
    fn a_redirect_is_another_region() {
        let error = generic("Received redirect without LOCATION, this normally indicates …");
        assert!(describe(&error).to_string().ends_with("Status 301,Error PermanentRedirect"));
    }
}
