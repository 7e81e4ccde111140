//! What a command works with: settings, the environment, the printer, and the way to the warehouse.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use dwh_common::{Secret, SqlError};
use dwh_copy::{LocalFiles, StoreSettings};
use dwh_engine::{Engine, EngineOptions, Session, SessionOptions};

use crate::args::Target;
use crate::config::{Environment, Settings, Value};
use crate::printer::Printer;
use crate::report::{CannotOpen, UsageError};
use crate::warehouse::WarehouseSession;
use crate::warehouse::connect::Endpoint;

/// Whether a command changes the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// One process at a time.
    Write,
    /// Any number, also while another process writes.
    Read,
}

/// What a command works with.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) environment: Environment,
    pub(crate) printer: Printer,
}

impl Context {
    /// The value of a key; `None` if it is empty.
    pub(crate) fn text(&self, section: &str, name: &str) -> Option<&str> {
        self.settings.get(section, name).map(Value::expose).filter(|text| !text.is_empty())
    }

    /// The value of a key that was checked to be such a number.
    pub(crate) fn number<T: FromStr>(&self, section: &str, name: &str) -> Option<T> {
        self.text(section, name)?.parse().ok()
    }

    /// A session of the target.
    ///
    /// # Errors
    /// As [`Context::open`], or the configuration lacks what a connection to Redshift needs.
    pub(crate) async fn warehouse(&self, access: Access) -> anyhow::Result<WarehouseSession> {
        match self.settings.target.value {
            Target::Embedded => Ok(WarehouseSession::embedded(self.session(access)?)),
            Target::Redshift => self.configured_redshift().await,
        }
    }

    /// A session of the target: the embedded warehouse for writing, or for reading while another process writes.
    ///
    /// # Errors
    /// As [`Context::warehouse`].
    pub(crate) async fn warehouse_to_explore(&self) -> anyhow::Result<WarehouseSession> {
        match self.settings.target.value {
            Target::Embedded => Ok(WarehouseSession::embedded(self.session_to_explore()?)),
            Target::Redshift => self.configured_redshift().await,
        }
    }

    async fn configured_redshift(&self) -> anyhow::Result<WarehouseSession> {
        let mut warehouse = self.redshift(Endpoint::configured(self)?, self.way()).await?;
        if self.printer.draws() {
            warehouse = warehouse.counting_in(Arc::default());
        }
        Ok(WarehouseSession::Redshift(warehouse.into()))
    }

    /// Opens the warehouse.
    ///
    /// # Errors
    /// The target is Redshift, another process writes, or there is no warehouse to read.
    pub(crate) fn open(&self, access: Access) -> anyhow::Result<Engine> {
        self.settings.require_embedded()?;
        Ok(Engine::open(self.engine_options(access)).map_err(CannotOpen)?)
    }

    /// Opens the warehouse and starts a session.
    ///
    /// # Errors
    /// As [`Context::open`].
    fn session(&self, access: Access) -> anyhow::Result<Session> {
        Ok(self.open(access)?.session(self.session_options()))
    }

    /// Opens the warehouse for writing, or for reading while another process writes.
    ///
    /// # Errors
    /// As [`Context::open`].
    fn session_to_explore(&self) -> anyhow::Result<Session> {
        Ok(self.engine_to_explore()?.session(self.session_options()))
    }

    /// The same, without a session.
    ///
    /// # Errors
    /// As [`Context::open`].
    pub(crate) fn engine_to_explore(&self) -> anyhow::Result<Engine> {
        self.settings.require_embedded()?;
        Ok(match Engine::open(self.engine_options(Access::Write)) {
            Err(error) if is_locked(&error) => {
                self.printer.warning(format_args!("{error}; opened to read only"));
                Engine::open(self.engine_options(Access::Read)).map_err(CannotOpen)?
            }
            opened => opened.map_err(CannotOpen)?,
        })
    }

    /// Opens the warehouse for users who sign in with passwords, and are kept from this machine's files outside a
    /// folder.
    ///
    /// # Errors
    /// As [`Context::open`], or there is no such folder.
    pub(crate) fn open_for_others(&self, access: Access, files: Option<&Path>) -> anyhow::Result<Engine> {
        self.settings.require_embedded()?;
        let mut options = self.engine_options(access);
        options.stores.local_files = local_files(files)?;
        Ok(Engine::open(options).map_err(CannotOpen)?)
    }

    /// How a warehouse is opened for writing, whatever the target: the server serves the embedded one.
    pub(crate) fn engine_options_to_serve(&self) -> EngineOptions {
        self.engine_options(Access::Write)
    }

    /// The name that the owner of the warehouse goes by.
    pub(crate) fn owner(&self) -> String {
        self.session_options().user
    }

    fn engine_options(&self, access: Access) -> EngineOptions {
        let mut options = EngineOptions::new(&self.settings.warehouse.value);
        if access == Access::Read {
            options = options.read_only();
        }
        if let Some(name) = self.text("CLUSTER", "DB_NAME") {
            name.clone_into(&mut options.database);
        }
        options.stores = self.store_settings();
        options
    }

    /// The standard credential chain, with `[AWS]` in front of it.
    pub(crate) fn store_settings(&self) -> StoreSettings {
        let variable = |name: &str| self.environment.text(name).ok().flatten().map(ToOwned::to_owned);
        let mut stores = StoreSettings::from_variables(variable);
        if let (Some(key), Some(secret)) = (self.text("AWS", "KEY"), self.text("AWS", "SECRET")) {
            stores.access_key_id = Some(Secret::new(key));
            stores.secret_access_key = Some(Secret::new(secret));
            stores.session_token = None;
        }
        stores.region = self.text("AWS", "REGION").map(ToOwned::to_owned);
        stores
    }

    fn session_options(&self) -> SessionOptions {
        let mut options = SessionOptions::default();
        if let Some(user) = self.text("CLUSTER", "DB_USER") {
            user.clone_into(&mut options.user);
        }
        options
    }
}

/// The files of this machine that clients may use: those under a folder, or none.
///
/// # Errors
/// There is no such folder.
pub(crate) fn local_files(folder: Option<&Path>) -> Result<LocalFiles, UsageError> {
    match folder {
        Some(folder) if folder.is_dir() => Ok(LocalFiles::Under(folder.to_owned())),
        Some(folder) => {
            let message = format!("--local-files: there is no folder {}", folder.display());
            Err(UsageError::new(message, "make it first, or name another"))
        }
        None => Ok(LocalFiles::Nowhere),
    }
}

/// Another process has the warehouse open for writing.
fn is_locked(error: &SqlError) -> bool {
    error.state == dwh_common::SqlState::CannotConnectNow
}
