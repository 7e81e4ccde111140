use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dwh_common::Secret;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::credentials::{Profile, may_be_ec2, read_profile};
use super::key::{alias, fits_url};
use super::settings::{S3Access, StoreSettings};
use super::store_error::store_error;
use super::transport::Transport;
use super::url::SourceUrl;
use crate::error::CopyError;
use crate::request::S3Credentials;

/// Opens stores and keeps them, with their connections, for the next COPY. Clones share them.
#[derive(Debug, Clone)]
pub struct Stores(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: StoreSettings,
    profile: Profile,
    opened: Mutex<Vec<(S3Access, S3Store)>>,
}

/// One bucket as one COPY sees it.
#[derive(Debug, Clone)]
pub(crate) struct S3Store {
    pub(crate) bucket: Arc<str>,
    pub(crate) client: Arc<AmazonS3>,
}

impl S3Store {
    /// The URL of a key.
    pub(crate) fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// The key as object_store takes it.
    pub(crate) fn path(&self, key: &str) -> Result<Path, CopyError> {
        let invalid = |reason| CopyError::InvalidSource { source_url: self.url(key), reason };
        if !fits_url(key) {
            let reason = "URLs cannot name a key with a segment '.' or '..'; copy the object to another key";
            return Err(invalid(reason.to_owned()));
        }
        Path::parse(alias(key)).map_err(|error| invalid(error.to_string()))
    }
}

impl Stores {
    /// Stores reached as the settings say. Reads the profile files once.
    pub fn new(settings: StoreSettings) -> Self {
        let profile = read_profile(&settings);
        Self(Arc::new(Inner { settings, profile, opened: Mutex::default() }))
    }

    /// Reads a source, and refuses what may not be used.
    ///
    /// # Errors
    /// [`CopyError::InvalidSource`], [`CopyError::LocalFilesRefused`].
    pub(crate) fn locate(&self, source: &str) -> Result<SourceUrl, CopyError> {
        self.0.settings.local_files.locate(source)
    }

    /// The bucket, opened as `access` says.
    pub(crate) fn s3(&self, bucket: &str, access: &S3Access) -> Result<S3Store, CopyError> {
        let mut opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, store)) = opened.iter().find(|(key, store)| key == access && *store.bucket == *bucket)
        {
            return Ok(store.clone());
        }
        let transport = self.transport(access);
        let client = self.builder(bucket, access)?.with_http_connector(transport.clone()).build();
        let client = client.map_err(|error| store_error(&format!("s3://{bucket}"), &error))?;
        transport.signs_for(&client);
        let store = S3Store { bucket: bucket.into(), client: Arc::new(client) };
        opened.push((access.clone(), store.clone()));
        Ok(store)
    }

    /// The Region that requests go to.
    pub(crate) fn region<'a>(&'a self, access: &'a S3Access) -> &'a str {
        let Inner { settings, profile, .. } = &*self.0;
        let regions = [&access.region, &settings.region, &profile.region];
        regions.into_iter().flatten().next().map_or("us-east-1", String::as_str)
    }

    fn transport(&self, access: &S3Access) -> Transport {
        // REGION is where the objects are; without it they are looked for.
        Transport::new(self.0.settings.max_requests, self.region(access), access.region.is_none())
    }

    fn builder(&self, bucket: &str, access: &S3Access) -> Result<AmazonS3Builder, CopyError> {
        let settings = &self.0.settings;
        let builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(self.region(access))
            .with_retry(retry_config(settings.max_retries))
            .with_client_options(
                ClientOptions::new()
                    .with_allow_http(true)
                    .with_connect_timeout(Duration::from_secs(5))
                    // Of a whole answer with its body; what came is kept and the rest asked for again.
                    .with_timeout(Duration::from_secs(120)),
            );
        let builder = match &settings.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            // A certificate for *.s3.… does not cover bucket names with dots.
            None => builder.with_virtual_hosted_style_request(!bucket.contains('.')),
        };
        let builder = match &access.kms_key_id {
            Some(key) => builder.with_sse_kms_encryption(key),
            None => builder,
        };
        match &access.credentials {
            S3Credentials::Anonymous => Ok(builder.with_skip_signature(true)),
            S3Credentials::Keys { access_key_id, secret_access_key, session_token } => {
                Ok(with_keys(builder, access_key_id, secret_access_key, session_token.as_ref()))
            }
            S3Credentials::Chain => self.with_chain(bucket, builder),
        }
    }

    /// Variables, then profile files, then what object_store finds: web identity, container, instance.
    fn with_chain(&self, bucket: &str, builder: AmazonS3Builder) -> Result<AmazonS3Builder, CopyError> {
        let Inner { settings, profile, .. } = &*self.0;
        if settings.skip_signature {
            return Ok(builder.with_skip_signature(true));
        }
        if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
            return Ok(with_keys(builder, id, secret, settings.session_token.as_ref()));
        }
        if let (Some(id), Some(secret)) = (&profile.access_key_id, &profile.secret_access_key) {
            return Ok(with_keys(builder, id, secret, profile.session_token.as_ref()));
        }
        if settings.provider_variables.is_empty() && !may_be_ec2() {
            return Err(CopyError::NoCredentials { bucket: bucket.to_owned() });
        }
        let known = settings.provider_variables.iter().filter_map(|(name, value)| {
            // object_store knows its options by the variables' names in lower case.
            Some((name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>().ok()?, value))
        });
        Ok(known.fold(builder, |builder, (key, value)| builder.with_config(key, value.expose())))
    }
}

fn with_keys(
    builder: AmazonS3Builder,
    access_key_id: &Secret,
    secret_access_key: &Secret,
    session_token: Option<&Secret>,
) -> AmazonS3Builder {
    let builder =
        builder.with_access_key_id(access_key_id.expose()).with_secret_access_key(secret_access_key.expose());
    match session_token {
        Some(token) => builder.with_token(token.expose()),
        None => builder,
    }
}

/// Exponential with jitter; in all about ten seconds, so that a wrong host name is not waited for long.
fn retry_config(max_retries: usize) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(3),
            base: 2.0,
        },
        max_retries,
        retry_timeout: Duration::from_secs(60),
    }
}
