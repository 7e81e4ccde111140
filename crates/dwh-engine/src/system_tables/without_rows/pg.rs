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
    pg_enum: oid BigInt, enumtypid BigInt, enumsortorder Real, enumlabel NAME;
    pg_external_schema: esoid BigInt, eskind Integer, esdbname TEXT, esoptions TEXT;
    pg_library: name NAME, language_oid BigInt, file_store_id Integer, owner Integer;
    pg_range: rngtypid BigInt, rngsubtype BigInt;
    pg_shdescription: objoid BigInt, classoid BigInt, description TEXT;

    // Later PostgreSQL has them; psql asks for all of them.
    pg_db_role_setting: setdatabase BigInt, setrole BigInt, setconfig TEXT;
    pg_extension: oid BigInt, extname NAME, extowner Integer, extnamespace BigInt, extrelocatable Boolean,
        extversion TEXT, tableoid BigInt;
    pg_foreign_data_wrapper: oid BigInt, fdwname NAME, fdwowner Integer, fdwhandler BigInt, fdwvalidator BigInt,
        fdwacl TEXT, fdwoptions TEXT, tableoid BigInt;
    pg_foreign_server: oid BigInt, srvname NAME, srvowner Integer, srvfdw BigInt, srvtype TEXT, srvversion TEXT,
        srvacl TEXT, srvoptions TEXT, tableoid BigInt;
    pg_foreign_table: ftrelid BigInt, ftserver BigInt, ftoptions TEXT;
    pg_largeobject_metadata: oid BigInt, lomowner Integer, lomacl TEXT;
    pg_ts_config: oid BigInt, cfgname NAME, cfgnamespace BigInt, cfgowner Integer, cfgparser BigInt;
    pg_ts_dict: oid BigInt, dictname NAME, dictnamespace BigInt, dictowner Integer, dicttemplate BigInt,
        dictinitoption TEXT;
    pg_ts_parser: oid BigInt, prsname NAME, prsnamespace BigInt, prsstart BigInt, prstoken BigInt, prsend BigInt,
        prsheadline BigInt, prslextype BigInt;
    pg_ts_template: oid BigInt, tmplname NAME, tmplnamespace BigInt, tmplinit BigInt, tmpllexize BigInt;
    pg_user_mappings: umid BigInt, srvid BigInt, srvname NAME, umuser Integer, usename NAME, umoptions TEXT;

    // Only the system has them.
    pg_amop: oid BigInt, amopfamily BigInt, amoplefttype BigInt, amoprighttype BigInt, amopstrategy SmallInt,
        amoppurpose Char(1), amopopr BigInt, amopmethod BigInt;
    pg_amproc: oid BigInt, amprocfamily BigInt, amproclefttype BigInt, amprocrighttype BigInt,
        amprocnum SmallInt, amproc BigInt;
    pg_conversion: oid BigInt, conname NAME, connamespace BigInt, conowner Integer, conforencoding Integer,
        contoencoding Integer, conproc NAME, condefault Boolean, tableoid BigInt;
    pg_collation: oid BigInt, collname NAME, collnamespace BigInt, collowner Integer, collprovider Char(1),
        collencoding Integer, collcollate NAME, collctype NAME;
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
