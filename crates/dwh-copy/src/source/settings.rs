use std::path::PathBuf;

use dwh_common::{Secret, env_vars};

use super::local_files::LocalFiles;
use crate::request::S3Credentials;

/// Who reads S3, and where: what one COPY says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Access {
    /// Credentials.
    pub credentials: S3Credentials,
    /// Region; `None` leaves it to the settings.
    pub region: Option<String>,
    /// Key of AWS KMS with which S3 encrypts what is written; `None` leaves it to the bucket.
    pub kms_key_id: Option<String>,
}

const PROVIDER_VARIABLES: [&str; 6] = [
    env_vars::AWS_WEB_IDENTITY_TOKEN_FILE,
    env_vars::AWS_ROLE_ARN,
    env_vars::AWS_ROLE_SESSION_NAME,
    env_vars::AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    env_vars::AWS_CONTAINER_CREDENTIALS_FULL_URI,
    env_vars::AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
];

/// How S3 is reached when a COPY does not say. Nothing here reads the environment by itself; that is
/// [`StoreSettings::from_env`].
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Endpoint of an S3-compatible store, `http://` allowed; `None` is AWS.
    pub endpoint: Option<String>,
    /// Region when a COPY names none; `us-east-1` if there is none here either.
    pub region: Option<String>,
    /// First link of the credential chain.
    pub access_key_id: Option<Secret>,
    /// Secret of `access_key_id`.
    pub secret_access_key: Option<Secret>,
    /// Token of temporary credentials.
    pub session_token: Option<Secret>,
    /// Requests of the chain are not signed.
    pub skip_signature: bool,
    /// Second link: the shared credentials file, usually `~/.aws/credentials`.
    pub credentials_file: Option<PathBuf>,
    /// The shared configuration file, usually `~/.aws/config`: keys and Region of a profile.
    pub config_file: Option<PathBuf>,
    /// Profile of the two files.
    pub profile: String,
    /// The most retries of one request that failed with 5xx, 429 or a broken connection.
    pub max_retries: usize,
    /// The most requests under way to one bucket; fewer while the store says that it is busy.
    pub max_requests: usize,
    /// Which local files COPY and UNLOAD may use.
    pub local_files: LocalFiles,
    /// Third link: the variables that name a web identity or a container's credentials, with values.
    pub provider_variables: Vec<(String, Secret)>,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            skip_signature: false,
            credentials_file: None,
            config_file: None,
            profile: "default".to_owned(),
            max_retries: 8,
            max_requests: 256,
            local_files: LocalFiles::default(),
            provider_variables: Vec::new(),
        }
    }
}

impl StoreSettings {
    /// The standard variables of the process.
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// The standard variables from wherever `variable` takes them; empty ones count as absent.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let secret = |name: &str| variable(name).map(Secret::new);
        let aws_folder = variable(env_vars::HOME).map(|home| PathBuf::from(home).join(".aws"));
        let file = |name: &str, default: &str| {
            variable(name)
                .map(PathBuf::from)
                .or_else(|| aws_folder.as_ref().map(|folder| folder.join(default)))
        };
        Self {
            endpoint: variable(env_vars::AWS_ENDPOINT_URL_S3)
                .or_else(|| variable(env_vars::AWS_ENDPOINT_URL)),
            region: variable(env_vars::AWS_REGION).or_else(|| variable(env_vars::AWS_DEFAULT_REGION)),
            access_key_id: secret(env_vars::AWS_ACCESS_KEY_ID),
            secret_access_key: secret(env_vars::AWS_SECRET_ACCESS_KEY),
            session_token: secret(env_vars::AWS_SESSION_TOKEN),
            skip_signature: variable(env_vars::AWS_SKIP_SIGNATURE)
                .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "yes")),
            credentials_file: file(env_vars::AWS_SHARED_CREDENTIALS_FILE, "credentials"),
            config_file: file(env_vars::AWS_CONFIG_FILE, "config"),
            profile: variable(env_vars::AWS_PROFILE).unwrap_or_else(|| "default".to_owned()),
            provider_variables: PROVIDER_VARIABLES
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), secret(name)?)))
                .collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::StoreSettings;

    #[test]
    fn the_s3_endpoint_wins_over_the_general_one_and_empty_is_absent() {
        let variables: HashMap<&str, &str> = HashMap::from([
            ("AWS_ENDPOINT_URL", "http://general:1"),
            ("AWS_ENDPOINT_URL_S3", "http://s3:2"),
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", "us-west-2"),
            ("AWS_SKIP_SIGNATURE", "True"),
            ("HOME", "/home/x"),
        ]);
        let settings = StoreSettings::from_variables(|name| variables.get(name).map(ToString::to_string));
        assert_eq!(settings.endpoint.as_deref(), Some("http://s3:2"));
        assert_eq!(settings.region.as_deref(), Some("us-west-2"));
        assert!(settings.skip_signature);
        assert_eq!(settings.credentials_file.as_deref(), Some("/home/x/.aws/credentials".as_ref()));
    }
}
