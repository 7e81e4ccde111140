//! What tools write that browse PostgreSQL's catalog: `OPERATOR(pg_catalog.~)`, `COLLATE pg_catalog.default`,
//! functions of `pg_catalog` with their schema, casts to the catalog's types (`'t'::regclass`, `oid::regtype`,
//! `x::pg_catalog.text`), `n = ANY(conkey)` and `conkey[1]` on the catalog's arrays (RS 5.5).

use dwh_common::SqlError;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, DataType, Expr, FunctionArguments, Ident, JsonPathElem, ObjectName, OrderBy,
    OrderByKind, Query, SelectItem, SetExpr, Subscript, TableAlias, TableFactor, TableWithJoins, Value,
};

use super::build::{call, first_argument, function_name, literal_text, positional, simple_name, text};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, left, right } => {
            truth(left);
            truth(right);
        }
        Expr::BinaryOp { op, .. } => {
            if let BinaryOperator::PGCustomBinaryOperator(parts) = op
                && let Some(known) = parts.last().and_then(|name| operator(name))
            {
                *op = known;
            }
        }
        Expr::Subquery(query) => match column_default(query) {
            Some(default) => *expr = default,
            None => at_most_one_row(query),
        },
        // There is one collation, that of bytes.
        Expr::Collate { expr: inner, collation } => {
            let name = collation.0.last().map(ToString::to_string).unwrap_or_default();
            if matches!(name.trim_matches('"').to_ascii_lowercase().as_str(), "default" | "c" | "posix") {
                *expr = taken(inner);
            }
        }
        Expr::Function(function) if simple_name(function).is_none() => {
            if let Some(name) = in_pg_catalog(&function.name) {
                function.name = function_name(&name);
            }
        }
        Expr::Cast { expr: inner, data_type, .. } => {
            if let Some(replacement) = catalog_cast(inner, data_type) {
                *expr = replacement;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The catalog's arrays, before anyone takes `a[1]` for a way into a SUPER value.
pub(super) fn rewrite_arrays(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. }
            if matches!(right.as_ref(), Expr::Array(_))
                || matches!(right.as_ref(), Expr::Nested(inner) if matches!(inner.as_ref(), Expr::Array(_))) =>
        {
            let list = match taken(right) {
                Expr::Nested(inner) => *inner,
                list => list,
            };
            if let Expr::Array(list) = list {
                *expr = Expr::InList { expr: Box::new(taken(left)), list: list.elem, negated: false };
            }
        }
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. }
            if !matches!(right.as_ref(), Expr::Subquery(_)) =>
        {
            let list = match right.as_mut() {
                Expr::Nested(inner) => taken(inner),
                other => std::mem::replace(other, null()),
            };
            *expr = call("__has_element", vec![list, taken(left)]);
        }
        // `unnest(indkey)`, and `generate_subscripts(indkey, 1)` beside it.
        Expr::Function(function)
            if matches!(simple_name(function), Some("unnest" | "generate_subscripts"))
                && positional(function).is_some_and(|arguments| {
                    arguments.first().is_some_and(|list| is_catalog_array(list))
                }) =>
        {
            let elements =
                if simple_name(function) == Some("unnest") { "__elements" } else { "__subscripts" };
            if let Some(list) = first_argument(function).map(taken_ref) {
                *expr = call("unnest", vec![call(elements, vec![list])]);
            }
        }
        // `ARRAY(SELECT … FROM pg_options_to_table(fdwoptions))`: what has options is not there.
        Expr::Function(function)
            if simple_name(function) == Some("array")
                && matches!(&function.args, FunctionArguments::Subquery(query) if reads_options(query)) =>
        {
            *expr = call("__cast_varchar", vec![null(), super::build::number(65535)]);
        }
        // `x LIKE 'pg/_' || '%' ESCAPE '/'`, as SQLAlchemy writes startswith().
        Expr::Like { pattern, .. } | Expr::ILike { pattern, .. } => {
            if let Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } = pattern.as_ref() {
                match (literal_text(left), literal_text(right)) {
                    (Some(left), Some(right)) => **pattern = text(format!("{left}{right}")),
                    _ if is_unknown_value(left) || is_unknown_value(right) => **pattern = text(""),
                    _ => {}
                }
            }
        }
        Expr::JsonAccess { value, path } if is_catalog_array(value) => {
            if let [JsonPathElem::Bracket { key }] = &mut path.path[..] {
                let index = taken_ref(key);
                *expr = call("__subscript", vec![taken(value), index]);
            }
        }
        Expr::CompoundFieldAccess { root, access_chain } => {
            if let ([AccessExpr::Subscript(Subscript::Index { index })], true) =
                (access_chain.as_mut_slice(), is_catalog_array(root))
            {
                let index = std::mem::replace(index, null());
                *expr = call("__subscript", vec![taken(root), index]);
            }
        }
        _ => {}
    }
    Ok(())
}

fn reads_options(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    select.from.iter().any(|table| is_named(table, "pg_options_to_table"))
}

fn is_named(table: &TableWithJoins, wanted: &str) -> bool {
    matches!(
        &table.relation,
        TableFactor::Table { name, .. }
            if name.0.last().and_then(|part| part.as_ident()).is_some_and(|name| name.value == wanted)
    )
}

/// `FROM pg_get_late_binding_view_cols() cols(view_schema name, …)` reads the system table of that name: the
/// types in the list are those that it has.
pub(super) fn rewrite_from(from: &mut [TableWithJoins]) {
    for table in from {
        let joined = table.joins.iter_mut().map(|join| &mut join.relation);
        for factor in std::iter::once(&mut table.relation).chain(joined) {
            if let Some(derived) = one_row(factor) {
                *factor = derived;
            }
        }
    }
}

/// `FROM current_database()`: a function of the session as a table of one row, its column named like it.
fn one_row(factor: &TableFactor) -> Option<TableFactor> {
    let TableFactor::Table { name, alias, args: Some(arguments), .. } = factor else { return None };
    let function = &name.0.last()?.as_ident()?.value;
    let known =
        ["current_database", "current_schema", "current_user", "version"].contains(&function.as_str());
    if !known || !arguments.args.is_empty() {
        return None;
    }
    let query = crate::parse(&format!("select {function}() as {function}")).ok()?.pop()?.statement;
    let crate::statement::Statement::Query(subquery) = query else { return None };
    let mut derived = TableFactor::Derived { lateral: false, subquery, alias: alias.clone(), sample: None };
    if let TableFactor::Derived { alias: none @ None, .. } = &mut derived {
        *none =
            Some(TableAlias { explicit: true, name: Ident::new(function), columns: Vec::new(), at: None });
    }
    Some(derived)
}

/// `SELECT c.oid::regclass … ORDER BY c.oid::regclass::text`, as psql has it: the order is that of the column,
/// which is text already.
pub(super) fn rewrite_order(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by else { return };
    for key in keys {
        let Expr::Cast { expr: inner, .. } = &key.expr else { continue };
        let is_object = matches!(
            inner.as_ref(),
            Expr::Cast { data_type, .. } if data_type.to_string().to_ascii_lowercase().contains("reg")
        );
        let place = select.projection.iter().position(
            |item| matches!(item, SelectItem::UnnamedExpr(expr) if expr.to_string() == inner.to_string()),
        );
        if let (true, Some(place)) = (is_object, place) {
            key.expr = super::build::number(place + 1);
        }
    }
}

/// The columns that hold arrays.
fn is_catalog_array(expr: &Expr) -> bool {
    let name = match expr {
        Expr::Identifier(name) => name,
        Expr::CompoundIdentifier(names) => match names.last() {
            Some(name) => name,
            None => return false,
        },
        Expr::Function(function) => {
            let name = function.name.0.last().and_then(|part| part.as_ident());
            return name.is_some_and(|name| name.value == "current_schemas");
        }
        Expr::Nested(inner) => return is_catalog_array(inner),
        _ => return false,
    };
    [
        "conkey",
        "confkey",
        "indclass",
        "indcollation",
        "indkey",
        "indoption",
        "proargtypes",
        "proargnames",
        "relacl",
        "nspacl",
        "proacl",
        "datacl",
        "defaclacl",
        "lanacl",
    ]
    .contains(&name.value.as_str())
}

fn operator(name: &str) -> Option<BinaryOperator> {
    Some(match name {
        "~" => BinaryOperator::PGRegexMatch,
        "~*" => BinaryOperator::PGRegexIMatch,
        "!~" => BinaryOperator::PGRegexNotMatch,
        "!~*" => BinaryOperator::PGRegexNotIMatch,
        "~~" => BinaryOperator::PGLikeMatch,
        "!~~" => BinaryOperator::PGNotLikeMatch,
        "=" => BinaryOperator::Eq,
        "<>" => BinaryOperator::NotEq,
        "<" => BinaryOperator::Lt,
        "<=" => BinaryOperator::LtEq,
        ">" => BinaryOperator::Gt,
        ">=" => BinaryOperator::GtEq,
        "+" => BinaryOperator::Plus,
        "-" => BinaryOperator::Minus,
        "||" => BinaryOperator::StringConcat,
        _ => return None,
    })
}

/// `pg_catalog.name` → `name`.
fn in_pg_catalog(name: &ObjectName) -> Option<String> {
    match &name.0[..] {
        [schema, name] if schema.as_ident()?.value == "pg_catalog" => Some(name.as_ident()?.value.clone()),
        _ => None,
    }
}

/// A cast to a type that only the catalog has; `None` for all others.
fn catalog_cast(inner: &mut Expr, data_type: &mut DataType) -> Option<Expr> {
    let quoted = data_type.to_string().to_ascii_lowercase();
    let written = quoted.replace('"', "");
    let name = written.strip_prefix("pg_catalog.").unwrap_or(&written);
    let is_name = matches!(
        inner,
        Expr::Value(value) if matches!(&value.value, Value::SingleQuotedString(text) if text.parse::<i64>().is_err())
    );
    let function = match (name, is_name) {
        // A name becomes the object's id, an id is printed as the name.
        ("regclass", true) => "__regclass_oid",
        ("regclass", false) => "__regclass",
        ("regtype", true) => "__regtype_oid",
        ("regtype", false) => "__regtype",
        ("regprocedure", false) => "__regprocedure",
        // `'lower'::regproc::oid`: what was a name is looked up after all.
        ("oid", _) if let Some(name) = name_of_function(inner) => {
            return Some(call("__regproc_oid", vec![name]));
        }
        // Functions are named by their names in the catalog's columns.
        ("regproc" | "regprocedure" | "regoper" | "regoperator" | "char" | "name", _)
            // `"char"` is one byte of the catalog, CHAR a type of columns.
            if name != "char" || quoted != "char" =>
        {
            return Some(call("__cast_varchar", vec![taken_ref(inner), super::build::number(65535)]));
        }
        ("text", _) if written != name => {
            return Some(call("__cast_varchar", vec![taken_ref(inner), super::build::number(65535)]));
        }
        ("aclitem[]" | "text[]" | "int2[]" | "int2vector" | "oidvector", _) => {
            return Some(call("__cast_varchar", vec![taken_ref(inner), super::build::number(65535)]));
        }
        (plain, _) if written != plain => {
            if let DataType::Custom(object, _) = data_type
                && object.0.len() == 2
            {
                object.0.remove(0);
            }
            return None;
        }
        _ => return None,
    };
    Some(call(function, vec![taken_ref(inner)]))
}

/// The name in what `'name'::regproc` has become.
fn name_of_function(cast: &mut Expr) -> Option<Expr> {
    let Expr::Function(function) = cast else { return None };
    if simple_name(function) != Some("__cast_varchar") {
        return None;
    }
    let name = literal_text(first_argument(function)?)?;
    name.parse::<i64>().is_err().then(|| text(name))
}

/// What stands for a text parameter while its statement is described: nothing is matched then.
fn is_unknown_value(expr: &Expr) -> bool {
    let Expr::Cast { expr, data_type, .. } = expr else { return false };
    let is_null = matches!(expr.as_ref(), Expr::Value(value) if value.value == Value::Null);
    is_null && data_type.to_string().eq_ignore_ascii_case("character varying(65535)")
}

/// `1 AND …`, as sqlalchemy-redshift writes it: an integer literal as a truth value.
fn truth(operand: &mut Expr) {
    if let Expr::Value(value) = operand
        && let Value::Number(number, _) = &value.value
    {
        *operand = Expr::value(Value::Boolean(number != "0"));
    }
}

/// psql's sub-query for a default, `(SELECT pg_get_expr(d.adbin, …) FROM pg_attrdef d WHERE d.adrelid = x AND
/// d.adnum = y AND …)`, as a function of `x` and `y`; its sub-query for a collation of its own, of which there are
/// none, as NULL. The planner takes neither: they compare columns of the outer query alone.
fn column_default(query: &Query) -> Option<Expr> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    if select.from.iter().any(|table| is_named(table, "pg_collation")) {
        return Some(call("__cast_varchar", vec![null(), super::build::number(128)]));
    }
    let ([table], Some(selection)) = (&select.from[..], &select.selection) else { return None };
    if !is_named(table, "pg_attrdef") {
        return None;
    }
    let (mut relation, mut number) = (None, None);
    let mut conditions = vec![selection];
    while let Some(condition) = conditions.pop() {
        match condition {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                conditions.extend([left.as_ref(), right])
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                let Expr::CompoundIdentifier(names) = left.as_ref() else { continue };
                match names.last().map(|name| name.value.as_str()) {
                    Some("adrelid") => relation = Some(right.as_ref().clone()),
                    Some("adnum") => number = Some(right.as_ref().clone()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    Some(call("__column_default", vec![relation?, number?]))
}

/// A scalar sub-query over the catalog by a key, as psql has it for defaults: one row at most, which the
/// planner wants to be told.
fn at_most_one_row(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    let of_catalog = |factor: &TableFactor| {
        matches!(
            factor,
            TableFactor::Table { name, args: None, .. }
                if name.0.len() == 2 && name.0[0].as_ident().is_some_and(|schema| schema.value == "pg_catalog")
        )
    };
    let all_of_catalog = !select.from.is_empty()
        && select.from.iter().all(|table| {
            of_catalog(&table.relation) && table.joins.iter().all(|join| of_catalog(&join.relation))
        });
    let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] = &mut select.projection[..]
    else {
        return;
    };
    let aggregate = match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => "max",
        Expr::Function(function) if simple_name(function).is_some_and(|name| name.starts_with("pg_get_")) => {
            "max"
        }
        Expr::BinaryOp { op: BinaryOperator::Eq, .. } => "bool_or",
        _ => return,
    };
    if all_of_catalog && query.limit_clause.is_none() {
        *expr = call(aggregate, vec![taken_ref(expr)]);
    }
}

fn null() -> Expr {
    Expr::value(Value::Null)
}

fn taken(expr: &mut Box<Expr>) -> Expr {
    std::mem::replace(expr.as_mut(), null())
}

fn taken_ref(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, null())
}
