//! Privileges as PostgreSQL writes them in catalogs: items such as `bob=arw/owner`, where each letter is a
//! privilege and `*` behind it the right to give it on (the guide's page PG_DEFAULT_ACL).

use dwh_storage::{Access, Grantee, PrincipalId, Privilege, Securable};

/// Privileges and their letters, in the order of a list of all of them.
const LETTERS: &[(&str, char)] = &[
    ("INSERT", 'a'),
    ("SELECT", 'r'),
    ("UPDATE", 'w'),
    ("DELETE", 'd'),
    ("RULE", 'R'),
    ("REFERENCES", 'x'),
    ("TRIGGER", 't'),
    ("EXECUTE", 'X'),
    ("USAGE", 'U'),
    ("CREATE", 'C'),
    ("TEMPORARY", 'T'),
    ("TEMP", 'T'),
    ("DROP", 'D'),
    ("TRUNCATE", 'P'),
    ("ALTER", 'A'),
];

/// The letter of a privilege, if it has one.
pub(crate) fn letter(privilege: &str) -> Option<char> {
    LETTERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(privilege)).map(|(_, letter)| *letter)
}

/// What one grantee has from one grantor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AclItem {
    /// A user's name, `group name`, `role name`, or empty for PUBLIC.
    pub(crate) grantee: String,
    /// Each with `*` behind it if it may be given on.
    pub(crate) letters: String,
    pub(crate) grantor: String,
}

impl AclItem {
    fn of(access: &Access, to: Grantee, letters: String, grantor: PrincipalId) -> Self {
        let name = access.grantee_name(to);
        let grantee = match to {
            Grantee::Public => String::new(),
            Grantee::Group(_) => format!("group {name}"),
            Grantee::Role(_) => format!("role {name}"),
            Grantee::User(_) => name,
        };
        Self { grantee, letters, grantor: access.grantee_name(Grantee::User(grantor)) }
    }

    /// Reads `grantee=letters/grantor`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (grantee, rest) = text.split_once('=')?;
        let (letters, grantor) = rest.split_once('/')?;
        Some(Self { grantee: grantee.to_owned(), letters: letters.to_owned(), grantor: grantor.to_owned() })
    }

    /// Whether it gives all that `other` gives, to the same grantee by the same grantor.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let has = |letter: char, with_option: bool| {
            let mut behind = self.letters.split(letter).skip(1);
            behind.next().is_some_and(|rest| !with_option || rest.starts_with('*'))
        };
        let mut wanted = other.letters.chars().peekable();
        let mut all = true;
        while let Some(letter) = wanted.next() {
            all &= has(letter, wanted.next_if_eq(&'*').is_some());
        }
        all && self.grantee == other.grantee && self.grantor == other.grantor
    }
}

impl std::fmt::Display for AclItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}/{}", self.grantee, self.letters, self.grantor)
    }
}

/// What was given on an object; `None` if nothing was.
pub(crate) fn acl(access: &Access, on: Securable) -> Option<Vec<AclItem>> {
    let given = access.grants.iter().filter(|(key, _)| key.on == on).filter_map(|(key, grant)| {
        let grant = grant.as_ref()?;
        Some((key.privilege, key.to, grant.with_option, grant.grantor))
    });
    items(access, given)
}

/// The items of these privileges: which, to whom, whether they may be given on, by whom.
pub(crate) fn items(
    access: &Access,
    given: impl Iterator<Item = (Privilege, Grantee, bool, PrincipalId)>,
) -> Option<Vec<AclItem>> {
    let mut items: Vec<AclItem> = Vec::new();
    for (privilege, to, with_option, grantor) in given {
        let Some(letter) = letter(privilege.name()) else { continue };
        let letters = if with_option { format!("{letter}*") } else { letter.to_string() };
        let item = AclItem::of(access, to, letters, grantor);
        match items.iter_mut().find(|known| known.grantee == item.grantee && known.grantor == item.grantor) {
            Some(known) => known.letters.push_str(&item.letters),
            None => items.push(item),
        }
    }
    items.iter_mut().for_each(|item| item.letters = in_order(&item.letters));
    (!items.is_empty()).then_some(items)
}

/// Letters in the order of a list of all of them.
fn in_order(letters: &str) -> String {
    let mut ordered = String::with_capacity(letters.len());
    for (_, letter) in LETTERS {
        if let Some((_, behind)) = letters.split_once(*letter).filter(|_| !ordered.contains(*letter)) {
            ordered.push(*letter);
            ordered.extend(behind.starts_with('*').then_some('*'));
        }
    }
    ordered
}

/// As a column of a catalog shows them, an array of `aclitem`. Where anything was given, what the owner has
/// comes first.
pub(crate) fn column_text(access: &Access, on: Securable) -> Option<String> {
    let given = acl(access, on)?;
    let of_owner = match on {
        Securable::Relation(_) => "arwdRxtDPA",
        Securable::Schema(_) => "UC",
        Securable::Database => "CT",
        Securable::Function(_) | Securable::Procedure(_) => "X",
        _ => "U",
    };
    let owner = access.owner(on);
    let own = AclItem::of(access, Grantee::User(owner), of_owner.to_owned(), owner);
    Some(array_text(std::iter::once(&own).chain(&given)))
}

/// As PostgreSQL prints an array of them.
pub(crate) fn array_text<'a>(items: impl Iterator<Item = &'a AclItem>) -> String {
    let quoted = items.map(|item| {
        let text = item.to_string();
        let is_plain = !text.contains([' ', ',', '"', '\\', '{', '}']);
        if is_plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::{AclItem, array_text, in_order};

    /// The examples of the guide's page PG_DEFAULT_ACL, and PostgreSQL's aclcontains.
    #[test]
    fn items_are_written_and_compared() {
        let item = |text: &str| AclItem::parse(text).expect("an item");
        let items = [item("user1=r/admin"), item("group group1=a/admin"), item("=r/admin")];
        assert_eq!(array_text(items.iter()), "{user1=r/admin,\"group group1=a/admin\",=r/admin}");
        assert_eq!(in_order("r*aU"), "ar*U");
        let dbuser = item("dbuser=r*a*w*d*x*X/admin");
        for (wanted, contained) in [
            ("dbuser=r/admin", true),
            ("dbuser=r*a/admin", true),
            ("dbuser=X*/admin", false),
            ("dbuser=D/admin", false),
            ("dbuser=r/other", false),
            ("=r/admin", false),
        ] {
            assert_eq!(dbuser.contains(&item(wanted)), contained, "{wanted}");
        }
    }
}
