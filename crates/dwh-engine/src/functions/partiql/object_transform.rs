//! `OBJECT_TRANSFORM(object [KEEP path, …] [SET path, value, …])` (guide, page of this name). The parser hands
//! KEEP and SET over as marked texts among the arguments.
//!
//! Paths are quoted attributes joined by points: `'"address"."city"'`. KEEP leaves nothing but its paths; SET
//! then gives values to its paths, making the objects on the way.

use std::borrow::Cow;

use arrow::array::ArrayRef;
use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;
use dwh_sql::{KEEP_MARK, SET_MARK};

use super::arguments::{SuperColumn, build_super, element_argument, super_argument};
use super::array::SUPER;
use super::value::Value;
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter};

type Attributes<'v> = Vec<(Cow<'v, str>, Value<'v>)>;

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    variadic: true,
    takes_null: true,
    ..Function::new("object_transform", &[Parameter::Any, Parameter::Any], SUPER, transform)
};

/// What a call asks for.
struct Transformation {
    keep: Option<Vec<Vec<String>>>,
    set: Vec<(Vec<String>, SuperColumn)>,
}

fn transform(call: &Call<'_>) -> Result<ArrayRef> {
    let objects = super_argument(call, 0)?;
    let transformation = Transformation::read(call)?;
    build_super(call, |row| {
        let Some(value) = objects.at(row) else { return Ok(None) };
        let Value::Object(attributes) = value else {
            return Err(sql_err(SqlState::InvalidParameterValue, "OBJECT_TRANSFORM takes an object"));
        };
        let mut attributes = match &transformation.keep {
            Some(paths) => kept(attributes, &paths.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            None => attributes,
        };
        for (path, values) in &transformation.set {
            set(&mut attributes, path, values.at(row).unwrap_or(Value::Null))?;
        }
        Ok(Some(Value::Object(attributes).to_json()))
    })
}

impl Transformation {
    fn read(call: &Call<'_>) -> Result<Self> {
        let mut transformation = Self { keep: None, set: Vec::new() };
        let mut index = 1;
        let mut setting = false;
        while index < call.len() {
            let text = constant_text(call, index)?;
            index += 1;
            if text == KEEP_MARK {
                transformation.keep = Some(Vec::new());
            } else if text == SET_MARK {
                setting = true;
            } else if setting {
                if index == call.len() {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        "SET of OBJECT_TRANSFORM takes pairs of a path and a value",
                    ));
                }
                transformation.set.push((path_of(&text)?, element_argument(call, index)?));
                index += 1;
            } else if let Some(keep) = &mut transformation.keep {
                keep.push(path_of(&text)?);
            }
        }
        Ok(transformation)
    }
}

fn constant_text(call: &Call<'_>, index: usize) -> Result<String> {
    let (_, constant) = call.array(index)?;
    let text = if constant { call.text(index)?.text_if_any(0) } else { None };
    text.ok_or_else(|| {
        sql_err(SqlState::InvalidParameterValue, "the paths of OBJECT_TRANSFORM must be constant texts")
    })
}

/// The attributes of `"a"."b"`.
fn path_of(text: &str) -> Result<Vec<String>> {
    let invalid = || -> DataFusionError {
        sql_err(
            SqlState::InvalidParameterValue,
            format!("invalid path {text}: attributes are in double quotes, joined by points"),
        )
    };
    let mut path = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, behind) =
            rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(invalid)?;
        path.push(name.to_owned());
        match behind {
            "" => return Ok(path),
            behind => rest = behind.strip_prefix('.').ok_or_else(invalid)?,
        }
    }
}

fn kept<'v>(attributes: Attributes<'v>, paths: &[&[String]]) -> Attributes<'v> {
    let mut result = Vec::new();
    for (name, value) in attributes {
        let deeper: Vec<&[String]> = paths
            .iter()
            .filter(|path| path.first().is_some_and(|first| *first == name))
            .map(|path| &path[1..])
            .collect();
        if deeper.iter().any(|path| path.is_empty()) {
            result.push((name, value));
        } else if !deeper.is_empty()
            && let Value::Object(inner) = value
        {
            let inner = kept(inner, &deeper);
            if !inner.is_empty() {
                result.push((name, Value::Object(inner)));
            }
        }
    }
    result
}

fn set<'v>(attributes: &mut Attributes<'v>, path: &[String], value: Value<'v>) -> Result<()> {
    let [name, deeper @ ..] = path else { return Ok(()) };
    let at = attributes.iter().position(|(known, _)| known == name);
    if deeper.is_empty() {
        match at {
            Some(at) => attributes[at].1 = value,
            None => attributes.push((Cow::Owned(name.clone()), value)),
        }
        return Ok(());
    }
    let at = at.unwrap_or_else(|| {
        attributes.push((Cow::Owned(name.clone()), Value::Object(Vec::new())));
        attributes.len() - 1
    });
    match &mut attributes[at].1 {
        Value::Object(inner) => set(inner, deeper, value),
        _ => Err(sql_err(
            SqlState::InvalidParameterValue,
            format!("OBJECT_TRANSFORM cannot set an attribute of \"{name}\", which is no object"),
        )),
    }
}
