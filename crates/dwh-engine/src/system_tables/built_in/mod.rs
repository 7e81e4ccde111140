//! What the system has and PostgreSQL has too, with PostgreSQL's numbers and signatures (its catalog, version 15): of its
//! functions those that Redshift has, with Redshift's types of results. A file of columns apart by tabs each;
//! `tests/clients/test_catalog_functions.py` calls every one.

use std::sync::LazyLock;

/// A function of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltInFunction {
    pub(crate) oid: i64,
    pub(crate) name: &'static str,
    /// `f` a function, `a` an aggregate, `w` of windows.
    pub(crate) kind: &'static str,
    /// `i`, `s` or `v`.
    pub(crate) volatility: &'static str,
    pub(crate) is_strict: bool,
    pub(crate) returns_set: bool,
    pub(crate) returns: i64,
    /// Types of the arguments, apart by blanks.
    pub(crate) arguments: &'static str,
}

/// By name.
pub(crate) static FUNCTIONS: LazyLock<Vec<BuiltInFunction>> =
    LazyLock::new(|| include_str!("functions.tsv").lines().filter_map(function).collect());

fn function(line: &'static str) -> Option<BuiltInFunction> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    Some(BuiltInFunction {
        oid: cell()?.parse().ok()?,
        name: cell()?,
        kind: cell()?,
        volatility: cell()?,
        is_strict: cell()? == "t",
        returns_set: cell()? == "t",
        returns: cell()?.parse().ok()?,
        arguments: cell()?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::FUNCTIONS;
    use crate::system_tables::types;

    #[test]
    fn every_line_is_a_function_of_known_types() {
        assert_eq!(FUNCTIONS.len(), include_str!("functions.tsv").lines().count());
        let oids: HashSet<i64> = FUNCTIONS.iter().map(|function| function.oid).collect();
        assert_eq!(oids.len(), FUNCTIONS.len());
        for function in FUNCTIONS.iter() {
            let arguments = function.arguments.split_whitespace().map(|oid| oid.parse().expect("a number"));
            for oid in arguments.chain([function.returns]) {
                assert!(types::find(oid).is_some(), "{function:?}");
            }
        }
    }
}
