//! Functions whose value belongs to the session or the statement: constants by the time of planning.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_storage::PrincipalId;

use crate::engine::Engine;
use crate::functions::args::Call;
use crate::functions::external;
use crate::functions::function::{Function, Parameter, Returns};
use crate::functions::system::random::random;
use crate::session::CancelHandle;
use crate::settings::{SettingRequest, SettingRequests, Settings};

/// What the functions of one statement answer.
pub(crate) struct SessionFacts {
    pub(crate) user: String,
    pub(crate) user_id: PrincipalId,
    pub(crate) session_user: String,
    pub(crate) session_user_id: PrincipalId,
    /// Whether the user may cancel what the sessions of others run.
    pub(crate) may_signal_others: bool,
    pub(crate) database: String,
    pub(crate) schema: String,
    /// Schemas of the search path that exist by themselves.
    pub(crate) schemas: Vec<String>,
    pub(crate) engine: Engine,
    pub(crate) settings: Settings,
    pub(crate) setting_requests: SettingRequests,
    pub(crate) session_id: i32,
    pub(crate) last_copy_id: i64,
    pub(crate) last_copy_count: i64,
    pub(crate) last_unload_id: i64,
    pub(crate) last_unload_count: i64,
    pub(crate) last_query_id: i64,
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
        let zone = facts.settings.options().text_style().zone;
        let statement_start = zone.local_of_utc(facts.statement_start_us);
        let transaction_start = zone.local_of_utc(facts.transaction_start_us);
        let start_of_second = statement_start.div_euclid(1_000_000) * 1_000_000;
        let today = transaction_start.div_euclid(86_400_000_000) as i32;
        let time_of_day = ScalarValue::Time64Microsecond(Some(transaction_start.rem_euclid(86_400_000_000)));
        let values = [
            // GETDATE shows whole seconds, SYSDATE the transaction's start with its fraction (RS 4.2).
            ("getdate", timestamp(start_of_second)),
            ("sysdate", timestamp(transaction_start)),
            ("current_date", ScalarValue::Date32(Some(today))),
            ("now", timestamptz(facts.transaction_start_us)),
            ("current_timestamp", timestamptz(facts.transaction_start_us)),
            ("localtimestamp", timestamp(transaction_start)),
            ("localtime", time_of_day.clone()),
            ("current_time", time_of_day),
            ("current_user", text(&facts.user)),
            ("current_user_id", ScalarValue::Int32(i32::try_from(facts.user_id).ok())),
            ("session_user", text(&facts.session_user)),
            ("user", text(&facts.user)),
            ("current_database", text(&facts.database)),
            ("current_schema", text(&facts.schema)),
            ("version", text(VERSION)),
            ("pg_backend_pid", ScalarValue::Int32(Some(facts.session_id))),
            ("pg_last_copy_id", ScalarValue::Int64(Some(facts.last_copy_id))),
            ("pg_last_copy_count", ScalarValue::Int64(Some(facts.last_copy_count))),
            ("pg_last_query_id", ScalarValue::Int64(Some(facts.last_query_id))),
            ("last_user_query_id", ScalarValue::Int64(Some(facts.last_query_id))),
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
        for function in of_session(facts) {
            functions.insert(function.name, Arc::new(function.udf));
        }
        functions.insert("random", random(facts.settings.random()));
        functions.insert(PLAIN_VALUE, Arc::new(ScalarUDF::new_from_impl(PlainValue::default())));
        Self(functions)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.0.get(name).cloned()
    }
}

struct SessionFunction {
    name: &'static str,
    udf: ScalarUDF,
}

/// The functions whose value depends on arguments and on the session.
fn of_session(facts: &SessionFacts) -> Vec<SessionFunction> {
    let (schemas, settings) = (facts.schemas.clone(), facts.settings.clone());
    let of_set = facts.settings.clone();
    let requests = facts.setting_requests.clone();
    let cancelling = Signals {
        engine: facts.engine.clone(),
        session_user: facts.session_user_id,
        may_signal_others: facts.may_signal_others,
    };
    let terminating = cancelling.clone();
    let text = |name, parameters| Function::of_session(name, parameters, Returns::Text);
    let backend =
        |name| Function::of_session(name, &[Parameter::Integer], Returns::Type(RedshiftType::Integer));
    let mut functions = Vec::new();
    let mut add = |name, udf| functions.push(SessionFunction { name, udf });
    add(
        "current_schemas",
        text("current_schemas", &[Parameter::Boolean]).bound(Volatility::Stable, move |call| {
            let implicit = call.boolean_or_false(0)?;
            call.build_text(|row| {
                let catalog = implicit.at(row).then_some("pg_catalog");
                let all: Vec<&str> = catalog.into_iter().chain(schemas.iter().map(String::as_str)).collect();
                Ok(Some(format!("{{{}}}", all.join(","))))
            })
        }),
    );
    add(
        "current_setting",
        Function { optional: 1, ..text("current_setting", &[Parameter::Text, Parameter::Boolean]) }.bound(
            Volatility::Stable,
            move |call| {
                let names = call.text(0)?;
                let missing_is_null = call.boolean_or_false(1)?;
                call.build_text(|row| match settings.get(&names.at(row).to_lowercase()) {
                    Ok(value) => Ok(Some(value.to_owned())),
                    Err(_) if missing_is_null.at(row) => Ok(None),
                    Err(error) => Err(external(error)),
                })
            },
        ),
    );
    add(
        "set_config",
        text("set_config", &[Parameter::Text, Parameter::Text, Parameter::Any]).bound(
            Volatility::Volatile,
            move |call| {
                let (names, values) = (call.text(0)?, call.text(1)?);
                let local = call.boolean_or_false(2)?;
                call.build_text(|row| {
                    let (name, value) = (names.at(row).to_lowercase(), values.at(row).to_owned());
                    of_set.clone().set(&name, Some(value.clone()), false).map_err(external)?;
                    requests.push(SettingRequest { name, value: value.clone(), local: local.at(row) });
                    Ok(Some(value))
                })
            },
        ),
    );
    add(
        "pg_cancel_backend",
        backend("pg_cancel_backend")
            .bound(Volatility::Volatile, move |call| ended(call, &cancelling, CancelHandle::cancel)),
    );
    add(
        "pg_terminate_backend",
        backend("pg_terminate_backend")
            .bound(Volatility::Volatile, move |call| ended(call, &terminating, CancelHandle::terminate)),
    );
    functions
}

/// Whose sessions may be ended.
#[derive(Clone)]
struct Signals {
    engine: Engine,
    session_user: PrincipalId,
    may_signal_others: bool,
}

/// 1 for a session that was told to end, 0 if there is none of that number.
fn ended(call: &Call<'_>, signals: &Signals, end: fn(&CancelHandle)) -> Result<ArrayRef> {
    let sessions = call.integer(0)?;
    call.build::<Int32Type>(|row| {
        let session = i32::try_from(sessions.at(row)).ok();
        let handle = session.and_then(|session| signals.engine.cancel_handle(session));
        let of = session.and_then(|session| signals.engine.session_user(session));
        if handle.is_some() && !signals.may_signal_others && of != Some(signals.session_user) {
            return Err(external(SqlError::new(
                SqlState::InsufficientPrivilege,
                "must be superuser to signal other server processes",
            )));
        }
        if let Some(handle) = &handle {
            end(handle);
        }
        Ok(Some(i32::from(handle.is_some())))
    })
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
