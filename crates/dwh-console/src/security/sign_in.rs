//! Sign-in: a one-time token, or user and password, for a cookie.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE as COOKIE_HEADER;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use dwh_common::{Secret, SqlError};
use uuid::Uuid;

use super::throttle::Throttle;
use crate::error::ApiError;
use crate::runs::{Memory, Runs};
use crate::state::AppState;
use crate::warehouse::{Accounts, Connection, Warehouse};

/// Name of the cookie, before the port: cookies do not tell ports apart.
pub(crate) const COOKIE: &str = "dwh_console_";
/// A login that is not used ends.
const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// Logins at once; the longest unused one goes.
const MAX_LOGINS: usize = 64;
/// Connections of a login, one an editor tab; the longest unused one goes.
const MAX_CONNECTIONS: usize = 24;
/// A connection that is not used is closed: it may have a transaction open, and others wait for its locks.
const TAB_IDLE: Duration = Duration::from_secs(30 * 60);
/// A wrong token or password is answered after so long.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// How one signs in.
pub enum SignIn {
    /// With a token that is good for once.
    Token {
        /// The token.
        token: Secret,
        /// What whoever has it may use.
        warehouse: Arc<dyn Warehouse>,
    },
    /// With user and password.
    Password(Arc<dyn Accounts>),
}

impl SignIn {
    /// A fresh token for a warehouse; [`SignIn::token`] tells it.
    pub fn with_token(warehouse: Arc<dyn Warehouse>) -> Self {
        Self::Token { token: random(), warehouse }
    }

    /// The token, where there is one.
    pub fn token(&self) -> Option<&Secret> {
        match self {
            Self::Token { token, .. } => Some(token),
            Self::Password(_) => None,
        }
    }
}

/// 244 random bits.
fn random() -> Secret {
    Secret::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
}

/// One browser that has signed in.
pub(crate) struct Login {
    pub(crate) warehouse: Arc<dyn Warehouse>,
    pub(crate) runs: Runs,
    user: String,
    tabs: Mutex<HashMap<String, (Arc<Tab>, Instant)>>,
    used: Mutex<Instant>,
}

/// A connection, used by one at a time.
pub(crate) struct Tab {
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) in_use: Arc<tokio::sync::Mutex<()>>,
}

/// The use of a connection, until it is dropped.
pub(crate) struct Turn {
    tab: Arc<Tab>,
    _in_use: tokio::sync::OwnedMutexGuard<()>,
}

impl Turn {
    pub(crate) fn connection(&self) -> &dyn Connection {
        self.tab.connection.as_ref()
    }
}

impl Login {
    fn new(warehouse: Arc<dyn Warehouse>, user: String, memory: Arc<Memory>) -> Self {
        let (runs, used) = (Runs::new(memory), Mutex::new(Instant::now()));
        Self { warehouse, runs, user, tabs: Mutex::default(), used }
    }

    /// The user of the warehouse.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The connection of that name, opened if there is none.
    pub(crate) async fn tab(&self, name: &str) -> Result<Arc<Tab>, SqlError> {
        if let Some((tab, used)) = self.tabs().get_mut(name) {
            *used = Instant::now();
            return Ok(Arc::clone(tab));
        }
        let opened = Arc::new(Tab { connection: self.warehouse.connect().await?, in_use: Arc::default() });
        let mut tabs = self.tabs();
        if tabs.len() >= MAX_CONNECTIONS
            && let Some(oldest) = tabs.iter().min_by_key(|(_, (_, used))| *used).map(|(name, _)| name.clone())
        {
            tabs.remove(&oldest);
        }
        // Another request may have opened it meanwhile.
        let (tab, _) = tabs.entry(name.to_owned()).or_insert((opened, Instant::now()));
        Ok(Arc::clone(tab))
    }

    /// The connection of that name, when nobody else uses it.
    pub(crate) async fn turn(&self, name: &str) -> Result<Turn, SqlError> {
        let tab = self.tab(name).await?;
        let in_use = Arc::clone(&tab.in_use).lock_owned().await;
        Ok(Turn { tab, _in_use: in_use })
    }

    /// Closes a connection: its transaction is rolled back.
    pub(crate) fn close(&self, name: &str) {
        if let Some((tab, _)) = self.tabs().remove(name) {
            tab.connection.cancel();
        }
    }

    fn close_idle(&self) {
        self.tabs().retain(|_, (tab, used)| used.elapsed() < TAB_IDLE || tab.in_use.try_lock().is_err());
    }

    fn tabs(&self) -> MutexGuard<'_, HashMap<String, (Arc<Tab>, Instant)>> {
        self.tabs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used(&self) -> MutexGuard<'_, Instant> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everyone who has signed in, by cookie.
pub(crate) struct Logins {
    sign_in: SignIn,
    /// Whether the token has been used.
    spent: Mutex<bool>,
    throttle: Throttle,
    logins: Mutex<HashMap<String, Arc<Login>>>,
}

impl Logins {
    pub(crate) fn new(sign_in: SignIn) -> Self {
        Self { sign_in, spent: Mutex::new(false), throttle: Throttle::default(), logins: Mutex::default() }
    }

    /// Whether user and password are asked for.
    pub(crate) fn asks_for_password(&self) -> bool {
        matches!(self.sign_in, SignIn::Password(_))
    }

    /// Trades a token for a cookie's value.
    ///
    /// # Errors
    /// 401 for a wrong one, 429 for too many from one address.
    pub(crate) async fn by_token(&self, peer: IpAddr, given: &Secret) -> Result<Secret, ApiError> {
        self.throttle.attempt(peer, Instant::now()).map_err(ApiError::too_many_attempts)?;
        if let SignIn::Token { token, warehouse } = &self.sign_in {
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            if !*spent && token == given {
                *spent = true;
                self.throttle.succeeded(peer);
                return Ok(self.add(Arc::clone(warehouse)));
            }
        }
        tokio::time::sleep(AFTER_FAILURE).await;
        let message = "this link has been used, or is none; `dwh console` prints a new one when it starts";
        Err(ApiError::new(StatusCode::UNAUTHORIZED, message))
    }

    /// Trades user and password for a cookie's value.
    ///
    /// # Errors
    /// As [`Self::by_token`].
    pub(crate) async fn by_password(
        &self,
        peer: IpAddr,
        user: &str,
        password: &Secret,
    ) -> Result<Secret, ApiError> {
        self.throttle.attempt(peer, Instant::now()).map_err(ApiError::too_many_attempts)?;
        let failure = match &self.sign_in {
            SignIn::Password(accounts) => match accounts.sign_in(user, password).await {
                Ok(warehouse) => {
                    self.throttle.succeeded(peer);
                    return Ok(self.add(warehouse));
                }
                Err(error) => error.message,
            },
            SignIn::Token { .. } => "sign in with the link that `dwh console` has printed".to_owned(),
        };
        tokio::time::sleep(AFTER_FAILURE).await;
        Err(ApiError::new(StatusCode::UNAUTHORIZED, failure))
    }

    fn add(&self, warehouse: Arc<dyn Warehouse>) -> Secret {
        let cookie = random();
        let mut logins = self.logins();
        if logins.len() >= MAX_LOGINS
            && let Some(oldest) =
                logins.iter().min_by_key(|(_, login)| *login.used()).map(|(id, _)| id.clone())
            && let Some(login) = logins.remove(&oldest)
        {
            login.runs.cancel_all();
        }
        let user = warehouse.about().user;
        let others = logins.values().find(|login| login.user == user);
        let memory = others.map(|login| Arc::clone(login.runs.memory())).unwrap_or_default();
        logins.insert(cookie.expose().to_owned(), Arc::new(Login::new(warehouse, user, memory)));
        cookie
    }

    /// Forgets who has been away for long, and closes connections that are not used.
    pub(crate) fn close_idle(&self) {
        let mut logins = self.logins();
        logins.retain(|_, login| {
            let stays = login.used().elapsed() < IDLE;
            if !stays {
                login.runs.cancel_all();
            }
            stays
        });
        logins.values().for_each(|login| login.close_idle());
    }

    pub(crate) fn find(&self, headers: &HeaderMap, cookie_name: &str) -> Option<Arc<Login>> {
        let login = self.logins().get(cookie(headers, cookie_name)?).cloned()?;
        let mut used = login.used();
        if used.elapsed() >= IDLE {
            return None;
        }
        *used = Instant::now();
        drop(used);
        Some(login)
    }

    /// Signs out.
    pub(crate) fn remove(&self, headers: &HeaderMap, cookie_name: &str) {
        let Some(id) = cookie(headers, cookie_name) else { return };
        if let Some(login) = self.logins().remove(id) {
            login.runs.cancel_all();
        }
    }

    fn logins(&self) -> MutexGuard<'_, HashMap<String, Arc<Login>>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE_HEADER).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The login of a request, or 401.
pub(crate) struct LoginOf(pub(crate) Arc<Login>);

impl FromRequestParts<Arc<AppState>> for LoginOf {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let login = state.logins.find(&parts.headers, &state.cookie_name);
        login.map(Self).ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "sign in first"))
    }
}
