//! The elements of an array and the attributes of an object, as lists for the step of the plan that repeats
//! rows (`crate::typing::unnest`).
//!
//! While a statement is planned, `__super_unnest` and its kin stand for one element each, so that everything
//! above has the right types; running them is an error of this program.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Builder, LargeStringBuilder, ListBuilder, StringViewBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use dwh_common::{RedshiftType, SqlError};

use super::array::SUPER;
use super::convert::to_super;
use super::value::Value;
use crate::functions::error::external;
use crate::functions::function::{Function, Parameter, Returns};

const PARAMETERS: &[Parameter] = &[Parameter::Any];

pub(super) const FUNCTIONS: [Function; 4] = [
    placeholder("__super_unnest", SUPER),
    placeholder("__super_ordinal", Returns::Type(RedshiftType::BigInt)),
    placeholder("__super_attribute_value", SUPER),
    placeholder("__super_attribute_name", Returns::Text),
];

const fn placeholder(name: &'static str, returns: Returns) -> Function {
    Function::new(name, PARAMETERS, returns, |call| {
        Err(external(SqlError::internal(format!("{} was not planned as a step", call.name()))))
    })
}

/// Names of the functions that stand for an element.
pub(crate) fn unnesting_functions() -> [&'static str; 4] {
    FUNCTIONS.map(|function| function.name)
}

/// The function of lists behind the function that stands for an element.
pub(crate) fn list_function(element: &str) -> Option<ScalarUDF> {
    let kind = match element {
        "__super_unnest" => Kind::Elements,
        "__super_ordinal" => Kind::Ordinals,
        "__super_attribute_value" => Kind::Values,
        "__super_attribute_name" => Kind::Names,
        _ => return None,
    };
    Some(ScalarUDF::from(ListFunction { kind, signature: Signature::any(1, Volatility::Immutable) }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Elements,
    Ordinals,
    Values,
    Names,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ListFunction {
    kind: Kind,
    signature: Signature,
}

impl ScalarUDFImpl for ListFunction {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Elements => "__super_elements",
            Kind::Ordinals => "__super_ordinals",
            Kind::Values => "__super_attribute_values",
            Kind::Names => "__super_attribute_names",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        let element = match self.kind {
            Kind::Elements | Kind::Values => DataType::LargeUtf8,
            Kind::Ordinals => DataType::Int64,
            Kind::Names => DataType::Utf8View,
        };
        Ok(DataType::List(Arc::new(Field::new_list_field(element, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(argument) = args.args.first() else {
            return Err(external(SqlError::internal(format!("{} without an argument", self.name()))));
        };
        let values = to_super(&argument.to_array(args.number_rows)?)?;
        Ok(ColumnarValue::Array(lists(self.kind, &values)))
    }
}

fn lists(kind: Kind, values: &ArrayRef) -> ArrayRef {
    let values = values.as_string::<i64>();
    let members = values.iter().map(|value| value.map(Value::of_stored));
    let elements = |value| match value {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    };
    let attributes = |value| match value {
        Some(Value::Object(attributes)) => attributes,
        _ => Vec::new(),
    };
    match kind {
        Kind::Elements => {
            let mut builder = ListBuilder::new(LargeStringBuilder::new());
            for value in members {
                builder.append_value(elements(value).iter().map(|element| Some(element.to_json())));
            }
            Arc::new(builder.finish())
        }
        Kind::Ordinals => {
            let mut builder = ListBuilder::new(Int64Builder::new());
            for value in members {
                builder.append_value((0..elements(value).len() as i64).map(Some));
            }
            Arc::new(builder.finish())
        }
        Kind::Values => {
            let mut builder = ListBuilder::new(LargeStringBuilder::new());
            for value in members {
                builder.append_value(attributes(value).iter().map(|(_, value)| Some(value.to_json())));
            }
            Arc::new(builder.finish())
        }
        Kind::Names => {
            let mut builder = ListBuilder::new(StringViewBuilder::new());
            for value in members {
                builder.append_value(attributes(value).iter().map(|(name, _)| Some(name.to_string())));
            }
            Arc::new(builder.finish())
        }
    }
}
