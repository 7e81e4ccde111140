//! Tables of the catalog that never have rows here: clients ask for them, and the answer is that there is
//! nothing of the kind.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, Integer, Real, SmallInt, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

const NAME: RedshiftType = RedshiftType::Varchar(128);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const LETTER: RedshiftType = Char(1);

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

/// pg_statistic: what is known of columns is kept with the files.
pub(super) const PG_STATISTIC: SystemTable = table(
    "pg_statistic",
    &[
        ("starelid", BigInt),
        ("staattnum", SmallInt),
        ("stanullfrac", Real),
        ("stawidth", Integer),
        ("stadistinct", Real),
        ("stakind1", SmallInt),
        ("staop1", BigInt),
        ("stanumbers1", TEXT),
        ("stavalues1", TEXT),
    ],
);

/// svv_alter_table_recommendations: no advisor runs here.
pub(super) const SVV_ALTER_TABLE_RECOMMENDATIONS: SystemTable = table(
    "svv_alter_table_recommendations",
    &[
        ("type", TEXT),
        ("database", TEXT),
        ("table_id", Integer),
        ("group_id", Integer),
        ("ddl", TEXT),
        ("auto_eligible", TEXT),
    ],
);

/// svv_external_databases: there are no external databases.
pub(super) const SVV_EXTERNAL_DATABASES: SystemTable = table(
    "svv_external_databases",
    &[
        ("eskind", Integer),
        ("esoptions", TEXT),
        ("databasename", NAME),
        ("location", TEXT),
        ("parameters", TEXT),
    ],
);

/// svv_external_partitions: there are no external schemas.
pub(super) const SVV_EXTERNAL_PARTITIONS: SystemTable = table(
    "svv_external_partitions",
    &[
        ("schemaname", NAME),
        ("tablename", NAME),
        ("values", TEXT),
        ("location", TEXT),
        ("input_format", NAME),
        ("output_format", NAME),
        ("serialization_lib", NAME),
        ("serde_parameters", TEXT),
        ("compressed", Integer),
        ("parameters", TEXT),
    ],
);

/// sys_procedure_call: there are no procedures.
pub(super) const SYS_PROCEDURE_CALL: SystemTable = table(
    "sys_procedure_call",
    &[
        ("session_user_id", Integer),
        ("security_user_id", Integer),
        ("query_id", Integer),
        ("query_text", Char(4000)),
        ("start_time", Timestamp),
        ("end_time", Timestamp),
        ("status", Char(10)),
        ("caller_procedure_query_id", Integer),
    ],
);

/// sys_procedure_messages: there are no procedures.
pub(super) const SYS_PROCEDURE_MESSAGES: SystemTable = table(
    "sys_procedure_messages",
    &[
        ("transaction_id", BigInt),
        ("query_id", BigInt),
        ("record_time", Timestamp),
        ("log_level", Char(10)),
        ("message", Char(1024)),
        ("line_number", Integer),
    ],
);

/// svl_stored_proc_call: there are no procedures.
pub(super) const SVL_STORED_PROC_CALL: SystemTable = table(
    "svl_stored_proc_call",
    &[
        ("userid", Integer),
        ("session_userid", Integer),
        ("query", Integer),
        ("label", Char(320)),
        ("xid", BigInt),
        ("pid", Integer),
        ("database", Char(32)),
        ("querytxt", Char(4000)),
        ("starttime", Timestamp),
        ("endtime", Timestamp),
        ("aborted", Integer),
        ("from_sp_call", Integer),
    ],
);

/// svl_stored_proc_messages: there are no procedures.
pub(super) const SVL_STORED_PROC_MESSAGES: SystemTable = table(
    "svl_stored_proc_messages",
    &[
        ("userid", Integer),
        ("session_userid", Integer),
        ("pid", Integer),
        ("xid", BigInt),
        ("query", Integer),
        ("recordtime", Timestamp),
        ("loglevel", Integer),
        ("loglevel_text", Char(10)),
        ("message", Char(1024)),
        ("linenum", Integer),
        ("querytxt", Char(500)),
        ("label", Char(320)),
        ("aborted", Integer),
        ("message_xid", BigInt),
    ],
);

/// pg_external_schema: there are no external schemas.
pub(super) const PG_EXTERNAL_SCHEMA: SystemTable = table(
    "pg_external_schema",
    &[("esoid", BigInt), ("eskind", Integer), ("esdbname", TEXT), ("esoptions", TEXT)],
);

/// pg_library: there are no libraries.
pub(super) const PG_LIBRARY: SystemTable = table(
    "pg_library",
    &[("name", NAME), ("language_oid", BigInt), ("file_store_id", Integer), ("owner", Integer)],
);
