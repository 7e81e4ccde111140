//! Tables that have their columns and never a row, because there is nothing of the kind here: scripts and clients
//! ask for them, and none is the answer. A file for each family.

mod pg;
mod stl;
mod stv;
mod svcs;
mod svl;
mod svv;
mod sys;

use dwh_common::{RedshiftType, SqlError};

use super::rows::Value;
use super::{SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);

/// Tables as `name: column type, …;`.
macro_rules! tables {
    ($($name:ident: $($column:ident $data_type:expr),+;)+) => {
        &[$(SystemTable {
            schema: PG_CATALOG,
            name: stringify!($name),
            columns: &[$((stringify!($column), $data_type)),+],
            rows: none,
        }),+]
    };
}

use tables;

pub(super) fn all() -> impl Iterator<Item = &'static SystemTable> {
    [pg::TABLES, stl::TABLES, stv::TABLES, svcs::TABLES, svl::TABLES, svv::TABLES, sys::TABLES]
        .into_iter()
        .flatten()
}

fn none(_: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(Vec::new())
}
