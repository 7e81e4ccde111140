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
use crate::policies::{ROW_ALIAS, columns_json, condition_text, values_json};
use crate::system_tables::rows::Value;
use crate::system_tables::{self, PG_CATALOG};

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

/// The columns of the system tables that these are.
const ROW_ON: &[&str] = &[
    "polname",
    "relschema",
    "relname",
    "relkind",
    "grantor",
    "grantee",
    "granteekind",
    "is_pol_on",
    "is_rls_on",
    "rls_conjunction_type",
];
const MASKING_ON: &[&str] = &[
    "policy_name",
    "schema_name",
    "table_name",
    "table_type",
    "grantor",
    "grantee",
    "grantee_type",
    "priority",
    "input_columns",
    "output_columns",
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

/// Where policies are attached to a relation, of one grantee if one is named: what the system table says of it.
pub(in crate::execute) fn attached(
    context: &StatementContext<'_>,
    kind: PolicyKind,
    relation: &TableName,
    to: Option<&GranteeName>,
) -> Result<Listing, SqlError> {
    let target = target(context, relation)?;
    let (schema, name) = target.name();
    let access = context.transaction.access();
    let to = to.map(|name| grantee(access, name)).transpose()?;
    let wanted = to.map(|to| [access.grantee_name(to).into(), Value::from(identity(to).1)]);
    let (columns, table, of_table) = match kind {
        PolicyKind::Rows => (ROW_ON_COLUMNS, "svv_rls_attached_policy", ROW_ON),
        PolicyKind::Masking => (MASKING_ON_COLUMNS, "svv_attached_masking_policy", MASKING_ON),
    };
    let Some(table) = system_tables::find(PG_CATALOG, table) else { return Ok((columns, Vec::new())) };
    let mut rows = table.picked(of_table, &context.system_view())?;
    rows.retain(|row| {
        row[1..3] == [schema.into(), name.into()] && wanted.as_ref().is_none_or(|wanted| row[5..7] == *wanted)
    });
    Ok((columns, rows))
}
