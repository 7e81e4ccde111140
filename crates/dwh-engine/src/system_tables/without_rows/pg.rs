//! Tables of the catalog without rows: clients ask for them, and the answer is that there is nothing of the kind.

use dwh_common::RedshiftType::{BigInt, Boolean, Char, Integer, Real, SmallInt};

use super::{NAME, TEXT, none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // No table has a trigger or a child.
    pg_inherits: inhrelid BigInt, inhparent BigInt, inhseqno Integer, inhdetachpending Boolean;
    pg_trigger: oid BigInt, tgrelid BigInt, tgname NAME, tgfoid BigInt, tgtype SmallInt, tgenabled Char(1),
        tgisinternal Boolean, tgconstraint BigInt, tgparentid BigInt, tgdeferrable Boolean,
        tginitdeferred Boolean, tgnargs SmallInt, tableoid BigInt;

    // There is nothing of the kind.
    pg_enum: oid BigInt, enumtypid BigInt, enumlabel NAME;
    pg_external_schema: esoid BigInt, eskind Integer, esdbname TEXT, esoptions TEXT;
    pg_library: name NAME, language_oid BigInt, file_store_id Integer, owner Integer;
    pg_range: rngtypid BigInt, rngsubtype BigInt;
    pg_shdescription: objoid BigInt, classoid BigInt, description TEXT;

    // Only the system has them.
    pg_collation: oid BigInt, collname NAME, collnamespace BigInt, collowner Integer, collprovider Char(1),
        collencoding Integer;
    pg_opclass: oid BigInt, opcname NAME, opcmethod BigInt, opcnamespace BigInt, opcowner Integer,
        opcintype BigInt, opcdefault Boolean, opckeytype BigInt, opcfamily BigInt, tableoid BigInt;
    pg_operator: oid BigInt, oprname NAME, oprnamespace BigInt, oprowner Integer, oprkind Char(1),
        oprleft BigInt, oprright BigInt, oprresult BigInt, oprcode NAME, tableoid BigInt;
    pg_opfamily: oid BigInt, opfname NAME, opfmethod BigInt, opfnamespace BigInt, opfowner Integer,
        tableoid BigInt;

    // What is known of columns is kept with their files.
    pg_statistic: starelid BigInt, staattnum SmallInt, stanullfrac Real, stawidth Integer, stadistinct Real,
        stakind1 SmallInt, stakind2 SmallInt, stakind3 SmallInt, stakind4 SmallInt, staop1 BigInt,
        staop2 BigInt, staop3 BigInt, staop4 BigInt, stanumbers1 TEXT, stanumbers2 TEXT, stanumbers3 TEXT,
        stanumbers4 TEXT, stavalues1 TEXT, stavalues2 TEXT, stavalues3 TEXT, stavalues4 TEXT;
};
