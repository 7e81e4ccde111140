//! One signed call of EC2's Query API, tried again as the SDK does.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_sts::config::{
    AsyncSleep as _, Credentials, ProvideCredentials as _, SharedAsyncSleep, SharedCredentialsProvider,
};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::Serializer;

use super::super::error::{cause_of, causes_of, kind_of, without_answer};
use super::super::{ATTEMPT_TIMEOUT, MAX_ATTEMPTS};
use crate::error::{ApiError, ApiErrorKind};

const VERSION: &str = "2016-11-15";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_EC2";
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Calls EC2 in one region.
#[derive(Debug, Clone)]
pub(in super::super) struct Client {
    region: String,
    endpoint: String,
    credentials: Option<SharedCredentialsProvider>,
    sleep: Option<SharedAsyncSleep>,
    http: reqwest::Client,
}

/// EC2's answer to what it refuses.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "Errors")]
    errors: Refusals,
}

#[derive(Deserialize)]
struct Refusals {
    #[serde(rename = "Error")]
    error: RefusalItem,
}

#[derive(Deserialize)]
struct RefusalItem {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}

impl Client {
    /// With the region, credentials and endpoint variables of the SDK.
    pub(in super::super) fn new(config: &SdkConfig, region: &str) -> Self {
        let own = std::env::var(ENDPOINT_VARIABLE).ok().filter(|url| !url.is_empty());
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = own
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| format!("https://ec2.{region}.{suffix}"));
        Self {
            region: region.to_owned(),
            endpoint: format!("{}/", endpoint.trim_end_matches('/')),
            credentials: config.credentials_provider(),
            sleep: config.sleep_impl(),
            http: reqwest::Client::new(),
        }
    }

    /// Calls an action and reads its answer.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        action: &'static str,
        parameters: Vec<(String, String)>,
    ) -> Result<T, ApiError> {
        let body = Serializer::new(String::new())
            .append_pair("Action", action)
            .append_pair("Version", VERSION)
            .extend_pairs(&parameters)
            .finish();
        let mut wait = FIRST_WAIT;
        for _ in 1..MAX_ATTEMPTS {
            match self.try_once(action, &body).await {
                Err(error) if matches!(error.kind, ApiErrorKind::Throttled | ApiErrorKind::Unavailable) => {
                    if let Some(sleep) = &self.sleep {
                        sleep.sleep(wait).await;
                    }
                    wait *= 2;
                }
                done => return done,
            }
        }
        self.try_once(action, &body).await
    }

    async fn try_once<T: DeserializeOwned>(&self, action: &'static str, body: &str) -> Result<T, ApiError> {
        let fail = |kind, code: String, message: String| ApiError {
            service: "ec2",
            operation: action,
            kind,
            code,
            message,
        };
        let without_answer = |text: String| {
            let (kind, message) = without_answer(&text);
            fail(kind, String::new(), message)
        };
        let credentials = self.credentials().await.map_err(without_answer)?;
        let request =
            self.signed(body, &credentials).map_err(|text| fail(ApiErrorKind::Other, String::new(), text))?;
        let answer = async {
            let answer = self.http.execute(request).await?;
            Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
        };
        let (status, text) = answer.await.map_err(|error| {
            fail(
                ApiErrorKind::Unavailable,
                String::new(),
                format!("AWS cannot be reached: {}", cause_of(&error)),
            )
        })?;
        if status.is_success() {
            return quick_xml::de::from_str(&text).map_err(|error| {
                fail(ApiErrorKind::Other, String::new(), format!("the answer cannot be read: {error}"))
            });
        }
        match quick_xml::de::from_str::<Refusal>(&text) {
            Ok(Refusal { errors: Refusals { error } }) => {
                let kind = match kind_of(&error.code, &error.message, action) {
                    ApiErrorKind::Other if status.is_server_error() => ApiErrorKind::Unavailable,
                    kind => kind,
                };
                Err(fail(kind, error.code, error.message))
            }
            Err(_) => Err(fail(
                ApiErrorKind::Unavailable,
                String::new(),
                format!("AWS answered with status {status}"),
            )),
        }
    }

    async fn credentials(&self) -> Result<Credentials, String> {
        let provider = self.credentials.as_ref().ok_or("no credentials are configured")?;
        provider.provide_credentials().await.map_err(|error| format!("credentials: {}", causes_of(&error)))
    }

    fn signed(&self, body: &str, credentials: &Credentials) -> Result<reqwest::Request, String> {
        let identity = credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?;
        let headers = [("content-type", FORM)];
        let signable = SignableRequest::new(
            "POST",
            &self.endpoint,
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        )
        .map_err(|error| error.to_string())?;
        let (instructions, _) =
            sign(signable, &parameters.into()).map_err(|error| error.to_string())?.into_parts();
        let mut request = self
            .http
            .post(&self.endpoint)
            .timeout(ATTEMPT_TIMEOUT)
            .header(CONTENT_TYPE, FORM)
            .body(body.to_owned());
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        request.build().map_err(|error| error.to_string())
    }
}
