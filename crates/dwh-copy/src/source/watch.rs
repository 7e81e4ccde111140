//! Who learns of the requests that failed: object_store tries again by itself and tells nobody, and Redshift has
//! a table of them (STL_S3CLIENT_ERROR).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use object_store::client::{HttpError, HttpRequest, HttpResponse};

use crate::error::StoreError;
use crate::outcome::{Progress, TransferFault};

tokio::task_local! {
    /// Requests are made by the future that reads an object, so that they find its watch.
    static WATCH: Watch;
}

struct Watch {
    progress: Arc<Progress>,
    /// What is asked for.
    url: Arc<str>,
    /// The address whose bytes are on their way: another request to it asks for those that did not come.
    coming: Mutex<Option<String>>,
}

/// A request that was sent.
pub(super) struct Sent {
    method: String,
    uri: String,
}

/// Runs `work`, whose requests for `url` are noted when they fail.
pub(crate) async fn watched<T>(
    progress: &Arc<Progress>,
    url: impl Into<Arc<str>>,
    work: impl Future<Output = T>,
) -> T {
    let watch = Watch { progress: Arc::clone(progress), url: url.into(), coming: Mutex::default() };
    WATCH.scope(watch, work).await
}

/// A request is about to be sent.
pub(super) fn note_request(request: &HttpRequest) -> Sent {
    let sent = Sent { method: request.method().to_string(), uri: request.uri().to_string() };
    let range = request.headers().get("range").and_then(|range| range.to_str().ok());
    let missing = range.and_then(|range| {
        let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
        (end.parse::<u64>().ok()? + 1).checked_sub(start.parse().ok()?)
    });
    let _ = WATCH.try_with(|watch| {
        if watch.coming().take().is_some_and(|uri| uri == sent.uri) {
            let missing =
                missing.map_or_else(String::new, |bytes| format!(" with {bytes} bytes remaining to read"));
            watch.note(&sent.method, format!("transfer closed{missing}"));
        }
    });
    sent
}

/// What came of it.
pub(super) fn note_answer(Sent { method, uri }: Sent, answer: &Result<HttpResponse, HttpError>) {
    let _ = WATCH.try_with(|watch| match answer {
        Ok(answer) if answer.status().is_success() => {
            *watch.coming() = (method == "GET").then_some(uri);
        }
        Ok(answer) => {
            let status = answer.status();
            let message = status.canonical_reason().unwrap_or("the request failed").to_owned();
            let error = StoreError { message, status: Some(status.as_u16()), code: None };
            watch.note(&method, error.to_string());
        }
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(link) = cause {
                text = link.to_string();
                cause = link.source();
            }
            watch.note(&method, text);
        }
    });
}

impl Watch {
    fn coming(&self) -> MutexGuard<'_, Option<String>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, method: &str, error: String) {
        let method = method.to_owned();
        self.progress.note_fault(TransferFault { at: Utc::now(), method, url: Arc::clone(&self.url), error });
    }
}
