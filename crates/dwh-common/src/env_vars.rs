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
