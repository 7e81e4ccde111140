//! Views of what there is none of here (the guide's pages SVV_…).

use dwh_common::RedshiftType::{BigInt, Boolean, Char, Integer, SmallInt, Timestamp, Varchar};

use super::{NAME, TEXT, none, tables};
use crate::system_tables::{PG_CATALOG, SystemTable};

pub(super) const TABLES: &[SystemTable] = tables! {
    // No advisor runs here.
    svv_alter_table_recommendations: type TEXT, database TEXT, table_id Integer, group_id Integer, ddl TEXT,
        auto_eligible TEXT;

    // There are no external schemas and no external databases.
    svv_external_columns: redshift_database_name NAME, schemaname NAME, tablename NAME, columnname NAME,
        external_type NAME, columnnum Integer, part_key Integer, is_nullable NAME;
    svv_external_databases: eskind Integer, esoptions TEXT, databasename NAME, location TEXT,
        parameters TEXT;
    svv_external_partitions: schemaname NAME, tablename NAME, values TEXT, location TEXT, input_format NAME,
        output_format NAME, serialization_lib NAME, serde_parameters TEXT, compressed Integer,
        parameters TEXT;
    svv_external_schemas: esoid BigInt, eskind SmallInt, schemaname NAME, esowner Integer,
        databasename NAME, esoptions TEXT;
    svv_external_tables: redshift_database_name NAME, schemaname NAME, tablename NAME, tabletype NAME,
        location TEXT, input_format NAME, output_format NAME, serialization_lib NAME, serde_parameters TEXT,
        compressed Integer, parameters TEXT;

    // There are no datashares.
    svv_datashare_consumers: share_name Varchar(128), consumer_account Varchar(16),
        consumer_namespace Varchar(64), share_date Timestamp;
    svv_datashare_objects: share_type Varchar(8), share_name Varchar(128), object_type Varchar(64),
        object_name Varchar(512), producer_account Varchar(16), producer_namespace Varchar(64),
        include_new Boolean;
    svv_datashare_privileges: datashare_name TEXT, privilege_type TEXT, identity_id Integer,
        identity_name TEXT, identity_type TEXT, admin_option Boolean;
    svv_datashares: share_name Varchar(128), share_id Integer, share_owner Integer,
        source_database Varchar(128), consumer_database Varchar(128), share_type Varchar(8),
        createdate Timestamp, is_publicaccessible Boolean, share_acl Varchar(256),
        producer_account Varchar(16), producer_namespace Varchar(64), managed_by Varchar(64);

    // Which policies a query met is not logged, and users come from no identity provider.
    svv_identity_providers: uid Integer, name TEXT, type TEXT, instanceid TEXT, namespc TEXT, params TEXT,
        enabled Boolean;
    svv_rls_applied_policy: username TEXT, query Integer, xid BigInt, pid Integer, recordtime Timestamp,
        command Char(1), datname TEXT, relschema TEXT, relname TEXT, polname TEXT, poldefault Char(1);

    // There are no models.
    svv_ml_model_info: database_name Char(128), schema_name Char(128), user_name Char(128),
        model_name Char(128), life_cycle Char(20), is_refreshable Integer, model_state Char(128);
    svv_ml_model_privileges: namespace_name TEXT, model_name TEXT, model_version Integer,
        privilege_type TEXT, identity_id Integer, identity_name TEXT, identity_type TEXT,
        admin_option Boolean;
};
