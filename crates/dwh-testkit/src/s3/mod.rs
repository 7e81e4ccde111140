//! An S3-compatible server on 127.0.0.1.

mod faults;
mod random;
mod store;

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use faults::Fault;

use faults::Faults;
use store::MemoryStore;

/// The one access key that the server knows.
pub const ACCESS_KEY_ID: &str = "dwh-test";
/// Its secret.
pub const SECRET_ACCESS_KEY: &str = "dwh-test-secret";

/// A running server; dropping it stops it and closes its connections.
///
/// Requests must be signed with [`ACCESS_KEY_ID`], except for buckets that are
/// [made public](Self::make_public). Path-style addresses only.
#[derive(Debug)]
pub struct LoopbackS3 {
    address: SocketAddr,
    store: MemoryStore,
    public_buckets: Arc<Mutex<HashSet<String>>>,
    faults: Arc<Faults>,
    server: tokio::task::JoinHandle<()>,
}

/// A request that reached the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`, `PUT`, ….
    pub method: String,
    /// `/bucket/key`, decoded.
    pub path: String,
    /// Query without `?`.
    pub query: String,
    /// Whether it was signed.
    pub signed: bool,
    /// The key of AWS KMS that it asks S3 to encrypt with.
    pub kms_key_id: Option<String>,
}

impl LoopbackS3 {
    /// Starts a server on a free port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_on(0, Duration::ZERO).await
    }

    /// Starts a server on a port of 127.0.0.1 that answers every request so much later.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start_on(port: u16, latency: Duration) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let store = MemoryStore::default();
        let public_buckets = Arc::new(Mutex::default());
        let faults = Arc::new(Faults::new(latency));
        let mut builder = S3ServiceBuilder::new(store.clone());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        builder.set_access(Access { public_buckets: Arc::clone(&public_buckets) });
        let served = serve(listener, builder.build(), store.clone(), Arc::clone(&faults));
        let server = tokio::spawn(served);
        Ok(Self { address, store, public_buckets, faults, server })
    }

    /// The URL for `AWS_ENDPOINT_URL_S3`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes an empty bucket.
    pub fn create_bucket(&self, bucket: &str) {
        self.store.create_bucket(bucket);
    }

    /// Lets unsigned requests read a bucket.
    pub fn make_public(&self, bucket: &str) {
        lock(&self.public_buckets).insert(bucket.to_owned());
    }

    /// Stores an object without a request; the bucket is made as needed.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl Into<Bytes>) {
        self.store.put(bucket, key, bytes.into());
    }

    /// An object's bytes, without a request.
    pub fn get(&self, bucket: &str, key: &str) -> Option<Bytes> {
        self.store.get(bucket, key)
    }

    /// The keys of a bucket, in order, without a request.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.store.keys(bucket)
    }

    /// How many uploads in parts are neither completed nor aborted.
    pub fn open_uploads(&self) -> usize {
        self.store.open_uploads()
    }

    /// Injects a fault into requests whose `/bucket/key` contains `path`, `times` times, after those
    /// that were injected before it.
    pub fn inject(&self, path: &str, fault: Fault, times: usize) {
        self.faults.inject(path, fault, times);
    }

    /// Gives so many of a thousand requests a passing fault: 5xx, 429, a reset, a truncated body or a
    /// delay. The same seed gives the same requests the same faults.
    pub fn inject_at_random(&self, seed: u64, per_mille: u64) {
        self.faults.inject_at_random(seed, per_mille);
    }

    /// Redirects requests that are not signed for the Region, and names it, as S3 does.
    pub fn move_to_region(&self, region: &str) {
        self.faults.move_to_region(region);
    }

    /// The requests so far, failed ones included.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.faults.requests()
    }

    /// The most requests that were answered at the same time.
    pub fn max_concurrent_requests(&self) -> usize {
        self.faults.max_concurrent_requests()
    }
}

impl Drop for LoopbackS3 {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Accepts connections until aborted; the connections end with it.
async fn serve(listener: TcpListener, service: S3Service, store: MemoryStore, faults: Arc<Faults>) {
    let mut connections = JoinSet::new();
    // A test server has no better answer to a failed accept than to stop.
    while let Ok((stream, _)) = listener.accept().await {
        let (service, store, faults) = (service.clone(), store.clone(), Arc::clone(&faults));
        connections.spawn(async move {
            let answer = service_fn(move |request| {
                let (service, store, faults) = (service.clone(), store.clone(), Arc::clone(&faults));
                async move { faults.answer(request, &service, &store).await }
            });
            // An error here is a client that went away, or the injected reset.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Signed requests may do everything, unsigned ones read public buckets.
struct Access {
    public_buckets: Arc<Mutex<HashSet<String>>>,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let bucket = context.s3_path().get_bucket_name().map(str::to_owned).unwrap_or_default();
        if context.credentials().is_some() || lock(&self.public_buckets).contains(&bucket) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Access Denied"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
