//! Functions whose value belongs to the session or the statement: constants by the time of planning.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// What the functions of one statement answer.
#[derive(Debug, Clone)]
pub(crate) struct SessionFacts {
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) schema: String,
    pub(crate) session_id: i32,
    pub(crate) last_copy_id: i64,
    pub(crate) last_copy_count: i64,
    pub(crate) last_unload_id: i64,
    pub(crate) last_unload_count: i64,
    /// Start of the transaction, microseconds since 1970 UTC.
    pub(crate) transaction_start_us: i64,
    /// Start of the statement, microseconds since 1970 UTC.
    pub(crate) statement_start_us: i64,
}

/// The session's functions by name.
#[derive(Debug)]
pub(crate) struct SessionFunctions(HashMap<&'static str, Arc<ScalarUDF>>);

/// The text of version(): tools read the build behind `Redshift` (RS 5.1).
pub(crate) const VERSION: &str = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 \
                                  (Red Hat 3.4.2-6.fc3), Redshift 1.0.121010";

impl SessionFunctions {
    pub(crate) fn new(facts: &SessionFacts) -> Self {
        let text = |value: &str| ScalarValue::Utf8View(Some(value.to_owned()));
        let timestamp = |us| ScalarValue::TimestampMicrosecond(Some(us), None);
        let timestamptz = |us| ScalarValue::TimestampMicrosecond(Some(us), Some(Arc::from("UTC")));
        let start_of_second = facts.statement_start_us.div_euclid(1_000_000) * 1_000_000;
        let today = facts.transaction_start_us.div_euclid(86_400_000_000) as i32;
        let time_of_day =
            ScalarValue::Time64Microsecond(Some(facts.transaction_start_us.rem_euclid(86_400_000_000)));
        let values = [
            // GETDATE shows whole seconds, SYSDATE the transaction's start with its fraction (RS 4.2).
            ("getdate", timestamp(start_of_second)),
            ("sysdate", timestamp(facts.transaction_start_us)),
            ("current_date", ScalarValue::Date32(Some(today))),
            ("now", timestamptz(facts.transaction_start_us)),
            ("current_timestamp", timestamptz(facts.transaction_start_us)),
            ("localtimestamp", timestamp(facts.transaction_start_us)),
            ("localtime", time_of_day.clone()),
            ("current_time", time_of_day),
            ("current_user", text(&facts.user)),
            ("session_user", text(&facts.user)),
            ("user", text(&facts.user)),
            ("current_database", text(&facts.database)),
            ("current_schema", text(&facts.schema)),
            ("version", text(VERSION)),
            ("pg_backend_pid", ScalarValue::Int32(Some(facts.session_id))),
            ("pg_last_copy_id", ScalarValue::Int64(Some(facts.last_copy_id))),
            ("pg_last_copy_count", ScalarValue::Int64(Some(facts.last_copy_count))),
            ("pg_last_unload_id", ScalarValue::Int64(Some(facts.last_unload_id))),
            ("pg_last_unload_count", ScalarValue::Int64(Some(facts.last_unload_count))),
        ];
        let functions = values.into_iter().map(|(name, value)| {
            let function = Constant {
                name,
                value,
                signature: Signature::new(TypeSignature::Nullary, Volatility::Stable),
            };
            (name, Arc::new(ScalarUDF::new_from_impl(function)))
        });
        let mut functions: HashMap<_, _> = functions.collect();
        functions.insert(PLAIN_VALUE, Arc::new(ScalarUDF::new_from_impl(PlainValue::default())));
        Self(functions)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.0.get(name).cloned()
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Constant {
    name: &'static str,
    value: ScalarValue,
    signature: Signature,
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.value.data_type())
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.value.clone()))
    }
}

/// Its argument, without the Redshift type in the field's metadata: the rows of VALUES must agree in
/// their fields, and a cast in one of them would make it differ from a literal in another.
pub(crate) const PLAIN_VALUE: &str = "__plain_value";

#[derive(Debug, PartialEq, Eq, Hash)]
struct PlainValue {
    signature: Signature,
}

impl Default for PlainValue {
    fn default() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for PlainValue {
    fn name(&self) -> &str {
        PLAIN_VALUE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(arguments[0].clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(arguments.args[0].clone())
    }
}
