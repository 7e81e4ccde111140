//! Masking policies: the value that a user sees of each masked column.

use std::ops::ControlFlow;

use dwh_common::RedshiftType;
use dwh_sql::keywords::{quote_ident, quote_literal};
use dwh_storage::{Access, ColumnPath, Grantee, Mask, MaskKey, Policy};
use sqlparser::ast::{self, Expr, visit_expressions_mut};

use super::Protected;

/// The rows that are masked. No relation can be called so.
const MASKED: &str = "__dwh_masked";

/// One output of one attached policy.
struct Masking<'a> {
    path: &'a ColumnPath,
    priority: i32,
    value: String,
}

/// The masked columns of a relation for these grantees, each with the expression in its place.
pub(super) fn of(access: &Access, grantees: &[Grantee], relation: &Protected) -> Vec<(String, String)> {
    let attached =
        access.masks.iter().filter(|(key, _)| key.relation == relation.id && grantees.contains(&key.to));
    let mut maskings: Vec<Masking<'_>> = attached
        .filter_map(|(key, mask)| Some((key, mask, access.masking_policies.get(&key.policy)?)))
        .flat_map(|(key, mask, policy)| outputs(key, mask, policy))
        .collect();
    // The highest first; what is on the same path as one before does not apply.
    maskings.sort_by_key(|masking| std::cmp::Reverse(masking.priority));
    let mut applied: Vec<Masking<'_>> = Vec::new();
    for masking in maskings {
        if !applied.iter().any(|earlier| overlap(earlier.path, masking.path)) {
            applied.push(masking);
        }
    }
    let column = |(name, data_type): &(&str, Option<RedshiftType>)| {
        let own: Vec<&Masking<'_>> = applied.iter().filter(|masking| masking.path.column == *name).collect();
        (!own.is_empty()).then(|| ((*name).to_owned(), masked_column(name, *data_type, &own)))
    };
    relation.columns().iter().filter_map(column).collect()
}

/// The query over rows of the relation with the masked columns in their places.
pub(super) fn over(rows: &str, relation: &Protected, masks: &[(String, String)]) -> String {
    let item = |(name, _): &(&str, Option<RedshiftType>)| {
        let own = || format!("{MASKED}.{}", quote_ident(name));
        let value = masks.iter().find(|(masked, _)| masked == name).map(|(_, value)| value.clone());
        format!("{} AS {}", value.unwrap_or_else(own), quote_ident(name))
    };
    let items: Vec<String> = relation.columns().iter().map(item).collect();
    format!("SELECT {} FROM ({rows}) AS {MASKED}", items.join(", "))
}

fn outputs<'a>(key: &'a MaskKey, mask: &Mask, policy: &Policy) -> Vec<Masking<'a>> {
    let values = policy.expressions.iter().map(|expression| with_inputs(expression, policy, &mask.inputs));
    key.outputs
        .iter()
        .zip(values)
        .map(|(path, value)| Masking { path, priority: mask.priority, value })
        .collect()
}

/// Whether two paths are the same, or one is a part of the other.
pub(crate) fn overlap(one: &ColumnPath, other: &ColumnPath) -> bool {
    one.column == other.column && (one.path.starts_with(&other.path) || other.path.starts_with(&one.path))
}

fn masked_column(name: &str, data_type: Option<RedshiftType>, masks: &[&Masking<'_>]) -> String {
    if let [whole] = masks
        && whole.path.path.is_empty()
    {
        return match data_type {
            Some(data_type) => format!("CAST(({}) AS {data_type})", whole.value),
            None => format!("({})", whole.value),
        };
    }
    let set: Vec<String> = masks
        .iter()
        .map(|mask| {
            let path: Vec<String> = mask.path.path.iter().map(|part| format!("\"{part}\"")).collect();
            format!("{}, ({})", quote_literal(&path.join(".")), mask.value)
        })
        .collect();
    format!("OBJECT_TRANSFORM({MASKED}.{} SET {})", quote_ident(name), set.join(", "))
}

/// The expression with the relation's values in the place of the policy's columns.
fn with_inputs(expression: &str, policy: &Policy, inputs: &[ColumnPath]) -> String {
    // It was read when the policy was made.
    let Ok(mut tree) = dwh_sql::parse_expression(expression) else { return "NULL".to_owned() };
    let quoted = |name: &String| ast::Ident::with_quote('"', name);
    let input = |name: &str| {
        let at = policy.columns.iter().position(|(column, _)| column == name)?;
        let path = inputs.get(at)?;
        let parts = [ast::Ident::new(MASKED), quoted(&path.column)].into_iter();
        Some((parts.chain(path.path.iter().map(quoted)).collect::<Vec<_>>(), policy.columns[at].1))
    };
    let _ = visit_expressions_mut(&mut tree, |part| {
        match part {
            Expr::Identifier(ident) => {
                if let Some((parts, data_type)) = input(&ident.value) {
                    *part = cast(Expr::CompoundIdentifier(parts), data_type);
                }
            }
            Expr::CompoundIdentifier(idents) => {
                if let Some((mut parts, _)) = idents.first().and_then(|first| input(&first.value)) {
                    parts.extend(idents.drain(1..));
                    *idents = parts;
                }
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    dwh_sql::to_sql(&tree)
}

/// The value as the policy's type.
fn cast(value: Expr, data_type: RedshiftType) -> Expr {
    match dwh_sql::parse_expression(&format!("CAST(NULL AS {data_type})")) {
        Ok(Expr::Cast { kind, data_type, array, format, .. }) => {
            Expr::Cast { kind, expr: Box::new(value), data_type, array, format }
        }
        _ => value,
    }
}
