//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use dwh_pipeline::{Pipeline, Variables};

use crate::assets::Assets;
use crate::diagram::Architecture;
use crate::etl::Etl;
use crate::runs::RunLimits;
use crate::security::{AllowedHosts, COOKIE, Logins, SignIn};

/// How a console is run.
pub struct Options {
    /// How one signs in.
    pub sign_in: SignIn,
    /// The names that it answers to.
    pub hosts: AllowedHosts,
    /// Port that it listens on, which its cookie is named after.
    pub port: u16,
    /// Whether that port speaks TLS.
    pub is_tls: bool,
    /// Whether only queries run.
    pub read_only: bool,
    /// Rows that a statement may give; the rest is not read.
    pub max_rows: usize,
    /// Time that a text may take.
    pub max_time: Option<Duration>,
    /// The pipeline whose queries, dashboard and loads are shown.
    pub pipeline: Option<PipelineFiles>,
    /// What runs where, for the picture of it.
    pub architecture: Architecture,
}

/// A pipeline and the values of its variables.
pub struct PipelineFiles {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its variables, from the configuration.
    pub variables: Variables,
}

pub(crate) struct AppState {
    pub(crate) logins: Logins,
    pub(crate) hosts: AllowedHosts,
    pub(crate) cookie_name: String,
    pub(crate) is_tls: bool,
    pub(crate) read_only: bool,
    pub(crate) limits: RunLimits,
    pub(crate) pipeline: Option<Arc<PipelineFiles>>,
    pub(crate) architecture: Architecture,
    pub(crate) etl: Arc<Etl>,
    pub(crate) assets: Assets,
}

impl AppState {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            logins: Logins::new(options.sign_in),
            hosts: options.hosts,
            cookie_name: format!("{COOKIE}{}", options.port),
            is_tls: options.is_tls,
            read_only: options.read_only,
            limits: RunLimits { rows: options.max_rows, time: options.max_time },
            pipeline: options.pipeline.map(Arc::new),
            architecture: options.architecture,
            etl: Arc::default(),
            assets: Assets::new(),
        }
    }
}
