//! A [`Function`] whose body knows the session that the statement runs in.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use dwh_common::SqlError;

use super::args::Call;
use super::error::external;
use super::function::{Function, Parameter, Returns};

type Body = Arc<dyn Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync>;

impl Function {
    /// The description of a function whose body is [`Self::bound`] later.
    pub(crate) const fn of_session(
        name: &'static str,
        parameters: &'static [Parameter],
        returns: Returns,
    ) -> Self {
        Self::new(name, parameters, returns, |_| {
            Err(external(SqlError::internal("a function of the session has lost its body")))
        })
    }

    /// The DataFusion function with another body. A volatile one is never evaluated while planning.
    pub(crate) fn bound(
        self,
        volatility: Volatility,
        body: impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static,
    ) -> ScalarUDF {
        ScalarUDF::from(BoundUdf {
            function: self,
            described: self.udf(),
            signature: Signature::user_defined(volatility),
            body: Arc::new(body),
        })
    }
}

struct BoundUdf {
    function: Function,
    /// For its name, its parameters and its type.
    described: ScalarUDF,
    signature: Signature,
    body: Body,
}

impl fmt::Debug for BoundUdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundUdf").field("described", &self.described).finish_non_exhaustive()
    }
}

impl PartialEq for BoundUdf {
    fn eq(&self, other: &Self) -> bool {
        self.described == other.described && Arc::ptr_eq(&self.body, &other.body)
    }
}

impl Eq for BoundUdf {}

impl Hash for BoundUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.described.hash(state);
    }
}

impl ScalarUDFImpl for BoundUdf {
    fn name(&self) -> &str {
        self.described.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.described.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.described.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.described.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call::new(&self.function, &args, rows);
        let array = if call.is_all_null() {
            new_null_array(args.return_field.data_type(), rows)
        } else {
            (self.body)(&call)?
        };
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
