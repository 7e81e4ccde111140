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
use hyper::{Method, Request, Response};
use s3s::service::S3Service;

use super::random::RandomFaults;
use super::store::MemoryStore;
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
    /// The object is removed before the answer.
    Vanish,
    /// The object is replaced before the answer.
    Overwrite(Bytes),
}

type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

/// Faults to come, and the requests that came.
#[derive(Debug)]
pub(super) struct Faults {
    latency: Duration,
    pending: Mutex<Vec<Pending>>,
    at_random: Mutex<Option<RandomFaults>>,
    region: Mutex<Option<String>>,
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
            at_random: Mutex::default(),
            region: Mutex::default(),
            requests: Mutex::default(),
            concurrent: AtomicUsize::new(0),
            max_concurrent: AtomicUsize::new(0),
        }
    }

    pub(super) fn inject(&self, path: &str, fault: Fault, times: usize) {
        lock(&self.pending).push(Pending { path: path.to_owned(), fault, times });
    }

    pub(super) fn inject_at_random(&self, seed: u64, per_mille: u64) {
        *lock(&self.at_random) = Some(RandomFaults::new(seed, per_mille));
    }

    pub(super) fn move_to_region(&self, region: &str) {
        *lock(&self.region) = Some(region.to_owned());
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
        store: &MemoryStore,
    ) -> io::Result<Response<AnswerBody>> {
        let concurrent = self.concurrent.fetch_add(1, Ordering::Relaxed) + 1;
        self.max_concurrent.fetch_max(concurrent, Ordering::Relaxed);
        let answer = self.answer_counted(request, service, store).await;
        self.concurrent.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    async fn answer_counted(
        &self,
        request: Request<Incoming>,
        service: &S3Service,
        store: &MemoryStore,
    ) -> io::Result<Response<AnswerBody>> {
        let uri = request.uri();
        let path = percent_decoded(uri.path());
        lock(&self.requests).push(LoggedRequest {
            method: request.method().to_string(),
            path: path.clone(),
            query: uri.query().unwrap_or_default().to_owned(),
            signed: request.headers().contains_key(AUTHORIZATION),
            kms_key_id: header(&request, "x-amz-server-side-encryption-aws-kms-key-id"),
        });
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let region = lock(&self.region).clone();
        if let Some(region) = region
            && !signed_for(&request, &region)
        {
            return refuse(request, 301, "PermanentRedirect", Some(&region)).await;
        }
        let fault = self.take(&path).or_else(|| {
            let request = format!("{path}?{}", uri.query().unwrap_or_default());
            lock(&self.at_random).as_mut().and_then(|faults| faults.next(&request))
        });
        match &fault {
            Some(Fault::Status(status, code)) => return refuse(request, *status, code, None).await,
            Some(Fault::WrongRegion) => return refuse(request, 301, "PermanentRedirect", None).await,
            Some(Fault::Reset) => return Err(io::Error::other("injected reset")),
            Some(Fault::Delay(delay)) => tokio::time::sleep(*delay).await,
            Some(Fault::Vanish) => store.change(&path, None),
            Some(Fault::Overwrite(bytes)) => store.change(&path, Some(bytes.clone())),
            Some(Fault::TruncatedBody) | None => {}
        }
        // The answer to HEAD has no body; what it says of the length must stay true.
        let truncates = fault == Some(Fault::TruncatedBody) && request.method() != Method::HEAD;
        let answer = service
            .call(request.map(s3s::Body::from))
            .await
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        if !truncates {
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

/// Whether the signature's scope names the Region.
fn signed_for(request: &Request<Incoming>, region: &str) -> bool {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    authorization.is_some_and(|value| value.contains(&format!("/{region}/s3/")))
}

/// Answers with an error once the request was read: a client that is cut off while it sends misses the answer,
/// and sends the request again.
async fn refuse(
    request: Request<Incoming>,
    status: u16,
    code: &str,
    region: Option<&str>,
) -> io::Result<Response<AnswerBody>> {
    request.into_body().collect().await.map_err(io::Error::other)?;
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
    let mut answer = Response::builder().status(status).header(CONTENT_LENGTH, length);
    if let Some(region) = region {
        answer = answer.header("x-amz-bucket-region", region);
    }
    answer.body(body.map_err(|never| match never {}).boxed_unsync()).map_err(io::Error::other)
}

fn header(request: &Request<Incoming>, name: &str) -> Option<String> {
    request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
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
