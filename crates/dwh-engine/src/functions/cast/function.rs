//! Conversions as DataFusion functions: for CAST, for assignment to a column, and the two that the
//! AST rewrites call by name.

use std::hash::Hash;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::{Rule, convert_with};
use crate::error::from_datafusion;
use crate::functions::error::{external, sql_err};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns, field_of};
use crate::functions::options::RedshiftOptions;

/// `CAST(expr AS to)` by Redshift's rules.
pub(crate) fn cast_to(expr: Expr, to: RedshiftType) -> Expr {
    ScalarUDF::from(Conversion::new(to, Rule::Cast, None)).call(vec![expr])
}

/// `TRY_CAST(expr AS to)`.
pub(crate) fn try_cast_to(expr: Expr, to: RedshiftType) -> Expr {
    ScalarUDF::from(Conversion::new(to, Rule::Try, None)).call(vec![expr])
}

/// The implicit conversion of text to NUMERIC in arithmetic: excess digits are dropped.
pub(crate) fn truncate_to(expr: Expr, to: RedshiftType) -> Expr {
    ScalarUDF::from(Conversion::new(to, Rule::Truncate, None)).call(vec![expr])
}

/// The implicit conversion of a value that is assigned to a column.
pub(crate) fn assign_to(expr: Expr, to: RedshiftType, column: &str) -> Expr {
    ScalarUDF::from(Conversion::new(to, Rule::Assign, Some(column.to_owned()))).call(vec![expr])
}

/// The length of VARCHAR without one.
const DEFAULT_BYTES: i64 = 256;
/// The longest text a SUPER value holds.
const WHOLE_BYTES: u32 = 16_000_000;

/// `__cast_varchar(x, n)` and `__cast_char(x, n)`.
pub(crate) fn functions() -> [Function; 2] {
    const PARAMETERS: &[Parameter] = &[Parameter::Any, Parameter::Integer];
    fn length(types: &ArgumentTypes<'_>, type_name: &str) -> Result<RedshiftType> {
        let bytes = types.integer(1).map(|bytes| bytes.to_string());
        RedshiftType::from_sql_name(type_name, &bytes.as_deref().map_or_else(Vec::new, |bytes| vec![bytes]))
            .map_err(|error| sql_err(SqlState::InvalidParameterValue, error.to_string()))
    }
    /// A cast of SUPER without a length keeps the whole text (guide, "Operators and functions", its text of 16,000,000).
    fn is_whole_text(from: &DataType, bytes: i64) -> bool {
        *from == DataType::LargeUtf8 && bytes == DEFAULT_BYTES
    }
    let type_of_varchar = Returns::Of(|types| {
        if is_whole_text(types.data_type(0), types.integer(1).unwrap_or(DEFAULT_BYTES)) {
            return Ok(RedshiftType::MAX_VARCHAR);
        }
        length(types, "varchar")
    });
    let varchar = Function::new("__cast_varchar", PARAMETERS, type_of_varchar, |call| {
        let bytes = call.integer(1)?.at(0);
        let most =
            if is_whole_text(&call.data_type(0), bytes) { WHOLE_BYTES } else { bytes.clamp(1, 65535) as u32 };
        call.converted(0, RedshiftType::Varchar(most))
    });
    let char = Function {
        name: "__cast_char",
        returns: Returns::Of(|types| length(types, "char")),
        body: |call| {
            let bytes = call.integer(1)?.at(0).clamp(1, 4096) as u32;
            call.converted(0, RedshiftType::Char(bytes))
        },
        ..varchar
    };
    [varchar, char]
}

/// What INSERT and UPDATE say of a value that a column cannot hold: as the leader node does (guide, "Examples with
/// numeric types" and "Examples with character types").
fn assignment_error(error: SqlError, column: &str, to: RedshiftType) -> SqlError {
    let mut detail = format!("column \"{column}\" is of type {to}");
    let message = match (error.state, to) {
        (
            SqlState::NumericValueOutOfRange,
            RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt,
        ) => {
            format!("{to} out of range")
        }
        (SqlState::NumericValueOutOfRange, RedshiftType::Decimal { precision, scale }) => {
            let digits = precision - scale;
            detail = format!(
                "The absolute value is greater than or equal to 10^{digits} for field with precision {precision}, \
                 scale {scale}. {detail}"
            );
            "numeric field overflow".to_owned()
        }
        (SqlState::StringDataRightTruncation, _) => {
            detail = format!("value too long for type {to}: column \"{column}\"");
            error.message.clone()
        }
        _ => error.message.clone(),
    };
    SqlError { message, ..error }.with_detail(detail)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Conversion {
    name: String,
    to: RedshiftType,
    rule: Rule,
    column: Option<String>,
    signature: Signature,
}

impl Conversion {
    fn new(to: RedshiftType, rule: Rule, column: Option<String>) -> Self {
        let verb = match rule {
            Rule::Cast => "__cast",
            Rule::Try => "__try_cast",
            Rule::Assign => "__assign",
            Rule::Truncate => "__truncate",
        };
        Self {
            name: format!("{verb} {to}"),
            to,
            rule,
            column,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for Conversion {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.planned_type())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(field_of(&self.name, self.to)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let named = |error: DataFusionError| match &self.column {
            Some(column) => external(assignment_error(from_datafusion(&error, ""), column, self.to)),
            None => error,
        };
        let options = RedshiftOptions::of(&args.config_options);
        let converted = |array: &ArrayRef| convert_with(array, self.to, self.rule, &options).map_err(named);
        match args.args.first() {
            Some(ColumnarValue::Array(array)) => Ok(ColumnarValue::Array(converted(array)?)),
            Some(ColumnarValue::Scalar(value)) => {
                let converted = converted(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&converted, 0)?))
            }
            None => Err(sql_err(SqlState::UndefinedFunction, format!("{} takes one argument", self.name))),
        }
    }
}
