//! The changes of two transactions in one: entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use super::Access;
use crate::error::StorageError;

impl Access {
    /// `newest` with what `mine` changed since `base`.
    ///
    /// # Errors
    /// [`StorageError::ConcurrentUpdate`] if both changed the same entry, or made the same name.
    pub(crate) fn merge(base: &Self, mine: &Self, newest: &Self) -> Result<Self, StorageError> {
        let merged = Self {
            users: merge(&base.users, &mine.users, &newest.users)?,
            groups: merge(&base.groups, &mine.groups, &newest.groups)?,
            roles: merge(&base.roles, &mine.roles, &newest.roles)?,
            role_members: merge(&base.role_members, &mine.role_members, &newest.role_members)?,
            owners: merge(&base.owners, &mine.owners, &newest.owners)?,
            grants: merge(&base.grants, &mine.grants, &newest.grants)?,
            default_privileges: merge(
                &base.default_privileges,
                &mine.default_privileges,
                &newest.default_privileges,
            )?,
            functions: merge(&base.functions, &mine.functions, &newest.functions)?,
            procedures: merge(&base.procedures, &mine.procedures, &newest.procedures)?,
            comments: merge(&base.comments, &mine.comments, &newest.comments)?,
            database: merge(&base.database, &mine.database, &newest.database)?,
            quotas: merge(&base.quotas, &mine.quotas, &newest.quotas)?,
            row_policies: merge(&base.row_policies, &mine.row_policies, &newest.row_policies)?,
            row_policies_on: merge(&base.row_policies_on, &mine.row_policies_on, &newest.row_policies_on)?,
            row_security: merge(&base.row_security, &mine.row_security, &newest.row_security)?,
            masking_policies: merge(
                &base.masking_policies,
                &mine.masking_policies,
                &newest.masking_policies,
            )?,
            masks: merge(&base.masks, &mine.masks, &newest.masks)?,
        };
        unique(merged.users.values().map(|user| user.name.as_str()))?;
        unique(merged.groups.values().map(|group| group.name.as_str()))?;
        unique(merged.roles.values().map(|role| role.name.as_str()))?;
        unique(merged.functions.values().map(|f| format!("{}.{}{:?}", f.schema, f.name, f.arguments)))?;
        unique(merged.procedures.values().map(|p| format!("{}.{}({})", p.schema, p.name, p.signature())))?;
        Ok(merged)
    }
}

fn merge<K: Ord + Clone, V: PartialEq + Clone>(
    base: &BTreeMap<K, V>,
    mine: &BTreeMap<K, V>,
    newest: &BTreeMap<K, V>,
) -> Result<BTreeMap<K, V>, StorageError> {
    let mut merged = newest.clone();
    let keys: BTreeSet<&K> = base.keys().chain(mine.keys()).collect();
    for key in keys {
        let (before, after, now) = (base.get(key), mine.get(key), newest.get(key));
        if before == after || after == now {
            continue;
        }
        if before != now {
            return Err(StorageError::ConcurrentUpdate);
        }
        match after {
            Some(value) => merged.insert(key.clone(), value.clone()),
            None => merged.remove(key),
        };
    }
    Ok(merged)
}

fn unique<T: Ord>(names: impl Iterator<Item = T>) -> Result<(), StorageError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(StorageError::ConcurrentUpdate);
        }
    }
    Ok(())
}
