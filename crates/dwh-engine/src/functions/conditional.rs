//! COALESCE, GREATEST and LEAST as DataFusion has them, of arguments that Redshift brings to one type and
//! DataFusion does not: beside dates and numbers a text is one of them (guide, "NVL and COALESCE").

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::functions::core::{coalesce, greatest, least};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The family's functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    [coalesce(), greatest(), least()]
        .into_iter()
        .map(|inner| ScalarUDF::from(OfOneType::new(inner)))
        .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfOneType {
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl OfOneType {
    fn new(inner: Arc<ScalarUDF>) -> Self {
        Self { inner, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for OfOneType {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let others: Vec<DataType> =
            types.iter().filter(|data_type| !data_type.is_string()).cloned().collect();
        let known = others.iter().filter(|data_type| !data_type.is_null()).count();
        let coerced = self.inner.inner().coerce_types(types);
        if known == 0 || known == types.len() || coerced.is_ok() {
            return coerced;
        }
        let common = self.inner.inner().coerce_types(&others)?;
        let common = common.into_iter().find(|data_type| !data_type.is_null()).unwrap_or(DataType::Null);
        Ok(vec![common; types.len()])
    }

    fn simplify(&self, args: Vec<Expr>, context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, context)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn a_text_beside_dates_and_numbers_is_one_of_them() {
        assert_values(&[
            ("coalesce(NULL::date, DATE '2023-02-03', '2000-01-01')", "2023-02-03"),
            ("coalesce(NULL::timestamp, '2000-01-01')", "2000-01-01 00:00:00"),
            ("greatest(DATE '2023-02-03', '2024-01-01')", "2024-01-01"),
            ("least(5, '3')", "3"),
        ]);
    }
}
