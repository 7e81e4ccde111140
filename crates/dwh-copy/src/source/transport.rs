//! What happens to a request below object_store: it signs, retries and resumes; this limits how many
//! requests are under way, puts back the keys that it cannot spell, and follows a bucket to its Region.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures::future::{BoxFuture, FutureExt};
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};

use super::key::{alias_listing, url_of_alias};
use super::limiter::Limiter;
use super::watch::{note_answer, note_request};

/// The requests of one bucket, as one COPY sees it.
#[derive(Debug, Clone)]
pub(super) struct Transport(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limiter: Arc<Limiter>,
    /// The Region that object_store signs for.
    region: String,
    /// The Region in which the bucket was found to be; `None` until it is another.
    found_region: Mutex<Option<String>>,
    follows_region: bool,
    /// Known once the store is built.
    credentials: OnceLock<AwsCredentialProvider>,
}

impl Transport {
    /// `follows_region` looks for the bucket where S3 says it is (RS 1.4), if it is not in `region`.
    pub(super) fn new(max_requests: usize, region: &str, follows_region: bool) -> Self {
        Self(Arc::new(Shared {
            limiter: Arc::new(Limiter::new(max_requests)),
            region: region.to_owned(),
            found_region: Mutex::default(),
            follows_region,
            credentials: OnceLock::new(),
        }))
    }

    /// Takes the credentials, with which changed requests are signed again, from the built store.
    pub(super) fn signs_for(&self, store: &AmazonS3) {
        self.0.credentials.get_or_init(|| Arc::clone(store.credentials()));
    }
}

impl HttpConnector for Transport {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Service { client, shared: Arc::clone(&self.0) }))
    }
}

#[derive(Debug)]
struct Service {
    client: HttpClient,
    shared: Arc<Shared>,
}

impl HttpService for Service {
    /// The trait is object_store's, declared with `async_trait`; this is what that makes of it.
    fn call<'s, 'f>(&'s self, request: HttpRequest) -> BoxFuture<'f, Result<HttpResponse, HttpError>>
    where
        's: 'f,
        Self: 'f,
    {
        async move {
            let sent = note_request(&request);
            let answer = self.follow(request).await;
            note_answer(sent, &answer);
            answer
        }
        .boxed()
    }
}

impl Service {
    /// Sends the request where the bucket is.
    async fn follow(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let again = self.shared.may_move().then(|| request.clone());
        self.shared.readdress(&mut request).await?;
        let answer = self.send(request).await?;
        match (again, self.shared.other_region(&answer)) {
            (Some(mut request), Some(region)) => {
                tracing::debug!(region, "the bucket is in another Region");
                *self.shared.found_region() = Some(region);
                self.shared.readdress(&mut request).await?;
                self.send(request).await
            }
            _ => Ok(answer),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let lists = request.uri().query().is_some_and(|query| query.contains("list-type=2"));
        let slot = self.shared.limiter.slot().await;
        let answer = match self.client.execute(request).await {
            Ok(answer) => answer,
            Err(error) => {
                if matches!(error.kind(), HttpErrorKind::Connect | HttpErrorKind::Timeout) {
                    slot.busy();
                }
                return Err(error);
            }
        };
        match answer.status().as_u16() {
            429 | 503 => slot.busy(),
            _ => slot.good(),
        }
        if lists && answer.status().is_success() { alias_keys(answer).await } else { Ok(answer) }
    }
}

/// Reads a listing and puts aliases in it. A listing that breaks off is asked for again, as
/// object_store itself does not.
async fn alias_keys(answer: HttpResponse) -> Result<HttpResponse, HttpError> {
    let interrupted = |error| HttpError::new(HttpErrorKind::Interrupted, error);
    let (head, body) = answer.into_parts();
    let bytes = body.bytes().await.map_err(interrupted)?;
    let aliased = match std::str::from_utf8(&bytes).map(alias_listing) {
        Ok(std::borrow::Cow::Owned(aliased)) => aliased.into(),
        _ => bytes,
    };
    Ok(HttpResponse::from_parts(head, aliased.into()))
}

impl Shared {
    fn found_region(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.found_region.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_move(&self) -> bool {
        self.follows_region && self.found_region().is_none()
    }

    /// The Region that the answer to a request sent elsewhere names. S3 answers 301, or 400 where the
    /// signature's Region is what is wrong.
    fn other_region(&self, answer: &HttpResponse) -> Option<String> {
        if !matches!(answer.status().as_u16(), 301 | 307 | 400) {
            return None;
        }
        let region = answer.headers().get("x-amz-bucket-region")?.to_str().ok()?;
        (region != self.region).then(|| region.to_owned())
    }

    /// Changes key and Region to the true ones, and signs the request again if that changed it.
    async fn readdress(&self, request: &mut HttpRequest) -> Result<(), HttpError> {
        let region = self.found_region().clone();
        let url = request.uri().to_string();
        let mut true_url = url_of_alias(&url).into_owned();
        if let Some(region) = &region {
            let host = |region: &str| format!("s3.{region}.amazonaws.com/");
            true_url = true_url.replacen(&host(&self.region), &host(region), 1);
        }
        if region.is_none() && true_url == url {
            return Ok(());
        }
        let invalid = |error| HttpError::new(HttpErrorKind::Unknown, error);
        *request.uri_mut() = true_url.parse().map_err(invalid)?;
        let credentials = self.credentials.get().filter(|_| request.headers().contains_key("authorization"));
        if let Some(credentials) = credentials {
            let credential = credentials.get_credential().await;
            let credential = credential.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
            let region = region.as_deref().unwrap_or(&self.region);
            AwsAuthorizer::new(&credential, "s3", region).authorize(request, None);
        }
        Ok(())
    }
}
