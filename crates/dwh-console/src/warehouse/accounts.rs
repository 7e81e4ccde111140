//! The users of the embedded warehouse: its owner under a name and password of the configuration, and those that
//! CREATE USER made.

use std::sync::Arc;

use async_trait::async_trait;
use dwh_common::{Secret, SqlError, SqlState};
use dwh_engine::Engine;

use super::{Accounts, Embedded, Warehouse};

/// Who may use the engine of this process.
pub struct EmbeddedAccounts {
    engine: Engine,
    owner: Option<(String, Secret)>,
}

impl EmbeddedAccounts {
    /// The engine's users, and the owner by name and password, unless a user of that name has a password of its own.
    pub fn new(engine: Engine, owner: Option<(String, Secret)>) -> Self {
        Self { engine, owner }
    }

    fn is_owner(&self, user: &str, password: &Secret) -> Result<bool, SqlError> {
        let Some((name, owners)) = &self.owner else { return Ok(false) };
        let has_own = self.engine.user(name)?.is_some_and(|user| user.password.is_some());
        Ok(!has_own && !owners.is_empty() && name == user && owners == password)
    }
}

#[async_trait]
impl Accounts for EmbeddedAccounts {
    async fn sign_in(&self, user: &str, password: &Secret) -> Result<Arc<dyn Warehouse>, SqlError> {
        if self.is_owner(user, password)? {
            return Ok(Arc::new(Embedded::owner(self.engine.clone(), user)));
        }
        if self.engine.check_password(user, password)? {
            return Ok(Arc::new(Embedded::user(self.engine.clone(), user)));
        }
        let message = format!("password authentication failed for user \"{user}\"");
        Err(SqlError::new(SqlState::InvalidPassword, message))
    }
}
