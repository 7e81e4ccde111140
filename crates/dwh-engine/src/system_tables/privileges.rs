//! Grants as the privilege views list them.

use dwh_storage::Securable;

use super::SystemView;
use crate::access::{describe, identity, signature};

/// A privilege that somebody was given.
pub(super) struct Granted {
    pub(super) schema: Option<String>,
    pub(super) name: String,
    pub(super) column: Option<String>,
    /// Types of a function's arguments.
    pub(super) arguments: Option<String>,
    pub(super) privilege: &'static str,
    pub(super) identity_id: i64,
    pub(super) identity_name: String,
    pub(super) identity_type: &'static str,
    pub(super) with_option: bool,
}

/// The grants on what `wanted` says, as far as the user may see whose they are.
pub(super) fn granted(view: &SystemView<'_>, wanted: impl Fn(Securable) -> bool) -> Vec<Granted> {
    let access = view.transaction.access();
    let mut all = Vec::new();
    for (key, grant) in &access.grants {
        let Some(grant) = grant.as_ref().filter(|_| wanted(key.on) && view.sees_grantee(key.to)) else {
            continue;
        };
        let Some(described) = describe(view.transaction, view.database, key.on) else { continue };
        let (identity_id, identity_type) = identity(key.to);
        all.push(Granted {
            schema: described.schema,
            name: described.name,
            column: described.column,
            arguments: signature(access, key.on),
            privilege: key.privilege.name(),
            identity_id,
            identity_name: access.grantee_name(key.to),
            identity_type,
            with_option: grant.with_option,
        });
    }
    all
}
