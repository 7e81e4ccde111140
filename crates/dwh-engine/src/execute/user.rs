//! CREATE, ALTER and DROP USER; SET SESSION AUTHORIZATION.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{AlterUserAction, Password, UserOptions};
use dwh_storage::{
    Access, Grantee, LogEntry, OWNER_ID, PasswordVerifiers, PrincipalId, User, UserChangeRecord,
};

use crate::access::password;
use crate::context::StatementContext;
use crate::result::{Notice, Outcome, Severity};
use crate::settings::Settings;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    name: &str,
    options: &UserOptions,
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    if access.user(name).is_some() {
        return Err(SqlError::new(SqlState::DuplicateObject, format!("user \"{name}\" already exists")));
    }
    let groups = group_ids(access, &options.groups)?;
    let mut user = User::new(access.next_user_id(), name);
    apply(&mut user, options)?;
    context.transaction.change_access(|access| {
        for group in groups {
            if let Some(group) = access.groups.get_mut(&group) {
                group.members.insert(user.id);
            }
        }
        access.users.insert(user.id, user.clone());
    })?;
    log_change(context, &user, "create", None);
    Ok(Outcome::done("CREATE USER"))
}

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    name: &str,
    action: &AlterUserAction,
) -> Result<Outcome, SqlError> {
    let access = context.transaction.access();
    let mut user = access.user(name).ok_or_else(|| undefined(name))?.clone();
    let mut notices = Vec::new();
    match action {
        AlterUserAction::Options(options) => {
            if user.id == OWNER_ID && options.superuser == Some(false) {
                return Err(SqlError::new(
                    SqlState::InsufficientPrivilege,
                    format!("user \"{name}\" owns the warehouse and stays a superuser"),
                ));
            }
            apply(&mut user, options)?;
        }
        AlterUserAction::Rename(to) => {
            if access.user(to).is_some() {
                return Err(SqlError::new(
                    SqlState::DuplicateObject,
                    format!("user \"{to}\" already exists"),
                ));
            }
            if user.id == context.user_id {
                return Err(SqlError::new(SqlState::FeatureNotSupported, "session user may not be renamed"));
            }
            user.name.clone_from(to);
            // The user name is the salt of the hash.
            if user.password.as_mut().is_some_and(|password| password.md5.take().is_some()) {
                user.password = user.password.filter(|password| *password != PasswordVerifiers::default());
                let message = "MD5 password cleared because of user rename".to_owned();
                notices.push(Notice { severity: Severity::Notice, message });
            }
        }
        AlterUserAction::Set { name, value } => {
            // Refuses unknown parameters and values.
            Settings::default().set(name, value.clone(), false)?;
            match value {
                Some(value) => user.settings.insert(name.clone(), value.clone()),
                None => user.settings.remove(name),
            };
        }
    }
    context.transaction.change_access(|access| access.users.insert(user.id, user.clone()))?;
    let renamed = (user.name != name).then_some(name);
    log_change(context, &user, if renamed.is_some() { "rename" } else { "alter" }, renamed);
    Ok(Outcome { notices, ..Outcome::done("ALTER USER") })
}

/// For stl_userlog.
fn log_change(context: &StatementContext<'_>, user: &User, action: &str, old_name: Option<&str>) {
    context.engine.log(LogEntry::UserChange(Box::new(UserChangeRecord {
        user_id: user.id,
        user_name: user.name.clone(),
        old_name: old_name.unwrap_or_default().to_owned(),
        action: action.to_owned(),
        create_db: user.create_db,
        superuser: user.superuser,
        valid_until: user.valid_until,
        session_id: context.session_id.into(),
        transaction_id: i64::try_from(context.transaction.id()).unwrap_or(i64::MAX),
        changed_at: Utc::now(),
    })));
}

pub(super) fn drop(
    context: &mut StatementContext<'_>,
    names: &[String],
    if_exists: bool,
) -> Result<Outcome, SqlError> {
    let mut dropped = Vec::new();
    for name in names {
        let access = context.transaction.access();
        let Some(user) = access.user(name) else {
            if if_exists {
                let message = format!("user \"{name}\" does not exist, skipping");
                context.notices.push(Notice { severity: Severity::Notice, message });
                continue;
            }
            return Err(undefined(name));
        };
        if user.id == context.user_id {
            return Err(SqlError::new(SqlState::FeatureNotSupported, "current user cannot be dropped"));
        }
        if user.id == OWNER_ID {
            return Err(SqlError::new(SqlState::FeatureNotSupported, "session user cannot be dropped")
                .with_detail(format!("user \"{name}\" owns the warehouse")));
        }
        let id = user.id;
        check_unused(access, id, name)?;
        dropped.push(user.clone());
        context.transaction.change_access(|access| {
            access.users.remove(&id);
            access.groups.values_mut().for_each(|group| drop_member(&mut group.members, id));
            access.role_members.retain(|(_, member), _| *member != Grantee::User(id));
            access.detach_policies(Grantee::User(id));
        })?;
    }
    for user in &dropped {
        log_change(context, user, "drop", None);
    }
    Ok(Outcome::done("DROP USER"))
}

fn drop_member(members: &mut std::collections::BTreeSet<PrincipalId>, id: PrincipalId) {
    members.remove(&id);
}

/// A user that owns something, or has a privilege, cannot be dropped (the guide's page DROP USER).
fn check_unused(access: &Access, id: PrincipalId, name: &str) -> Result<(), SqlError> {
    let owns = access.owners.values().any(|owner| *owner == id)
        || access.roles.values().any(|role| role.owner == id);
    if owns {
        return Err(SqlError::new(
            SqlState::ObjectInUse,
            format!("user \"{name}\" cannot be dropped because the user owns some object"),
        )
        .with_hint("Give the objects to another user with ALTER … OWNER TO, or drop them."));
    }
    let to = Grantee::User(id);
    let has = access.grants.keys().any(|key| key.to == to)
        || access.default_privileges.keys().any(|key| key.to == to || key.creator == id);
    if has {
        return Err(SqlError::new(
            SqlState::ObjectInUse,
            format!("user \"{name}\" cannot be dropped because the user has a privilege on some object"),
        )
        .with_hint("REVOKE the user's privileges first."));
    }
    Ok(())
}

/// SET SESSION AUTHORIZATION; what changes is the session's.
pub(super) fn set_session_authorization(
    context: &mut StatementContext<'_>,
    name: Option<&str>,
) -> Result<Outcome, SqlError> {
    let session = context.rights().of(context.session_user.0);
    let (id, shown) = match name {
        None => context.session_user.clone(),
        // The owner of the warehouse may go by another name in this session.
        Some(name) if *name == context.session_user.1 => context.session_user.clone(),
        Some(name) => {
            let user = session.access().user(name).ok_or_else(|| undefined(name))?;
            if !session.is_superuser() {
                return Err(SqlError::new(
                    SqlState::InsufficientPrivilege,
                    "permission denied to set session authorization",
                ));
            }
            (user.id, user.name.clone())
        }
    };
    context.new_user = Some((id, shown));
    Ok(Outcome::done("SET SESSION AUTHORIZATION"))
}

fn apply(user: &mut User, options: &UserOptions) -> Result<(), SqlError> {
    if let Some(superuser) = options.superuser {
        user.superuser = superuser;
        // A superuser sees all rows of system tables.
        user.syslog_unrestricted |= superuser;
    }
    match &options.password {
        Some(Password::Given(password)) => user.password = Some(password::verifiers(&user.name, password)?),
        Some(Password::Disable) if user.superuser => {
            return Err(SqlError::new(
                SqlState::InvalidParameterValue,
                "the password of a superuser cannot be disabled",
            ));
        }
        Some(Password::Disable) => user.password = None,
        None => {}
    }
    user.create_db = options.create_db.unwrap_or(user.create_db);
    user.syslog_unrestricted = options.syslog_unrestricted.unwrap_or(user.syslog_unrestricted);
    if let Some(until) = &options.valid_until {
        user.valid_until = valid_until(until)?;
    }
    user.connection_limit = options.connection_limit.unwrap_or(user.connection_limit);
    user.session_timeout_seconds = options.session_timeout_seconds.unwrap_or(user.session_timeout_seconds);
    user.external_id = options.external_id.clone().or(user.external_id.take());
    Ok(())
}

/// VALID UNTIL: a date, a time stamp in UTC, or `infinity`.
fn valid_until(text: &str) -> Result<Option<DateTime<Utc>>, SqlError> {
    if text.trim().eq_ignore_ascii_case("infinity") {
        return Ok(None);
    }
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Ok(Some(at.with_timezone(&Utc)));
    }
    let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0))
        });
    match local {
        Some(at) => Ok(Some(at.and_utc())),
        None => Err(SqlError::new(
            SqlState::InvalidDatetimeFormat,
            format!("invalid input syntax for type abstime: \"{text}\""),
        )),
    }
}

/// The numbers of groups.
pub(super) fn group_ids(access: &Access, names: &[String]) -> Result<Vec<PrincipalId>, SqlError> {
    let id = |name: &String| {
        let group = access.group(name).ok_or_else(|| super::group::undefined(name))?;
        Ok(group.id)
    };
    names.iter().map(id).collect()
}

/// 42704 for a user.
pub(super) fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("user \"{name}\" does not exist"))
}
