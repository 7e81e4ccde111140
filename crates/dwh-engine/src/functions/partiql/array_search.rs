//! Searching SUPER arrays: ARRAY_CONTAINS, ARRAY_POSITION, ARRAY_POSITIONS (guide, pages of these names).
//!
//! The last argument, or `default_array_search_null_handling`, says whether NULL is an element like any
//! other. If not, looking for NULL, or finding nothing in an array with NULLs, is NULL.

use arrow::array::AsArray;
use arrow::array::{Array, BooleanArray};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::arguments::{SuperColumn, array_json, build_super, element_argument, super_argument};
use super::array::SUPER;
use super::key::key;
use super::value::Value;
use crate::functions::args::Call;
use crate::functions::cast::{Rule, convert};
use crate::functions::function::{Function, Parameter, Returns};

const PARAMETERS: &[Parameter] = &[Parameter::Any, Parameter::Any, Parameter::Boolean];

pub(super) const FUNCTIONS: [Function; 3] = [
    Function {
        optional: 1,
        takes_null: true,
        ..Function::new("array_contains", PARAMETERS, Returns::Type(RedshiftType::Boolean), |call| {
            let search = Search::new(call)?;
            call.build_boolean(|row| Ok(search.positions(row).map(|found| !found.is_empty())))
        })
    },
    Function {
        optional: 1,
        takes_null: true,
        ..Function::new("array_position", PARAMETERS, Returns::Type(RedshiftType::Integer), |call| {
            let search = Search::new(call)?;
            call.build::<Int32Type>(|row| {
                Ok(search.positions(row).map(|found| found.first().map_or(-1, |at| *at as i32)))
            })
        })
    },
    Function {
        optional: 1,
        takes_null: true,
        ..Function::new("array_positions", PARAMETERS, SUPER, |call| {
            let search = Search::new(call)?;
            build_super(call, |row| {
                Ok(search.positions(row).and_then(|found| {
                    array_json(found.iter().map(|at| Value::Number(at.to_string().into())).collect())
                }))
            })
        })
    },
];

struct Search {
    arrays: SuperColumn,
    wanted: SuperColumn,
    null_match: BooleanArray,
    default: bool,
}

impl Search {
    fn new(call: &Call<'_>) -> Result<Self> {
        let default = call.options().default_array_search_null_handling;
        let null_match = if call.len() > 2 && call.data_type(2) != DataType::Null {
            convert(&call.array(2)?.0, RedshiftType::Boolean, Rule::Cast)?.as_boolean().clone()
        } else {
            BooleanArray::from(vec![default])
        };
        Ok(Self { arrays: super_argument(call, 0)?, wanted: element_argument(call, 1)?, null_match, default })
    }

    /// Where the value stands, counted from 0; `None` for an unknown answer.
    fn positions(&self, row: usize) -> Option<Vec<usize>> {
        let elements = self.arrays.elements(row)?;
        let at = if self.null_match.len() == 1 { 0 } else { row };
        let nulls_match = if self.null_match.is_null(at) { self.default } else { self.null_match.value(at) };
        let wanted = self.wanted.at(row).unwrap_or(Value::Null);
        if wanted == Value::Null && !nulls_match {
            return None;
        }
        let wanted = key(&wanted);
        let found: Vec<usize> =
            elements.iter().enumerate().filter(|(_, e)| key(e) == wanted).map(|(at, _)| at).collect();
        let unknown = found.is_empty() && !nulls_match && elements.contains(&Value::Null);
        (!unknown).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn nulls_match_unless_told_otherwise() {
        assert_values(&[
            ("array_contains(array('red', 'green'), 'red')", "t"),
            ("array_contains(array('red', NULL, 'green'), NULL)", "t"),
            ("array_contains(array('red', NULL, 'green'), 'blue', TRUE)", "f"),
            ("array_contains(array('red', NULL, 'green'), 'blue', FALSE)", "NULL"),
            ("array_contains(array('red', 'green'), NULL, FALSE)", "NULL"),
            ("array_position(array('red', 'green'), 'red')", "0"),
            ("array_position(array('red', NULL, 'green'), 'blue')", "-1"),
            ("json_serialize(array_positions(array('red', 'green', 'red'), 'red'))", "[0,2]"),
        ]);
    }
}
