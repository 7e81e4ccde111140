//! information_schema.columns.

use dwh_common::RedshiftType::{self, Integer};
use dwh_common::SqlError;

use super::rows::Value;
use super::svv_columns::described;
use super::{INFORMATION_SCHEMA, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: INFORMATION_SCHEMA,
    name: "columns",
    columns: &[
        ("table_catalog", NAME),
        ("table_schema", NAME),
        ("table_name", NAME),
        ("column_name", NAME),
        ("ordinal_position", Integer),
        ("column_default", RedshiftType::Varchar(65535)),
        ("is_nullable", RedshiftType::Varchar(3)),
        ("data_type", NAME),
        ("character_maximum_length", Integer),
        ("numeric_precision", Integer),
        ("numeric_precision_radix", Integer),
        ("numeric_scale", Integer),
        ("datetime_precision", Integer),
        ("interval_type", NAME),
        ("interval_precision", NAME),
        ("character_set_name", NAME),
        ("collation_name", NAME),
        ("udt_name", NAME),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(described(view, TABLE.columns.len(), |column| column.data_type.short_name().into()))
}
