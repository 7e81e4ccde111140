//! JSONPaths files (RS 1.6), and the tree of wanted values that both they and 'auto' become.

use std::collections::HashMap;

use serde_json::Value as Json;

/// Which values of a record are wanted, as a tree of members and elements; node 0 is the record.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathTree {
    pub(crate) nodes: Vec<Node>,
    /// The node of each column.
    pub(crate) columns: Vec<usize>,
    /// Member names are lower case and keys are compared so.
    pub(crate) ignore_case: bool,
}

/// One place in a record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    /// Whether a column takes the value here.
    pub(crate) wanted: bool,
    pub(crate) members: HashMap<Box<[u8]>, usize>,
    pub(crate) elements: HashMap<usize, usize>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
}

impl PathTree {
    /// 'auto': the top-level key of each column's name.
    pub(crate) fn auto<'a>(names: impl IntoIterator<Item = &'a str>, ignore_case: bool) -> Self {
        let paths = names
            .into_iter()
            .map(|name| vec![Step::Member(if ignore_case { name.to_lowercase() } else { name.to_owned() })]);
        Self { ignore_case, ..Self::new(paths) }
    }

    /// 'noshred': the whole record for the one column.
    pub(crate) fn whole() -> Self {
        Self::new([Vec::new()])
    }

    fn new(paths: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], ..Self::default() };
        for path in paths {
            let node = path.into_iter().fold(0, |node, step| tree.child(node, step));
            tree.nodes[node].wanted = true;
            tree.columns.push(node);
        }
        tree
    }

    fn child(&mut self, node: usize, step: Step) -> usize {
        let next = self.nodes.len();
        let child = match step {
            Step::Member(name) => *self.nodes[node].members.entry(name.into_bytes().into()).or_insert(next),
            Step::Element(index) => *self.nodes[node].elements.entry(index).or_insert(next),
        };
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// The node of a member, by its key without escapes.
    pub(crate) fn member(&self, node: usize, key: &[u8]) -> Option<usize> {
        let members = &self.nodes[node].members;
        if self.ignore_case {
            return members.get(String::from_utf8_lossy(key).to_lowercase().as_bytes()).copied();
        }
        members.get(key).copied()
    }

    /// Whether nothing below the node is wanted.
    pub(crate) fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].members.is_empty() && self.nodes[node].elements.is_empty()
    }

    /// The nodes below a node.
    pub(crate) fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        self.nodes[node].members.values().chain(self.nodes[node].elements.values()).copied()
    }
}

/// Reads a JSONPaths file. `None` if its one key has another name, which means 'auto'.
///
/// # Errors
/// What is wrong with it; Redshift does not tolerate any of it, whatever MAXERROR.
pub(crate) fn parse(bytes: &[u8], columns: usize) -> Result<Option<PathTree>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let document: Json =
        serde_json::from_slice(bytes).map_err(|error| format!("Invalid JSONPath format: {error}"))?;
    let Json::Object(members) = document else {
        return Err("Invalid JSONPath format: the file must hold one object".to_owned());
    };
    let Some(paths) = members.get("jsonpaths") else { return Ok(None) };
    let Json::Array(paths) = paths else {
        return Err("Invalid JSONPath format: 'jsonpaths' must be an array of strings".to_owned());
    };
    let mut notation = None;
    let parsed = paths.iter().enumerate().map(|(index, path)| {
        let invalid = |reason: &str| format!("Invalid JSONPath format: element {}: {reason}", index + 1);
        let Json::String(path) = path else { return Err(invalid("it must be a string")) };
        parse_path(path, &mut notation).map_err(|reason| invalid(&format!("'{path}': {reason}")))
    });
    let parsed: Vec<_> = parsed.collect::<Result<_, String>>()?;
    if parsed.len() != columns {
        return Err(format!(
            "Number of jsonpaths and the number of columns should match. JSONPath size: {}, Number of columns in \
             table or column list: {columns}",
            parsed.len()
        ));
    }
    Ok(Some(PathTree::new(parsed)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Bracket,
    Dot,
}

fn parse_path(path: &str, notation: &mut Option<Notation>) -> Result<Vec<Step>, &'static str> {
    let mut use_notation = |found| match *notation.get_or_insert(found) {
        known if known == found => Ok(()),
        _ => Err("bracket and dot notation must not be mixed in a file"),
    };
    let mut rest = match path.trim().strip_prefix('$') {
        Some(rest) => rest,
        None if path.trim().is_empty() => return Err("it is empty"),
        None => return Err("it must begin with '$'"),
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let quote =
            rest.strip_prefix('[').and_then(|inner| inner.chars().next()).filter(|c| matches!(c, '\'' | '"'));
        if let Some(quote) = quote {
            use_notation(Notation::Bracket)?;
            let (name, behind) = rest[2..].split_once(quote).ok_or("a quote is missing")?;
            rest = behind.strip_prefix(']').ok_or("']' is missing")?;
            steps.push(Step::Member(name.to_owned()));
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (index, behind) = inner.split_once(']').ok_or("']' is missing")?;
            let index = index.trim().parse().map_err(|_| "an index must be a whole number from 0")?;
            rest = behind;
            steps.push(Step::Element(index));
        } else if let Some(behind) = rest.strip_prefix('.') {
            use_notation(Notation::Dot)?;
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (name, behind) = behind.split_at(end);
            if name.is_empty() || name.contains(['\'', ']', '*']) {
                return Err("a name behind '.' must not be empty nor hold quotes, brackets or wildcards");
            }
            rest = behind;
            steps.push(Step::Member(name.to_owned()));
        } else {
            return Err("'.' or '[' must follow");
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::{Step, parse, parse_path};

    fn steps(path: &str) -> Result<Vec<Step>, &'static str> {
        parse_path(path, &mut None)
    }

    fn member(name: &str) -> Step {
        Step::Member(name.to_owned())
    }

    #[test]
    fn both_notations_reach_members_and_elements() {
        let expected = Ok(vec![member("a"), member("b"), Step::Element(0)]);
        assert_eq!(steps("$['a']['b'][0]"), expected);
        assert_eq!(steps("$.a.b[0]"), expected);
        assert_eq!(steps("$[\"a.b\"]"), Ok(vec![member("a.b")]));
        assert_eq!(steps("$"), Ok(vec![]));
    }

    #[test]
    fn malformed_paths_are_fatal() {
        for path in ["", "a", "$a", "$[", "$['a'", "$['a", "$[-1]", "$[*]", "$..a", "$.*", "$.a."] {
            assert!(steps(path).is_err(), "{path}");
        }
    }

    #[test]
    fn malformed_files_are_fatal() {
        for file in [
            "",
            "{\"jsonpaths\":[\"$.a\"]} x",
            "{\"jsonpaths\":[\"$.a\"]}{}",
            "[\"$.a\"]",
            "{\"jsonpaths\":\"$.a\"}",
            "{\"jsonpaths\":[1]}",
            "{\"jsonpaths\":[\"\"]}",
        ] {
            assert!(parse(file.as_bytes(), 1).is_err(), "{file}");
        }
        let mixed = parse(b"{\"jsonpaths\":[\"$.a\",\"$['b']\"]}", 2).expect_err("mixed");
        assert!(mixed.contains("must not be mixed"), "{mixed}");
    }

    #[test]
    fn counts_must_match_the_columns() {
        let error = parse(b"{\"jsonpaths\":[\"$.a\"]}", 2).expect_err("one path, two columns");
        assert_eq!(
            error,
            "Number of jsonpaths and the number of columns should match. JSONPath size: 1, Number of columns in \
             table or column list: 2"
        );
    }

    #[test]
    fn another_key_means_auto() {
        assert!(parse(b"{\"paths\":[\"$.a\"]}", 1).expect("valid").is_none());
    }
}
