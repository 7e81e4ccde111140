use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH};
use hyper::{Request, Response};
use s3s::service::S3Service;

use super::{LoggedRequest, lock};

/// What can go wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An S3 error of this status and code, for example 503 `SlowDown`.
    Status(u16, &'static str),
    /// A redirect without a location, as S3 answers for a bucket of another Region.
    WrongRegion,
    /// The first half of the body, then the connection closes.
    TruncatedBody,
    /// The connection closes without an answer.
    Reset,
    /// The answer comes so much later.
    Delay(Duration),
}

type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

/// Faults to come, and the requests that came.
#[derive(Debug)]
pub(super) struct Faults {
    latency: Duration,
    pending: Mutex<Vec<Pending>>,
    requests: Mutex<Vec<LoggedRequest>>,
    concurrent: AtomicUsize,
    max_concurrent: AtomicUsize,
}

#[derive(Debug)]
struct Pending {
    path: String,
    fault: Fault,
    times: usize,
}

impl Faults {
    /// No faults; every answer comes `latency` later.
    pub(super) fn new(latency: Duration) -> Self {
        Self {
            latency,
            pending: Mutex::default(),
            requests: Mutex::default(),
            concurrent: AtomicUsize::new(0),
            max_concurrent: AtomicUsize::new(0),
        }
    }

    pub(super) fn inject(&self, path: &str, fault: Fault, times: usize) {
        lock(&self.pending).push(Pending { path: path.to_owned(), fault, times });
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.requests).clone()
    }

    pub(super) fn max_concurrent_requests(&self) -> usize {
        self.max_concurrent.load(Ordering::Relaxed)
    }

    /// Answers a request, with the fault that is next for it.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        service: &S3Service,
    ) -> io::Result<Response<AnswerBody>> {
        let concurrent = self.concurrent.fetch_add(1, Ordering::Relaxed) + 1;
        self.max_concurrent.fetch_max(concurrent, Ordering::Relaxed);
        let answer = self.answer_counted(request, service).await;
        self.concurrent.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    async fn answer_counted(
        &self,
        request: Request<Incoming>,
        service: &S3Service,
    ) -> io::Result<Response<AnswerBody>> {
        let uri = request.uri();
        let path = percent_decoded(uri.path());
        lock(&self.requests).push(LoggedRequest {
            method: request.method().to_string(),
            path: path.clone(),
            query: uri.query().unwrap_or_default().to_owned(),
            signed: request.headers().contains_key(AUTHORIZATION),
        });
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let fault = self.take(&path);
        match &fault {
            Some(Fault::Status(status, code)) => return error_answer(*status, code),
            Some(Fault::WrongRegion) => return error_answer(301, "PermanentRedirect"),
            Some(Fault::Reset) => return Err(io::Error::other("injected reset")),
            Some(Fault::Delay(delay)) => tokio::time::sleep(*delay).await,
            Some(Fault::TruncatedBody) | None => {}
        }
        let answer = service
            .call(request.map(s3s::Body::from))
            .await
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        if fault != Some(Fault::TruncatedBody) {
            return Ok(answer.map(|body| body.map_err(io::Error::other).boxed_unsync()));
        }
        let (mut head, body) = answer.into_parts();
        let whole = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let half = whole.slice(..whole.len() / 2);
        head.headers.insert(CONTENT_LENGTH, whole.len().into());
        let frames = [Ok(Frame::data(half)), Err(io::Error::other("injected truncation"))];
        Ok(Response::from_parts(head, StreamBody::new(stream::iter(frames)).boxed_unsync()))
    }

    fn take(&self, path: &str) -> Option<Fault> {
        let mut pending = lock(&self.pending);
        let next = pending.iter_mut().find(|pending| pending.times > 0 && path.contains(&pending.path))?;
        next.times -= 1;
        Some(next.fault.clone())
    }
}

fn error_answer(status: u16, code: &str) -> io::Result<Response<AnswerBody>> {
    let message = match code {
        "AccessDenied" => "Access Denied",
        "SlowDown" => "Please reduce your request rate.",
        _ => code,
    };
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let body = Full::from(xml);
    let length = body.size_hint().exact().unwrap_or_default();
    let answer = Response::builder().status(status).header(CONTENT_LENGTH, length);
    answer.body(body.map_err(|never| match never {}).boxed_unsync()).map_err(io::Error::other)
}

fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code =
            behind.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
