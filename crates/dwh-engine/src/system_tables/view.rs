//! What system tables are made from.

use std::collections::HashMap;

use dwh_common::{RedshiftType, SqlError};
use dwh_storage::{
    Grantee, LoadLog, LoadRecord, OWNER_ID, PrincipalId, Privilege, Securable, Transaction, User,
    ViewDefinition,
};

use crate::access::Rights;
use crate::engine::Engine;
use crate::settings::Settings;

/// What system tables show: the transaction's view of the warehouse and the session.
pub(crate) struct SystemView<'a> {
    pub(crate) engine: &'a Engine,
    /// What the user of the statement may do.
    pub(crate) rights: Rights<'a>,
    pub(crate) transaction: &'a Transaction,
    pub(crate) load_log: LoadLog,
    pub(crate) database: &'a str,
    pub(crate) user: &'a str,
    /// The user that the session was opened for: the owner of the warehouse may go by another name in it.
    pub(crate) session_user: &'a (PrincipalId, String),
    pub(crate) search_path: &'a [String],
    pub(crate) settings: &'a Settings,
    /// Plans a view to tell its columns; `None` if it cannot be planned.
    pub(crate) columns_of_view: &'a ColumnsOfView<'a>,
}

/// From a view to its columns.
pub(crate) type ColumnsOfView<'a> = dyn Fn(&ViewDefinition) -> Option<Vec<(String, RedshiftType)>> + 'a;

impl<'a> SystemView<'a> {
    /// The same, with someone who plans views.
    pub(crate) fn planning<'b>(&'b self, columns_of_view: &'b ColumnsOfView<'b>) -> SystemView<'b>
    where
        'a: 'b,
    {
        SystemView { load_log: self.load_log.clone(), columns_of_view, ..*self }
    }

    /// Whether the user sees the rows of all users in the tables of the log (the guide's page "Visibility of
    /// data in system tables and views").
    pub(crate) fn sees_all(&self) -> bool {
        self.rights.user().is_some_and(|user| user.syslog_unrestricted)
            || self.rights.has_system(Privilege::ACCESS_SYSTEM_TABLE)
    }

    /// Whether the user sees the rows of this one.
    pub(crate) fn sees(&self, user: PrincipalId) -> bool {
        user == self.rights.user_id() || self.sees_all()
    }

    /// Whether the user sees what this one was given: its own, its roles' and groups', and everybody's.
    pub(crate) fn sees_grantee(&self, to: Grantee) -> bool {
        let access = self.transaction.access();
        let user = self.rights.user_id();
        self.rights.has_system(Privilege::ACCESS_SYSTEM_TABLE)
            || match to {
                Grantee::Public => true,
                Grantee::User(id) => id == user,
                Grantee::Role(id) => {
                    self.rights.roles().contains(&id)
                        || access.roles.get(&id).is_some_and(|role| role.owner == user)
                }
                Grantee::Group(id) => {
                    access.groups.get(&id).is_some_and(|group| group.members.contains(&user))
                }
            }
    }

    /// A user's name as the session shows it.
    pub(crate) fn user_name<'u>(&'u self, user: &'u User) -> &'u str {
        let (id, name) = self.session_user;
        if user.id == OWNER_ID && *id == OWNER_ID { name } else { &user.name }
    }

    /// The name of the owner of an object.
    pub(crate) fn owner_name(&self, object: Securable) -> String {
        let access = self.transaction.access();
        let owner = access.users.get(&access.owner(object));
        owner.map_or_else(|| "unknown".to_owned(), |user| self.user_name(user).to_owned())
    }

    /// The loads of the history that the user sees, by their query ids.
    pub(super) fn loads_by_id(&self) -> Result<HashMap<i64, LoadRecord>, SqlError> {
        let seen = self.load_log.loads()?.into_iter().filter(|load| self.sees(load.user_id.into()));
        Ok(seen.map(|load| (load.query_id, load)).collect())
    }
}
