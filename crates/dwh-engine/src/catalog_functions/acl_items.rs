//! `makeaclitem(user, group, grantor, privilege, grantable)` and `aclcontains(list, item)`, by which scripts find
//! out who was given what.

use dwh_common::{SqlError, SqlState};
use dwh_storage::{Grantee, PrincipalId};

use super::{Answer, Argument, CatalogView, elements, number, text, truth};
use crate::access::acl::{AclItem, letter};

type Result<T> = std::result::Result<T, SqlError>;

/// An item for the user of that number, or for the group where the user is 0.
pub(super) fn makeaclitem(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let [user, group, grantor, Some(privilege), grantable] = arguments else {
        return if arguments.len() == 5 { text(None) } else { Err(other_arguments("makeaclitem")) };
    };
    let (Some(user), Some(group), Some(grantor)) = (number(*user), number(*group), number(*grantor)) else {
        return text(None);
    };
    let Some(letter) = letter(privilege) else {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("unrecognized privilege type: \"{privilege}\""),
        ));
    };
    let grantee = match (user, group) {
        (0, 0) => String::new(),
        (0, group) => format!("group {}", view.principals.access.grantee_name(Grantee::Group(group))),
        (user, _) => view.name_of(user),
    };
    let is_grantable = grantable.is_some_and(|written| matches!(written, "t" | "true"));
    let letters = if is_grantable { format!("{letter}*") } else { letter.to_string() };
    text(Some(AclItem { grantee, letters, grantor: view.name_of(grantor) }.to_string()))
}

/// Whether a list of items has one that gives at least what `item` does.
pub(super) fn aclcontains(_: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let [list, item] = arguments else { return Err(other_arguments("aclcontains")) };
    let (Some(list), Some(item)) = (list, item.and_then(AclItem::parse)) else { return truth(None) };
    let mut given = elements(list).into_iter().filter_map(AclItem::parse);
    truth(Some(given.any(|given| given.contains(&item))))
}

impl CatalogView {
    fn name_of(&self, user: PrincipalId) -> String {
        self.principals.access.grantee_name(Grantee::User(user))
    }
}

fn other_arguments(function: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedFunction, format!("function {function} takes other arguments"))
}
