//! Arguments of `dwh serve` and `dwh console`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dwh_server::Certificate;

use super::PipelineArgs;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 is any free one [default: 127.0.0.1 and DB_PORT of dwh.cfg]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve an empty warehouse on a free port, removed at the end, and print one line of JSON with host,
    /// port, database, user, password and the URL of the Data API
    #[arg(long)]
    pub(crate) ephemeral: bool,
    /// Let COPY read and UNLOAD write local files under this folder [default: S3 only]
    #[arg(long, value_name = "DIR")]
    pub(crate) local_files: Option<PathBuf>,
    /// Address and port of the console, over HTTP; port 0 is any free one [default: the port 8439 beside the
    /// first address, or a free one if --listen or --ephemeral is given or it is taken]. The Redshift Data API is
    /// answered there, too, if --http or --ephemeral is given and only this machine can connect, or if [HTTP] in
    /// dwh.cfg has a key that requests must be signed with
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8439",
          conflicts_with = "no_http")]
    pub(crate) http: Option<SocketAddr>,
    /// No HTTP port
    #[arg(long)]
    pub(crate) no_http: bool,
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    #[command(flatten)]
    pub(crate) console: ConsoleLimits,
    /// How passwords are asked for
    #[arg(long, value_enum, default_value_t = PasswordMethod::Md5)]
    pub(crate) auth: PasswordMethod,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    /// Refuse connections without TLS; the HTTP port speaks TLS too where other machines can connect to it
    #[arg(long)]
    pub(crate) require_tls: bool,
    /// The HTTP port speaks TLS, with the same certificate
    #[arg(long, conflicts_with = "no_http")]
    pub(crate) https: bool,
    /// Connections at once
    #[arg(long, value_name = "COUNT", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) max_connections: u16,
    /// End sessions that say nothing for so many seconds [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) idle_timeout: Option<u64>,
    /// Seconds that running statements have to finish when the server stops
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) shutdown_timeout: u64,
}

/// How passwords are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PasswordMethod {
    /// As Redshift does; every driver answers it
    Md5,
    /// Stronger; drivers of the last years answer it
    #[value(name = "scram-sha-256")]
    ScramSha256,
}

#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// Address and port to listen on; port 0 is any free one. Beyond loopback one signs in with user and
    /// password
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8439")]
    pub(crate) listen: SocketAddr,
    /// Ask for user and password on loopback too, instead of a link that works once
    #[arg(long)]
    pub(crate) password: bool,
    /// Where one signs in with a password: let COPY read and UNLOAD write local files under this folder
    /// [default: S3 only]
    #[arg(long, value_name = "DIR")]
    pub(crate) local_files: Option<PathBuf>,
    /// Speak TLS, with --tls-cert and --tls-key or a certificate made at start
    #[arg(long)]
    pub(crate) https: bool,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    #[command(flatten)]
    pub(crate) limits: ConsoleLimits,
}

/// The certificate of a server.
#[derive(Debug, Args)]
pub(crate) struct CertificateArgs {
    /// Certificate chain in PEM [default: one made at start, which clients cannot check]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

impl CertificateArgs {
    /// The files that are given.
    pub(crate) fn files(&self) -> Option<Certificate> {
        let (chain, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(Certificate::Files { chain, key })
    }
}

/// What the console lets people do.
#[derive(Debug, Args)]
pub(crate) struct ConsoleLimits {
    /// Another name that the console answers to, as browsers see it
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// The console runs queries only
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Rows that a statement may give in the console
    #[arg(long, value_name = "COUNT", default_value_t = 1_000_000)]
    pub(crate) max_rows: usize,
    /// Seconds that a text of statements may take in the console [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_seconds: Option<u64>,
}
