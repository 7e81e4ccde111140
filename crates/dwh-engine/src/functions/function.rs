//! How one Redshift function is described, and its adapter to DataFusion.
//!
//! A function is a value: name, parameters, result type and a body over a [`Call`]. Arguments arrive
//! in whatever type they have; the body asks the call for texts, numbers or timestamps, and the
//! conversion rules are Redshift's (`cast`), not DataFusion's.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit};
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::args::Call;
use super::error::external;

/// What a parameter takes; everything else is refused as an unknown function (42883).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// Character strings, and what has a text form: numbers, dates and times.
    Text,
    /// Whole numbers, and text or other numbers that become one.
    Integer,
    /// Any number, or text that is one.
    Number,
    /// Dates and timestamps, or text that is one.
    DateTime,
    /// As `DateTime`, and times of day and intervals.
    Moment,
    /// Truth values.
    Boolean,
    /// VARBYTE, and text as its bytes.
    Bytes,
    /// As `Text`, or VARBYTE.
    TextOrBytes,
    /// As `Integer`, or VARBYTE.
    IntegerOrBytes,
    /// HLLSKETCH, and text that one was printed as.
    Sketch,
    /// GEOMETRY, and text that one was printed as.
    Geometry,
    /// Any type.
    Any,
}

impl Parameter {
    fn takes(self, data_type: &DataType) -> bool {
        let text = matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let date_time = matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _));
        *data_type == DataType::Null
            || match self {
                Self::Text => {
                    let other = matches!(
                        data_type,
                        DataType::Interval(_) | DataType::Duration(_) | DataType::Time64(_)
                    );
                    text || data_type.is_numeric() || date_time || other
                }
                Self::Integer | Self::Number => text || data_type.is_numeric(),
                Self::DateTime => text || date_time,
                Self::Moment => {
                    let other = matches!(
                        data_type,
                        DataType::Interval(_) | DataType::Duration(_) | DataType::Time64(_)
                    );
                    text || date_time || other
                }
                Self::Boolean => text || *data_type == DataType::Boolean,
                Self::Bytes => text || *data_type == DataType::Binary,
                Self::TextOrBytes => *data_type == DataType::Binary || Self::Text.takes(data_type),
                Self::IntegerOrBytes => *data_type == DataType::Binary || Self::Integer.takes(data_type),
                Self::Sketch => text || *data_type == DataType::LargeBinary,
                Self::Geometry => text || *data_type == DataType::BinaryView,
                Self::Any => true,
            }
    }
}

/// The type of a function's result.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Returns {
    /// Always this one.
    Type(RedshiftType),
    /// Text without a length of its own.
    Text,
    /// VARBYTE if the first argument is, else text.
    TextOrBytes,
    /// INTERVAL, which is no column type.
    Interval,
    /// Depends on the arguments.
    Of(fn(&ArgumentTypes<'_>) -> Result<RedshiftType>),
}

/// What is known of the arguments when a call is planned.
pub(crate) struct ArgumentTypes<'a> {
    fields: &'a [FieldRef],
    constants: &'a [Option<&'a ScalarValue>],
}

impl ArgumentTypes<'_> {
    /// The type of an argument.
    pub(crate) fn data_type(&self, index: usize) -> &DataType {
        self.fields.get(index).map_or(&DataType::Null, |field| field.data_type())
    }

    /// The Redshift type of an argument.
    pub(crate) fn redshift_type(&self, index: usize) -> RedshiftType {
        self.fields
            .get(index)
            .and_then(|field| RedshiftType::of_field(field))
            .unwrap_or(RedshiftType::MAX_VARCHAR)
    }

    /// How many arguments the call has.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A constant whole number.
    pub(crate) fn integer(&self, index: usize) -> Option<i64> {
        match self.constants.get(index).copied().flatten()?.cast_to(&DataType::Int64).ok()? {
            ScalarValue::Int64(value) => value,
            _ => None,
        }
    }

    /// A constant text.
    pub(crate) fn text(&self, index: usize) -> Option<&str> {
        self.constants.get(index).copied().flatten()?.try_as_str().flatten()
    }
}

/// One Redshift scalar function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    /// Its first name.
    pub(crate) name: &'static str,
    /// Its other names.
    pub(crate) aliases: &'static [&'static str],
    /// What it takes.
    pub(crate) parameters: &'static [Parameter],
    /// How many parameters, from the end, may be left out.
    pub(crate) optional: usize,
    /// Whether the last parameter may be given again and again.
    pub(crate) variadic: bool,
    /// Whether it is asked also where an argument is NULL.
    pub(crate) takes_null: bool,
    /// Its result type.
    pub(crate) returns: Returns,
    /// Its value for a batch of rows. A NULL argument makes the result NULL without asking, unless it
    /// `takes_null`.
    pub(crate) body: fn(&Call<'_>) -> Result<ArrayRef>,
}

impl Function {
    /// A function of fixed parameters; change single fields with `..`.
    pub(crate) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        returns: Returns,
        body: fn(&Call<'_>) -> Result<ArrayRef>,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            parameters,
            optional: 0,
            variadic: false,
            takes_null: false,
            returns,
            body,
        }
    }

    /// The DataFusion function.
    pub(crate) fn udf(self) -> ScalarUDF {
        ScalarUDF::from(FunctionUdf {
            function: self,
            aliases: self.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            signature: Signature::user_defined(Volatility::Immutable),
        })
    }

    fn check(&self, fields: &[FieldRef]) -> Result<()> {
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        let count = types.len();
        let counted = count >= self.parameters.len() - self.optional
            && (self.variadic || count <= self.parameters.len());
        let last = self.parameters.last();
        let typed = || {
            types
                .iter()
                .enumerate()
                .all(|(i, t)| self.parameters.get(i).or(last).is_some_and(|parameter| parameter.takes(t)))
        };
        if counted && typed() { Ok(()) } else { Err(undefined_function(self.name, &types)) }
    }
}

/// 42883 as PostgreSQL and Redshift word it.
pub(crate) fn undefined_function(name: &str, types: &[DataType]) -> datafusion::error::DataFusionError {
    let listed: Vec<String> = types
        .iter()
        .map(|t| match t {
            DataType::Null => "\"unknown\"".to_owned(),
            t => match RedshiftType::of_arrow(t) {
                Some(text) if text.is_text() => "character varying".to_owned(),
                Some(RedshiftType::Decimal { .. }) => "numeric".to_owned(),
                Some(known) => known.to_string(),
                None => t.to_string(),
            },
        })
        .collect();
    external(
        SqlError::new(
            SqlState::UndefinedFunction,
            format!("function {name}({}) does not exist", listed.join(", ")),
        )
        .with_hint(
            "No function matches the given name and argument types. You may need to add explicit type casts.",
        ),
    )
}

#[derive(Debug)]
struct FunctionUdf {
    function: Function,
    aliases: Vec<String>,
    signature: Signature,
}

impl PartialEq for FunctionUdf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for FunctionUdf {}

impl Hash for FunctionUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for FunctionUdf {
    fn name(&self) -> &str {
        self.function.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        // Checked with the return type: DataFusion makes one long text of an error that is raised here.
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let fields: Vec<FieldRef> =
            types.iter().map(|t| Arc::new(Field::new("argument", t.clone(), true))).collect();
        let constants = vec![None; fields.len()];
        let field = self
            .return_field_from_args(ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &constants })?;
        Ok(field.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.function.check(args.arg_fields)?;
        let types = ArgumentTypes { fields: args.arg_fields, constants: args.scalar_arguments };
        let returned = match self.function.returns {
            Returns::Type(returned) => returned,
            Returns::Interval => {
                let interval = DataType::Interval(IntervalUnit::MonthDayNano);
                return Ok(Arc::new(Field::new(self.function.name, interval, true)));
            }
            Returns::Text => RedshiftType::MAX_VARCHAR,
            Returns::TextOrBytes if *types.data_type(0) == DataType::Binary => RedshiftType::Varbyte(64_000),
            Returns::TextOrBytes => RedshiftType::MAX_VARCHAR,
            Returns::Of(decide) => decide(&types)?,
        };
        Ok(Arc::new(field_of(self.function.name, returned)))
    }

    /// Any value of the type. DataFusion's own answer has no type, and then nothing is known of the order of
    /// what is computed from it, not even that rows were sorted by it.
    fn evaluate_bounds(&self, inputs: &[&Interval]) -> Result<Interval> {
        let types: Vec<DataType> = inputs.iter().map(|input| input.data_type()).collect();
        Interval::make_unbounded(&self.return_type(&types).unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call::new(&self.function, &args, rows);
        let array = if call.is_all_null() {
            new_null_array(args.return_field.data_type(), rows)
        } else {
            (self.function.body)(&call)?
        };
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// A nullable field of this type. Only declared lengths go into the metadata: every other Redshift
/// type follows from the Arrow type.
pub(crate) fn field_of(name: &str, returned: RedshiftType) -> Field {
    match returned {
        RedshiftType::MAX_VARCHAR => Field::new(name, returned.arrow_type(), true),
        RedshiftType::Char(_) | RedshiftType::Varchar(_) => returned.field(name, true),
        RedshiftType::Interval(_) => returned.planned_field(name, true),
        _ => Field::new(name, returned.planned_type(), true),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::TestSession;

    #[test]
    fn a_call_with_other_types_names_the_function_that_is_missing() {
        let error = TestSession::new().rows("SELECT len(true)").expect_err("no such function");
        assert_eq!(
            (error.state.code(), error.message.as_str()),
            ("42883", "function len(boolean) does not exist")
        );
        let error = TestSession::new().rows("SELECT left('a')").expect_err("an argument is missing");
        assert_eq!(error.message, "function left(character varying) does not exist");
    }
}
