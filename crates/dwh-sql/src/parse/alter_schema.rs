//! ALTER SCHEMA and ALTER DATABASE.

use dwh_common::{SqlError, SqlState};

use super::user::principal;
use super::utility::quota_mb;
use crate::cursor::Cursor;
use crate::statement::{AlterDatabaseAction, AlterSchemaAction, Statement};

/// `ALTER SCHEMA name {RENAME TO other | OWNER TO user | QUOTA {n [MB | GB | TB] | UNLIMITED}}`.
pub(super) fn alter_schema(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "schema"])?;
    let name = cursor.name()?;
    let action = if cursor.eat(&["rename", "to"]) {
        AlterSchemaAction::Rename(cursor.name()?)
    } else if cursor.eat(&["owner", "to"]) {
        AlterSchemaAction::OwnerTo(principal(cursor)?)
    } else if cursor.eat(&["quota"]) {
        AlterSchemaAction::Quota(quota_mb(cursor)?)
    } else {
        return cursor.expected("RENAME TO, OWNER TO or QUOTA");
    };
    Ok(Statement::AlterSchema { name, action })
}

/// `ALTER DATABASE name {OWNER TO user | CONNECTION LIMIT {n | UNLIMITED} | ISOLATION LEVEL {…}}`.
pub(super) fn alter_database(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "database"])?;
    let name = cursor.name()?;
    let position = cursor.position();
    for (words, form) in [
        (&["collate"][..], "ALTER DATABASE … COLLATE"),
        (&["refresh"], "ALTER DATABASE … REFRESH"),
        (&["integration"], "ALTER DATABASE … INTEGRATION"),
    ] {
        if cursor.at(words) {
            return Err(SqlError::unsupported(form).at(position));
        }
    }
    cursor.eat(&["with"]);
    let action = if cursor.eat(&["rename", "to"]) {
        cursor.name()?;
        AlterDatabaseAction::Rename
    } else if cursor.eat(&["owner", "to"]) {
        AlterDatabaseAction::OwnerTo(principal(cursor)?)
    } else if cursor.eat(&["connection", "limit"]) {
        let at = cursor.position();
        let limit = if cursor.eat(&["unlimited"]) {
            None
        } else {
            Some(u32::try_from(cursor.integer()?).map_err(|_| {
                SqlError::new(SqlState::InvalidParameterValue, "expected a number that is not negative")
                    .at(at)
            })?)
        };
        AlterDatabaseAction::ConnectionLimit(limit)
    } else if cursor.eat(&["isolation", "level"]) {
        match cursor.eat_one_of(&["snapshot", "serializable"]) {
            Some(level) => AlterDatabaseAction::IsolationLevel { snapshot: level == "snapshot" },
            None => return cursor.expected("SNAPSHOT or SERIALIZABLE"),
        }
    } else {
        return cursor.expected("OWNER TO, CONNECTION LIMIT or ISOLATION LEVEL");
    };
    Ok(Statement::AlterDatabase { name, action })
}

/// `USE database`.
pub(super) fn use_database(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["use"])?;
    let position = cursor.position();
    Ok(Statement::Use { database: cursor.name()?, position })
}
