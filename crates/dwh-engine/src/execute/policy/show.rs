//! SHOW RLS POLICIES, SHOW MASKING POLICIES (the guide's page SHOW POLICIES).

use dwh_common::RedshiftType::{self, Boolean, Timestamp};
use dwh_sql::statement::PolicyKind;
use dwh_storage::Grantee;

use crate::context::StatementContext;
use crate::execute::show_objects::{Columns, Listing};
use crate::policies::{ROW_ALIAS, columns_json, condition_text, values_json};

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
