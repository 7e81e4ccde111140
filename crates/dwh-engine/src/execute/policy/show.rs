//! SHOW RLS POLICIES, SHOW MASKING POLICIES (the guide's page SHOW POLICIES).

use dwh_common::RedshiftType::{self, Boolean, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_sql::statement::{GranteeName, PolicyKind, TableName};
use dwh_storage::Grantee;

use super::target;
use crate::access::identity;
use crate::context::StatementContext;
use crate::execute::grant::grantee;
use crate::execute::show_objects::{Columns, Listing};
use crate::policies::{ROW_ALIAS, columns_json, condition_text, paths_json, values_json};
use crate::system_tables::relations::kind_of_protected;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);

const ROW_COLUMNS: Columns = &[
    ("policy_name", TEXT),
    ("policy_alias", TEXT),
    ("policy_atts", TEXT),
    ("policy_qual", TEXT),
    ("policy_enabled", Boolean),
    ("policy_modified_by", TEXT),
    ("policy_modified_time", Timestamp),
];
const MASKING_COLUMNS: Columns = &[
    ("policy_name", TEXT),
    ("input_columns", TEXT),
    ("policy_expression", TEXT),
    ("policy_modified_by", TEXT),
    ("policy_modified_time", Timestamp),
];

const ROW_ON_COLUMNS: Columns = &[
    ("policy_name", TEXT),
    ("schema_name", TEXT),
    ("relation_name", TEXT),
    ("relation_kind", TEXT),
    ("grantor", TEXT),
    ("grantee", TEXT),
    ("grantee_kind", TEXT),
    ("is_policy_on", Boolean),
    ("is_rls_on", Boolean),
    ("rls_conjunction_type", TEXT),
];
const MASKING_ON_COLUMNS: Columns = &[
    ("policy_name", TEXT),
    ("schema_name", TEXT),
    ("relation_name", TEXT),
    ("relation_type", TEXT),
    ("grantor", TEXT),
    ("grantee", TEXT),
    ("grantee_type", TEXT),
    ("priority", Integer),
    ("input_columns", TEXT),
    ("output_columns", TEXT),
];

/// The policies by name; none for whoever may not make any.
pub(in crate::execute) fn listing(context: &StatementContext<'_>, kind: PolicyKind) -> Listing {
    let access = context.transaction.access();
    let is_shown = context.rights().is_security_administrator();
    let by = |id| access.grantee_name(Grantee::User(id));
    match kind {
        PolicyKind::Rows => {
            let rows = access.row_policies.iter().filter(|_| is_shown).map(|(name, policy)| {
                vec![
                    name.clone().into(),
                    policy.alias.as_deref().unwrap_or(ROW_ALIAS).into(),
                    columns_json(policy).into(),
                    condition_text(policy).into(),
                    true.into(),
                    by(policy.modified_by).into(),
                    policy.modified_at.into(),
                ]
            });
            (ROW_COLUMNS, rows.collect())
        }
        PolicyKind::Masking => {
            let rows = access.masking_policies.iter().filter(|_| is_shown).map(|(name, policy)| {
                vec![
                    name.clone().into(),
                    columns_json(policy).into(),
                    values_json(policy).into(),
                    by(policy.modified_by).into(),
                    policy.modified_at.into(),
                ]
            });
            (MASKING_COLUMNS, rows.collect())
        }
    }
}

/// Where policies are attached to a relation, of one grantee if one is named; nowhere for whoever may not attach any.
pub(in crate::execute) fn attached(
    context: &StatementContext<'_>,
    kind: PolicyKind,
    relation: &TableName,
    to: Option<&GranteeName>,
) -> Result<Listing, SqlError> {
    let id = target(context, relation)?.id;
    let access = context.transaction.access();
    let to = to.map(|name| grantee(access, name)).transpose()?;
    let is_administrator = context.rights().is_security_administrator();
    let is_shown = |on: i64, of: Grantee| is_administrator && on == id && to.is_none_or(|to| to == of);
    let kept = kind_of_protected(context.transaction, id);
    let (schema, name, kind_of_relation) = kept.unwrap_or_default();
    let begin = |policy: &str, grantor: i64, of: Grantee| {
        vec![
            policy.into(),
            schema.clone().into(),
            name.clone().into(),
            kind_of_relation.into(),
            access.grantee_name(Grantee::User(grantor)).into(),
            access.grantee_name(of).into(),
            identity(of).1.into(),
        ]
    };
    Ok(match kind {
        PolicyKind::Rows => {
            let security = access.row_security.get(&id);
            let on = access.row_policies_on.iter().filter(|(key, _)| is_shown(key.relation, key.to));
            let rows = on.map(|(key, grantor)| {
                let mut row = begin(&key.policy, *grantor, key.to);
                row.extend([
                    true.into(),
                    security.is_some().into(),
                    security.map_or("AND", |conjunction| conjunction.name()).to_lowercase().into(),
                ]);
                row
            });
            (ROW_ON_COLUMNS, rows.collect())
        }
        PolicyKind::Masking => {
            let on = access.masks.iter().filter(|(key, _)| is_shown(key.relation, key.to));
            let rows = on.map(|(key, mask)| {
                let mut row = begin(&key.policy, mask.grantor, key.to);
                row.extend([
                    i64::from(mask.priority).into(),
                    paths_json(&mask.inputs).into(),
                    paths_json(&key.outputs).into(),
                ]);
                row
            });
            (MASKING_ON_COLUMNS, rows.collect())
        }
    })
}
