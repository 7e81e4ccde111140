//! sys_connection_log: sessions that began and ended (the guide's page SYS_CONNECTION_LOG).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView, stl_connection_log};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "sys_connection_log",
    columns: &[
        ("event", Char(50)),
        ("record_time", Timestamp),
        ("remote_host", Char(45)),
        ("remote_port", Char(32)),
        ("session_id", Integer),
        ("database_name", Char(50)),
        ("user_name", Char(50)),
        ("auth_method", Char(32)),
        ("duration", Integer),
        ("ssl_version", Char(50)),
        ("ssl_cipher", Char(128)),
        ("mtu", Integer),
        ("ssl_compression", Char(64)),
        ("ssl_expansion", Char(64)),
        ("iam_auth_guid", Char(36)),
        ("application_name", Char(250)),
        ("driver_version", Char(64)),
        ("os_version", Char(64)),
        ("plugin_name", Char(32)),
        ("protocol_version", Integer),
        ("global_session_id", Char(36)),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let columns = [
        "event",
        "recordtime",
        "remotehost",
        "remoteport",
        "pid",
        "dbname",
        "username",
        "authmethod",
        "duration",
        "sslversion",
        "sslcipher",
        "mtu",
        "sslcompression",
        "sslexpansion",
        "iamauthguid",
        "application_name",
        "driver_version",
        "os_version",
        "plugin_name",
        "protocol_version",
        "sessionid",
    ];
    stl_connection_log::TABLE.picked(&columns, view)
}
