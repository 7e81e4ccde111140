//! Functions over the catalog: what PostgreSQL answers about an object by its id or name (RS 5.3). Each takes
//! the catalog as the statement's transaction sees it.

mod acl_items;
mod format;
mod privileges;
mod procedures;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, ListArray, StringViewArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use dwh_common::{SqlError, SqlState};
use dwh_sql::keywords::quote_ident;
use dwh_storage::PrincipalId;

use self::privileges::Principals;

use crate::functions::cast::text_of;
use crate::functions::datetime::style::TextStyle;
use crate::functions::external;
use crate::names::undefined;
use crate::system_tables::catalog::{Catalog, CatalogRelation, DATABASE_OID};
use crate::system_tables::{SystemView, encodings, types};

/// What the functions look at.
pub(crate) struct CatalogView {
    catalog: Catalog,
    database: String,
    principals: Principals,
}

impl CatalogView {
    pub(crate) fn new(system: &SystemView<'_>, current_user: PrincipalId) -> Self {
        let principals = Principals {
            access: system.transaction.access().clone(),
            schemas: system.transaction.schemas(),
            current_user,
        };
        Self { catalog: Catalog::new(system), database: system.database.to_owned(), principals }
    }
}

/// One value of an argument; `None` is NULL.
type Argument<'a> = Option<&'a str>;

enum Answer {
    Text(Option<String>),
    Number(Option<i64>),
    Numbers(Option<Vec<Option<i64>>>),
    Truth(Option<bool>),
}

type Body = fn(&CatalogView, &[Argument<'_>]) -> std::result::Result<Answer, SqlError>;

/// Name, result, whether NULL in the first argument is NULL in the result, body.
struct Definition {
    name: &'static str,
    returns: Returns,
    body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Returns {
    Text,
    Number,
    Numbers,
    Truth,
}

macro_rules! definitions {
    ($($name:literal $returns:ident $body:expr;)*) => {
        &[$(Definition { name: $name, returns: Returns::$returns, body: $body },)*]
    };
}

const DEFINITIONS: &[Definition] = definitions! {
    "__column_default" Text |view, arguments| text(view.column_default(arguments[0], arguments[1]));
    "__elements" Numbers |_, arguments| Ok(Answer::Numbers(arguments[0].map(element_numbers)));
    "__subscripts" Numbers |_, arguments| Ok(Answer::Numbers(arguments[0].map(subscripts)));
    "__regclass" Text |view, arguments| text(view.relation_name(arguments[0]));
    "__regclass_oid" Number |view, arguments| view.relation_oid(arguments[0]);
    "__regproc_oid" Number procedures::oid_of_name;
    "__regprocedure" Text procedures::regprocedure;
    "__regtype" Text |_, arguments| text(number(arguments[0]).map(|oid| types::format_type(oid, None)));
    "__regtype_oid" Number |_, arguments| type_oid(arguments[0]);
    "__has_element" Truth |_, arguments| truth(has_element(arguments[0], arguments[1]));
    "__element" Text |_, arguments| text(element(arguments[0], arguments[1]));
    "__subscript" Text |_, arguments| text(subscripted(arguments[0], arguments[1]));
    "__row_text" Text |_, arguments| text(Some(row_text(arguments)));
    "aclcontains" Truth acl_items::aclcontains;
    "array_to_string" Text |_, arguments| text(joined(arguments[0], arguments[1]));
    "array_upper" Number |_, arguments| Ok(Answer::Number(arguments[0].map(|list| elements(list).len() as i64)));
    "col_description" Text |view, arguments| text(view.column_comment(arguments[0], arguments[1]));
    "format" Text format::format;
    "format_encoding" Text |_, arguments| {
        text(number(arguments[0]).and_then(encodings::name).map(str::to_owned))
    };
    "format_type" Text |_, arguments| {
        text(number(arguments[0]).map(|oid| types::format_type(oid, arguments.get(1).copied().and_then(number))))
    };
    "getdatabaseencoding" Text |_, _| text(Some("UTF8".to_owned()));
    "has_column_privilege" Truth privileges::has_column_privilege;
    "has_database_privilege" Truth privileges::has_database_privilege;
    "has_function_privilege" Truth privileges::has_function_privilege;
    "has_schema_privilege" Truth privileges::has_schema_privilege;
    "has_table_privilege" Truth privileges::has_table_privilege;
    "makeaclitem" Text acl_items::makeaclitem;
    "obj_description" Text |view, arguments| text(view.comment(arguments[0]));
    "pg_char_to_encoding" Number |_, arguments| {
        let is_utf8 = arguments[0].map(|name| matches!(name.to_ascii_uppercase().as_str(), "UTF8" | "UNICODE"));
        Ok(Answer::Number(is_utf8.map(|is_utf8| if is_utf8 { 6 } else { -1 })))
    };
    "pg_collation_is_visible" Truth |_, _| truth(Some(true));
    "pg_conversion_is_visible" Truth |_, _| truth(Some(true));
    "pg_database_size" Number |view, arguments| view.database_bytes(arguments[0]);
    "pg_encoding_to_char" Text |_, arguments| text((arguments[0] == Some("6")).then(|| "UTF8".to_owned()));
    "pg_function_is_visible" Truth |_, _| truth(Some(true));
    "pg_get_constraintdef" Text |view, arguments| text(view.constraint(arguments[0]));
    "pg_get_expr" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "pg_get_function_arguments" Text procedures::arguments;
    "pg_get_function_identity_arguments" Text procedures::arguments;
    "pg_get_function_result" Text procedures::result;
    "pg_get_functiondef" Text procedures::definition;
    "pg_get_indexdef" Text |view, arguments| {
        text(view.index_definition(arguments[0], arguments.get(1).copied().flatten()))
    };
    "pg_get_ruledef" Text |_, _| text(None);
    "pg_get_triggerdef" Text |_, _| text(None);
    "pg_get_userbyid" Text |view, arguments| text(view.user_name(arguments[0]));
    "pg_get_viewdef" Text |view, arguments| text(view.view_definition(arguments[0]));
    "pg_is_in_recovery" Truth |_, _| truth(Some(false));
    "pg_opclass_is_visible" Truth |_, _| truth(Some(true));
    "pg_operator_is_visible" Truth |_, _| truth(Some(true));
    "pg_opfamily_is_visible" Truth |_, _| truth(Some(true));
    "pg_relation_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_table_is_visible" Truth |view, arguments| {
        truth(view.relation(arguments[0]).map(|relation| view.catalog.is_visible(relation)))
    };
    "pg_size_pretty" Text |_, arguments| text(number(arguments[0]).map(pretty_size));
    "pg_table_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_tablespace_size" Number |view, arguments| match arguments[0] {
        Some("pg_default" | "1663") => view.database_bytes(Some(&view.database)),
        place => Ok(Answer::Number(place.map(|_| 0))),
    };
    "pg_tablespace_location" Text |_, _| text(Some(String::new()));
    "pg_total_relation_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_ts_config_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_dict_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_parser_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_template_is_visible" Truth |_, _| truth(Some(true));
    "pg_type_is_visible" Truth |_, _| truth(Some(true));
    // What is printed of a regclass, … is text already, and read from it.
    "regclassout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regprocedureout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regprocout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regtypeout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "role_is_member_of" Truth privileges::role_is_member_of;
    "shobj_description" Text |_, _| text(None);
    "textin" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "user_is_member_of" Truth privileges::user_is_member_of;
};

/// The function of that name, if the catalog has it.
pub(crate) fn get(name: &str, view: impl FnOnce() -> CatalogView) -> Option<Arc<ScalarUDF>> {
    let definition = DEFINITIONS.iter().find(|definition| definition.name == name)?;
    let function = CatalogFunction {
        definition,
        view: Arc::new(view()),
        signature: Signature::one_of(
            vec![TypeSignature::VariadicAny, TypeSignature::Nullary],
            Volatility::Volatile,
        ),
    };
    Some(Arc::new(ScalarUDF::new_from_impl(function)))
}

fn text(value: Option<String>) -> std::result::Result<Answer, SqlError> {
    Ok(Answer::Text(value))
}

fn truth(value: Option<bool>) -> std::result::Result<Answer, SqlError> {
    Ok(Answer::Truth(value))
}

fn number(argument: Argument<'_>) -> Option<i64> {
    argument?.trim().parse().ok()
}

/// The elements of an array as PostgreSQL prints it, or of a vector.
fn elements(list: &str) -> Vec<&str> {
    written_elements(list).into_iter().map(|part| part.trim_matches('"')).collect()
}

/// The same, in the quotes that they have: `{a,"b c"}` is an array, `a b` a vector.
fn written_elements(list: &str) -> Vec<&str> {
    let list = list.trim();
    let array = list.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let mut quoted = false;
    let parts = array.unwrap_or(list).split(|letter| {
        quoted ^= letter == '"';
        !quoted && (letter == ',' || (array.is_none() && letter == ' '))
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn element_numbers(list: &str) -> Vec<Option<i64>> {
    elements(list).into_iter().map(|element| number(Some(element))).collect()
}

fn subscripts(list: &str) -> Vec<Option<i64>> {
    (first_subscript(list)..).zip(elements(list)).map(|(subscript, _)| Some(subscript)).collect()
}

fn has_element(list: Argument<'_>, value: Argument<'_>) -> Option<bool> {
    let value = value?;
    Some(elements(list?).contains(&value))
}

/// The element at a place, from 1 on.
fn element(list: Argument<'_>, place: Argument<'_>) -> Option<String> {
    let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
    elements(list?).get(place).map(|value| (*value).to_owned())
}

/// `list[subscript]`.
fn subscripted(list: Argument<'_>, subscript: Argument<'_>) -> Option<String> {
    let place = number(subscript)?.checked_sub(first_subscript(list?))?;
    elements(list?).get(usize::try_from(place).ok()?).map(|value| (*value).to_owned())
}

/// The places of an array begin at 1, those of a vector at 0.
fn first_subscript(list: &str) -> i64 {
    i64::from(list.trim_start().starts_with('{'))
}

/// A row as PostgreSQL prints it: `(public,sales,"timestamp without time zone",10)`.
fn row_text(values: &[Argument<'_>]) -> String {
    let shown = values.iter().map(|value| match value {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains([',', '(', ')', '"', '\\', ' ']) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
        }
        Some(text) => (*text).to_owned(),
    });
    format!("({})", shown.collect::<Vec<_>>().join(","))
}

fn joined(list: Argument<'_>, separator: Argument<'_>) -> Option<String> {
    Some(elements(list?).join(separator?))
}

/// PostgreSQL's pg_size_pretty: the unit changes at ten of the next one.
fn pretty_size(bytes: i64) -> String {
    let mut size = bytes;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size.abs() < 10 * 1024 {
            return format!("{size} {unit}");
        }
        size = (size + 512) / 1024;
    }
    format!("{size} TB")
}

fn type_oid(name: Argument<'_>) -> std::result::Result<Answer, SqlError> {
    let Some(name) = name else { return Ok(Answer::Number(None)) };
    let found = types::named(name).map(|known| known.oid).or(number(Some(name)));
    match found {
        Some(oid) => Ok(Answer::Number(Some(oid))),
        None => Err(SqlError::new(SqlState::UndefinedObject, format!("type \"{name}\" does not exist"))),
    }
}

impl CatalogView {
    fn relation(&self, oid: Argument<'_>) -> Option<&CatalogRelation> {
        self.catalog.relation(number(oid)?)
    }

    /// A relation as regclass prints it: with its schema where that is needed; an unknown id as itself.
    fn relation_name(&self, oid: Argument<'_>) -> Option<String> {
        let oid = oid?;
        let Some(relation) = self.relation(Some(oid)) else {
            return Some(if oid == "0" { "-".to_owned() } else { oid.to_owned() });
        };
        Some(match self.catalog.is_visible(relation) {
            true => relation.name.clone(),
            false => format!("{}.{}", relation.schema, relation.name),
        })
    }

    fn relation_oid(&self, name: Argument<'_>) -> std::result::Result<Answer, SqlError> {
        let Some(name) = name else { return Ok(Answer::Number(None)) };
        let found = self.catalog.named(name).map(|relation| relation.oid).or(number(Some(name)));
        match found {
            Some(oid) => Ok(Answer::Number(Some(oid))),
            None => Err(undefined(&dwh_sql::statement::TableName {
                database: None,
                schema: None,
                name: name.to_owned(),
                position: None,
            })),
        }
    }

    /// The bytes of a table's files.
    fn size_bytes(&self, relation: Argument<'_>) -> std::result::Result<Answer, SqlError> {
        let found = self.relation(relation).or_else(|| self.catalog.named(relation?));
        let files = found.and_then(|relation| relation.table.as_ref()).map(|table| &table.files);
        let bytes = files.map_or(0, |files| files.iter().map(|file| file.bytes).sum::<u64>());
        Ok(Answer::Number(i64::try_from(bytes).ok()))
    }

    /// The bytes of all tables' files; of other databases there are none.
    fn database_bytes(&self, database: Argument<'_>) -> std::result::Result<Answer, SqlError> {
        let Some(database) = database else { return Ok(Answer::Number(None)) };
        if database != self.database && number(Some(database)) != Some(DATABASE_OID) {
            let message = format!("database \"{database}\" does not exist");
            return Err(SqlError::new(SqlState::InvalidCatalogName, message));
        }
        let tables = self.catalog.relations.iter().filter_map(|relation| relation.table.as_ref());
        let bytes = tables.flat_map(|table| table.files.iter()).map(|file| file.bytes).sum::<u64>();
        Ok(Answer::Number(i64::try_from(bytes).ok()))
    }

    fn comment(&self, oid: Argument<'_>) -> Option<String> {
        let oid = number(oid)?;
        let relation = self.catalog.relation(oid).map(|relation| relation.comment.clone());
        relation.or_else(|| self.catalog.schema(oid).map(|schema| schema.comment.clone())).flatten()
    }

    fn column_comment(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
        self.relation(oid)?.columns.get(place)?.comment.clone()
    }

    fn column_default(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
        self.relation(oid)?.columns.get(place)?.default.clone()
    }

    fn constraint(&self, oid: Argument<'_>) -> Option<String> {
        let oid = number(oid)?;
        let mut all = self.catalog.relations.iter().flat_map(|relation| &relation.constraints);
        all.find(|constraint| constraint.oid == oid).map(|constraint| constraint.definition.clone())
    }

    /// The whole of it, or the column at a place from 1 on.
    fn index_definition(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let relation = self.relation(oid)?;
        let index = relation.index.as_ref()?;
        match usize::try_from(number(place).unwrap_or_default()).ok()?.checked_sub(1) {
            None => Some(index.definition.clone()),
            Some(place) => Some(relation.columns.get(place)?.name.clone()),
        }
    }

    /// By id, or by name.
    fn view_definition(&self, view: Argument<'_>) -> Option<String> {
        let relation = self.relation(view).or_else(|| self.catalog.named(view?))?;
        let query = match (&relation.view, &relation.table) {
            (Some(view), _) => view.definition.sql.clone(),
            // The guide, CREATE MATERIALIZED VIEW: of these the statement.
            (None, Some(table)) => {
                let query = &table.definition.materialized.as_ref()?.sql;
                format!("create materialized view {} as {query}", quote_ident(&relation.name))
            }
            (None, None) => return None,
        };
        Some(format!("{};", query.trim_end().trim_end_matches(';')))
    }

    fn user_name(&self, id: Argument<'_>) -> Option<String> {
        let id = number(id)?;
        let known = self.catalog.users.iter().find(|(known, _)| *known == id);
        Some(known.map_or_else(|| format!("unknown (OID={id})"), |(_, name)| name.clone()))
    }
}

struct CatalogFunction {
    definition: &'static Definition,
    view: Arc<CatalogView>,
    signature: Signature,
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
