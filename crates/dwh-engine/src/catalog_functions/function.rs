//! A function over the catalog, as the planner calls it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, ListArray, StringViewArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use super::{Answer, Argument, CatalogView, Definition, Returns};
use crate::functions::cast::text_of;
use crate::functions::datetime::style::TextStyle;
use crate::functions::external;

pub(super) struct CatalogFunction {
    definition: &'static Definition,
    view: Arc<CatalogView>,
    signature: Signature,
}

impl CatalogFunction {
    pub(super) fn new(definition: &'static Definition, view: CatalogView) -> Self {
        let any = vec![TypeSignature::VariadicAny, TypeSignature::Nullary];
        let signature = Signature::one_of(any, Volatility::Volatile);
        Self { definition, view: Arc::new(view), signature }
    }
}

impl fmt::Debug for CatalogFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.definition.name)
    }
}

impl PartialEq for CatalogFunction {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name && Arc::ptr_eq(&self.view, &other.view)
    }
}

impl Eq for CatalogFunction {}

impl Hash for CatalogFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
    }
}

impl ScalarUDFImpl for CatalogFunction {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.definition.returns {
            Returns::Text => DataType::Utf8View,
            Returns::Number => DataType::Int64,
            Returns::Numbers => DataType::new_list(DataType::Int64, true),
            Returns::Truth => DataType::Boolean,
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        // One value is enough where all arguments are one, if there are any.
        let scalar = !arguments.args.is_empty()
            && arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { arguments.number_rows };
        let texts = arguments.args.iter().map(|value| {
            let array = value.to_array(rows)?;
            text_of(&array, &TextStyle::default()).map_err(external)
        });
        let texts = texts.collect::<Result<Vec<StringViewArray>>>()?;
        let answers = (0..rows).map(|row| {
            let values: Vec<Argument<'_>> =
                texts.iter().map(|text| (!text.is_null(row)).then(|| text.value(row))).collect();
            (self.definition.body)(&self.view, &values)
        });
        let answers = answers.collect::<std::result::Result<Vec<_>, _>>().map_err(external)?;
        let array: ArrayRef = match self.definition.returns {
            Returns::Text => Arc::new(
                answers
                    .into_iter()
                    .map(|answer| if let Answer::Text(text) = answer { text } else { None })
                    .collect::<StringViewArray>(),
            ),
            Returns::Number => Arc::new(
                answers
                    .into_iter()
                    .map(|answer| if let Answer::Number(number) = answer { number } else { None })
                    .collect::<Int64Array>(),
            ),
            Returns::Numbers => {
                let lists = answers
                    .into_iter()
                    .map(|answer| if let Answer::Numbers(numbers) = answer { numbers } else { None });
                Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))
            }
            Returns::Truth => Arc::new(
                answers
                    .into_iter()
                    .map(|answer| if let Answer::Truth(truth) = answer { truth } else { None })
                    .collect::<BooleanArray>(),
            ),
        };
        Ok(ColumnarValue::Array(array))
    }
}
