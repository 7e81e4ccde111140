//! SUPER arrays as sets: ARRAY_DISTINCT, ARRAY_UNION, ARRAY_INTERSECTION, ARRAY_EXCEPT, ARRAYS_OVERLAP,
//! ARRAY_SORT (guide, pages of these names). NULL is an element like any other.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use dwh_common::RedshiftType;

use super::arguments::{array_json, build_super, super_argument};
use super::array::SUPER;
use super::key::key;
use super::value::Value;
use crate::functions::function::{Function, Parameter, Returns};

const TWO_AND_DISTINCT: &[Parameter] = &[Parameter::Any, Parameter::Any, Parameter::Boolean];

pub(super) const FUNCTIONS: [Function; 6] =
    [DISTINCT, UNION, combining("array_intersection"), combining("array_except"), OVERLAP, SORT];

const DISTINCT: Function = Function::new("array_distinct", &[Parameter::Any], SUPER, |call| {
    let arrays = super_argument(call, 0)?;
    build_super(call, |row| Ok(arrays.elements(row).and_then(|elements| array_json(distinct(elements)))))
});

/// Both arrays as one set, in the order of first occurrence.
const UNION: Function = Function::new("array_union", &[Parameter::Any, Parameter::Any], SUPER, |call| {
    let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
    build_super(call, |row| {
        let (Some(left), Some(right)) = (left.elements(row), right.elements(row)) else {
            return Ok(None);
        };
        Ok(array_json(distinct(left.into_iter().chain(right).collect())))
    })
});

const fn combining(name: &'static str) -> Function {
    Function {
        optional: 1,
        ..Function::new(name, TWO_AND_DISTINCT, SUPER, |call| {
            let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
            let as_sets = call.boolean_or_false(2)?;
            let name = call.name();
            build_super(call, |row| {
                let (Some(left), Some(right)) = (left.elements(row), right.elements(row)) else {
                    return Ok(None);
                };
                let combined = combine(name, left, right, as_sets.at(row));
                Ok(array_json(if as_sets.at(row) { distinct(combined) } else { combined }))
            })
        })
    }
}

/// Multi-set semantics: each occurrence counts against one in the other array; as sets all of them do.
fn combine<'v>(name: &str, left: Vec<Value<'v>>, right: Vec<Value<'v>>, as_sets: bool) -> Vec<Value<'v>> {
    let mut remaining = counts(&right);
    let keeps_matches = name == "array_intersection";
    left.into_iter()
        .filter(|element| {
            let matched = match remaining.get_mut(&key(element)) {
                Some(count) if *count > 0 => {
                    *count -= usize::from(!as_sets);
                    true
                }
                _ => false,
            };
            matched == keeps_matches
        })
        .collect()
}

fn counts(elements: &[Value<'_>]) -> HashMap<Vec<u8>, usize> {
    let mut counts = HashMap::new();
    for element in elements {
        *counts.entry(key(element)).or_insert(0) += 1;
    }
    counts
}

fn distinct(elements: Vec<Value<'_>>) -> Vec<Value<'_>> {
    let mut seen = HashSet::new();
    elements.into_iter().filter(|element| seen.insert(key(element))).collect()
}

const OVERLAP: Function = Function::new(
    "arrays_overlap",
    &[Parameter::Any, Parameter::Any],
    Returns::Type(RedshiftType::Boolean),
    |call| {
        let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
        call.build_boolean(|row| {
            let (Some(left), Some(right)) = (left.elements(row), right.elements(row)) else {
                return Ok(None);
            };
            let known: HashSet<Vec<u8>> = left.iter().map(key).collect();
            Ok(Some(right.iter().any(|element| known.contains(&key(element)))))
        })
    },
);

const SORT: Function = Function {
    optional: 2,
    ..Function::new("array_sort", &[Parameter::Any, Parameter::Boolean, Parameter::Boolean], SUPER, |call| {
        let arrays = super_argument(call, 0)?;
        let ascending_given = call.len() > 1;
        let nulls_given = call.len() > 2;
        let (ascending, nulls_first) = (call.boolean_or_false(1)?, call.boolean_or_false(2)?);
        build_super(call, |row| {
            let Some(elements) = arrays.elements(row) else { return Ok(None) };
            let ascending = !ascending_given || ascending.at(row);
            // As in ORDER BY: last when ascending, first when descending.
            let nulls_first = if nulls_given { nulls_first.at(row) } else { !ascending };
            let (nulls, mut sorted): (Vec<_>, Vec<_>) =
                elements.into_iter().partition(|element| *element == Value::Null);
            if ascending {
                sorted.sort_by_cached_key(key);
            } else {
                sorted.sort_by_cached_key(|element| Reverse(key(element)));
            }
            let all = if nulls_first { [nulls, sorted].concat() } else { [sorted, nulls].concat() };
            Ok(array_json(all))
        })
    })
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn arrays_combine_as_multi_sets_or_sets() {
        assert_values(&[
            ("json_serialize(array_distinct(array(1, 1, 'a', 'a', NULL, NULL)))", "[1,\"a\",null]"),
            ("json_serialize(array_except(array('a','b','c'), array('b','c','d')))", "[\"a\"]"),
            ("json_serialize(array_except(array('b','b','b','b'), array('b','b')))", "[\"b\",\"b\"]"),
            ("json_serialize(array_except(array('a','b','b'), array('b'), TRUE))", "[\"a\"]"),
            ("json_serialize(array_except(array('a',NULL), array(NULL)))", "[\"a\"]"),
            ("json_serialize(array_intersection(array('a','b','b'), array('b','b','c')))", "[\"b\",\"b\"]"),
            ("json_serialize(array_union(array('a','b','b'), array('b','c','c')))", "[\"a\",\"b\",\"c\"]"),
            ("arrays_overlap(array('a','b'), array('b','c'))", "t"),
            ("arrays_overlap(array('a',NULL), array('b'))", "f"),
            ("json_serialize(array_sort(array('b','a','c')))", "[\"a\",\"b\",\"c\"]"),
        ]);
    }
}
