//! Keys as object_store takes them. It knows paths, S3 knows any text: `a//b`, `/a` and `a/` are keys
//! of their own. Such keys travel through object_store under an alias, in which every segment that it
//! would refuse or drop begins with a mark; `transport` takes the mark away before a request leaves.

use std::borrow::Cow;

/// A private-use character, also as a URL writes it. A segment that begins with it gets one more, so
/// that no two keys share an alias.
const MARK: char = '\u{F8FF}';
const MARK_IN_URL: &str = "%EF%A3%BF";

/// The alias of a key.
pub(super) fn alias(key: &str) -> Cow<'_, str> {
    map_segments(key, |segment| needs_mark(segment).then(|| format!("{MARK}{segment}")))
}

/// The key of an alias.
pub(super) fn key_of_alias(alias: &str) -> Cow<'_, str> {
    map_segments(alias, |segment| segment.strip_prefix(MARK).map(str::to_owned))
}

/// A request's URL with the true key.
pub(super) fn url_of_alias(url: &str) -> Cow<'_, str> {
    if !url.contains(MARK_IN_URL) {
        return Cow::Borrowed(url);
    }
    let (path, query) = url.split_at(url.find('?').unwrap_or(url.len()));
    let path = map_segments(path, |segment| segment.strip_prefix(MARK_IN_URL).map(str::to_owned));
    Cow::Owned(format!("{path}{query}"))
}

/// A listing with the aliases of its keys.
pub(super) fn alias_listing(xml: &str) -> Cow<'_, str> {
    const OPEN: &str = "<Key>";
    const CLOSE: &str = "</Key>";
    let mut aliased = String::new();
    let mut copied = 0;
    let mut position = 0;
    while let Some(open) = xml[position..].find(OPEN) {
        let start = position + open + OPEN.len();
        let Some(length) = xml[start..].find(CLOSE) else { break };
        position = start + length;
        if let Cow::Owned(alias) = alias(&xml[start..position]) {
            aliased.push_str(&xml[copied..start]);
            aliased.push_str(&alias);
            copied = position;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(xml);
    }
    aliased.push_str(&xml[copied..]);
    Cow::Owned(aliased)
}

/// Whether a URL can name the key: the standard of URLs drops `.` and `..`, however they are written.
pub(super) fn fits_url(key: &str) -> bool {
    !key.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn needs_mark(segment: &str) -> bool {
    matches!(segment, "" | "." | "..") || segment.starts_with(MARK)
}

fn map_segments(key: &str, map: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    if !key.split('/').any(|segment| map(segment).is_some()) {
        return Cow::Borrowed(key);
    }
    let segments: Vec<_> =
        key.split('/').map(|segment| map(segment).map_or(Cow::Borrowed(segment), Cow::Owned)).collect();
    Cow::Owned(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use object_store::path::Path;

    use super::{MARK, alias, alias_listing, key_of_alias, url_of_alias};

    #[test]
    fn every_key_has_its_own_alias_that_object_store_keeps() {
        let marked = format!("{MARK}/x");
        for key in ["a/b", "a//b", "/a", "a/", "//", "a/./b", "../a", &marked] {
            let alias = alias(key);
            let path = Path::parse(&alias).expect("object_store takes it");
            assert_eq!(path.as_ref(), alias);
            assert_eq!(key_of_alias(&alias), key);
        }
        assert!(matches!(alias("a/b"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_the_path_of_a_url_is_changed() {
        let url = "http://host/bucket/a/%EF%A3%BF/b?prefix=/%EF%A3%BFx";
        assert_eq!(url_of_alias(url), "http://host/bucket/a//b?prefix=/%EF%A3%BFx");
    }

    #[test]
    fn only_the_keys_of_a_listing_are_changed() {
        let xml = "<R><Prefix>a//</Prefix><Key>a/b</Key><Size>1</Size><Key>a//b</Key></R>";
        assert_eq!(
            alias_listing(xml),
            format!("<R><Prefix>a//</Prefix><Key>a/b</Key><Size>1</Size><Key>a/{MARK}/b</Key></R>")
        );
    }
}
