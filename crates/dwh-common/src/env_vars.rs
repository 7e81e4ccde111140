//! Every environment variable that dwh reads, in one place.

/// Folder of the embedded warehouse; the flag is `--warehouse`.
pub const DWH_WAREHOUSE: &str = "DWH_WAREHOUSE";
/// Path of the configuration file; the flag is `--config`.
pub const DWH_CONFIG: &str = "DWH_CONFIG";
/// `embedded` or `redshift`; the flag is `--target`.
pub const DWH_TARGET: &str = "DWH_TARGET";
/// Prefix of the variables that override a key of `dwh.cfg`: `DWH_<SECTION>_<KEY>`, for example
/// `DWH_S3_LOG_DATA` for `LOG_DATA` in `[S3]`.
pub const DWH_PREFIX: &str = "DWH_";
/// Filter of the log on stderr, in the syntax of `tracing` (`dwh=debug`).
pub const DWH_LOG: &str = "DWH_LOG";

/// Access key of the standard credential chain.
pub const AWS_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// Secret key of the standard credential chain.
pub const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// Token of temporary credentials.
pub const AWS_SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Region of the buckets.
pub const AWS_REGION: &str = "AWS_REGION";
/// Region of the buckets, older name.
pub const AWS_DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// Endpoint of an S3-compatible store.
pub const AWS_ENDPOINT_URL_S3: &str = "AWS_ENDPOINT_URL_S3";
/// Endpoint for all services; [`AWS_ENDPOINT_URL_S3`] wins.
pub const AWS_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// `true`, `1`, `yes`: requests to S3 are not signed (public buckets).
pub const AWS_SKIP_SIGNATURE: &str = "AWS_SKIP_SIGNATURE";
/// Profile of the shared AWS files.
pub const AWS_PROFILE: &str = "AWS_PROFILE";
/// Path of the shared credentials file; the default is `~/.aws/credentials`.
pub const AWS_SHARED_CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";
/// Path of the shared configuration file; the default is `~/.aws/config`.
pub const AWS_CONFIG_FILE: &str = "AWS_CONFIG_FILE";
/// Token file of a web identity (EKS).
pub const AWS_WEB_IDENTITY_TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
/// Role that a web identity takes.
pub const AWS_ROLE_ARN: &str = "AWS_ROLE_ARN";
/// Session name of that role.
pub const AWS_ROLE_SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
/// Credentials endpoint of an ECS task.
pub const AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
/// Credentials endpoint of an EKS pod.
pub const AWS_CONTAINER_CREDENTIALS_FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
/// Token file for that endpoint.
pub const AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// The user's home folder, where `.aws` is.
pub const HOME: &str = "HOME";
