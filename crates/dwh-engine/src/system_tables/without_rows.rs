//! Tables of the catalog that never have rows here: clients ask for them, and the answer is that there is
//! nothing of the kind.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Integer, SmallInt};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const LETTER: RedshiftType = RedshiftType::Char(1);

const fn table(name: &'static str, columns: &'static [(&'static str, RedshiftType)]) -> SystemTable {
    SystemTable { schema: PG_CATALOG, name, columns, rows: none }
}

fn none(_: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    Ok(Vec::new())
}

/// pg_index: no table has an index.
pub(super) const PG_INDEX: SystemTable = table(
    "pg_index",
    &[
        ("oid", BigInt),
        ("indexrelid", BigInt),
        ("indrelid", BigInt),
        ("indnatts", SmallInt),
        ("indisunique", Boolean),
        ("indisprimary", Boolean),
        ("indisclustered", Boolean),
        ("indisvalid", Boolean),
        ("indkey", TEXT),
        ("indclass", TEXT),
        ("indexprs", TEXT),
        ("indpred", TEXT),
        ("indisreplident", Boolean),
        ("indoption", TEXT),
    ],
);

/// pg_proc: functions of the system are not listed.
pub(super) const PG_PROC: SystemTable = table(
    "pg_proc",
    &[
        ("oid", BigInt),
        ("proname", NAME),
        ("pronamespace", BigInt),
        ("proowner", Integer),
        ("prolang", BigInt),
        ("proisagg", Boolean),
        ("prosecdef", Boolean),
        ("proisstrict", Boolean),
        ("proretset", Boolean),
        ("provolatile", LETTER),
        ("pronargs", SmallInt),
        ("prorettype", BigInt),
        ("proargtypes", TEXT),
        ("proargnames", TEXT),
        ("prosrc", TEXT),
        ("probin", TEXT),
        ("proacl", TEXT),
        ("prokind", LETTER),
        ("proallargtypes", TEXT),
        ("proargmodes", TEXT),
        ("proargdefaults", TEXT),
        ("proiswindow", Boolean),
        ("tableoid", BigInt),
    ],
);

/// pg_proc_info: as pg_proc.
pub(super) const PG_PROC_INFO: SystemTable = table(
    "pg_proc_info",
    &[
        ("prooid", BigInt),
        ("proname", NAME),
        ("pronamespace", BigInt),
        ("proowner", Integer),
        ("prolang", BigInt),
        ("proisagg", Boolean),
        ("prosecdef", Boolean),
        ("proisstrict", Boolean),
        ("proretset", Boolean),
        ("provolatile", LETTER),
        ("pronargs", SmallInt),
        ("prorettype", BigInt),
        ("proargtypes", TEXT),
        ("proargnames", TEXT),
        ("prosrc", TEXT),
        ("probin", TEXT),
        ("proacl", TEXT),
        ("prokind", LETTER),
        ("proargmodes", TEXT),
        ("proallargtypes", TEXT),
    ],
);

/// pg_depend: what depends on what is looked up in the views themselves.
pub(super) const PG_DEPEND: SystemTable = table(
    "pg_depend",
    &[
        ("classid", BigInt),
        ("objid", BigInt),
        ("objsubid", Integer),
        ("refclassid", BigInt),
        ("refobjid", BigInt),
        ("refobjsubid", Integer),
        ("deptype", LETTER),
    ],
);

/// pg_rewrite: views are kept as text.
pub(super) const PG_REWRITE: SystemTable = table(
    "pg_rewrite",
    &[
        ("oid", BigInt),
        ("rulename", NAME),
        ("ev_class", BigInt),
        ("ev_attr", SmallInt),
        ("ev_type", LETTER),
        ("is_instead", Boolean),
        ("ev_qual", TEXT),
        ("ev_action", TEXT),
        ("ev_enabled", LETTER),
        ("tableoid", BigInt),
    ],
);

/// pg_trigger: Redshift has no triggers.
pub(super) const PG_TRIGGER: SystemTable = table(
    "pg_trigger",
    &[
        ("oid", BigInt),
        ("tgrelid", BigInt),
        ("tgname", NAME),
        ("tgfoid", BigInt),
        ("tgtype", SmallInt),
        ("tgenabled", LETTER),
        ("tgisinternal", Boolean),
        ("tgconstraint", BigInt),
        ("tgparentid", BigInt),
        ("tgdeferrable", Boolean),
        ("tginitdeferred", Boolean),
        ("tgnargs", SmallInt),
        ("tableoid", BigInt),
    ],
);

/// pg_inherits: Redshift has no inheritance.
pub(super) const PG_INHERITS: SystemTable = table(
    "pg_inherits",
    &[("inhrelid", BigInt), ("inhparent", BigInt), ("inhseqno", Integer), ("inhdetachpending", Boolean)],
);

/// pg_collation: text is compared by its bytes.
pub(super) const PG_COLLATION: SystemTable = table(
    "pg_collation",
    &[
        ("oid", BigInt),
        ("collname", NAME),
        ("collnamespace", BigInt),
        ("collowner", Integer),
        ("collprovider", LETTER),
        ("collencoding", Integer),
    ],
);

/// pg_shdescription: databases have no comments.
pub(super) const PG_SHDESCRIPTION: SystemTable =
    table("pg_shdescription", &[("objoid", BigInt), ("classoid", BigInt), ("description", TEXT)]);

/// pg_range: Redshift has no range types.
pub(super) const PG_RANGE: SystemTable = table("pg_range", &[("rngtypid", BigInt), ("rngsubtype", BigInt)]);

/// pg_enum: Redshift has no enumerations.
pub(super) const PG_ENUM: SystemTable =
    table("pg_enum", &[("oid", BigInt), ("enumtypid", BigInt), ("enumlabel", NAME)]);

/// svv_external_schemas: there are no external schemas.
pub(super) const SVV_EXTERNAL_SCHEMAS: SystemTable = table(
    "svv_external_schemas",
    &[
        ("esoid", BigInt),
        ("eskind", SmallInt),
        ("schemaname", NAME),
        ("esowner", Integer),
        ("databasename", NAME),
        ("esoptions", TEXT),
    ],
);

/// svv_external_tables: there are no external schemas.
pub(super) const SVV_EXTERNAL_TABLES: SystemTable = table(
    "svv_external_tables",
    &[
        ("redshift_database_name", NAME),
        ("schemaname", NAME),
        ("tablename", NAME),
        ("tabletype", NAME),
        ("location", TEXT),
        ("input_format", NAME),
        ("output_format", NAME),
        ("serialization_lib", NAME),
        ("serde_parameters", TEXT),
        ("compressed", Integer),
        ("parameters", TEXT),
    ],
);

/// svv_external_columns: there are no external schemas.
pub(super) const SVV_EXTERNAL_COLUMNS: SystemTable = table(
    "svv_external_columns",
    &[
        ("redshift_database_name", NAME),
        ("schemaname", NAME),
        ("tablename", NAME),
        ("columnname", NAME),
        ("external_type", NAME),
        ("columnnum", Integer),
        ("part_key", Integer),
        ("is_nullable", NAME),
    ],
);

/// pg_opclass: operator classes belong to indexes.
pub(super) const PG_OPCLASS: SystemTable = table(
    "pg_opclass",
    &[
        ("oid", BigInt),
        ("opcname", NAME),
        ("opcmethod", BigInt),
        ("opcnamespace", BigInt),
        ("opcowner", Integer),
        ("opcintype", BigInt),
        ("opcdefault", Boolean),
        ("opckeytype", BigInt),
        ("opcfamily", BigInt),
        ("tableoid", BigInt),
    ],
);

/// pg_opfamily: as pg_opclass.
pub(super) const PG_OPFAMILY: SystemTable = table(
    "pg_opfamily",
    &[
        ("oid", BigInt),
        ("opfname", NAME),
        ("opfmethod", BigInt),
        ("opfnamespace", BigInt),
        ("opfowner", Integer),
        ("tableoid", BigInt),
    ],
);

/// pg_operator: operators of the system are not listed.
pub(super) const PG_OPERATOR: SystemTable = table(
    "pg_operator",
    &[
        ("oid", BigInt),
        ("oprname", NAME),
        ("oprnamespace", BigInt),
        ("oprowner", Integer),
        ("oprkind", LETTER),
        ("oprleft", BigInt),
        ("oprright", BigInt),
        ("oprresult", BigInt),
        ("oprcode", NAME),
        ("tableoid", BigInt),
    ],
);
