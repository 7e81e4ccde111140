//! pg_group: the groups and the numbers of their users.

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(127);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_group",
    columns: &[("groname", NAME), ("grosysid", Integer), ("grolist", RedshiftType::Varchar(65535))],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let groups = view.transaction.access().groups.values();
    let list = |members: Vec<String>| {
        if members.is_empty() { None } else { Some(format!("{{{}}}", members.join(","))) }
    };
    Ok(groups
        .map(|group| {
            let members = group.members.iter().map(ToString::to_string).collect();
            vec![group.name.as_str().into(), group.id.into(), list(members).into()]
        })
        .collect())
}
