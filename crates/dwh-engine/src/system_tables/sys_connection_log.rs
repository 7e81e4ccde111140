//! sys_connection_log: sessions that began and ended (the guide's page SYS_CONNECTION_LOG).

use dwh_common::RedshiftType::{Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::log_rows::{micros, sessions};
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

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
    let mut rows = Vec::new();
    for session in sessions(view)? {
        let events = [
            ("initiating session", Some(session.started_at)),
            ("authenticated", Some(session.started_at)),
            ("disconnecting session", session.ended_at),
        ];
        for (event, at) in events {
            let Some(at) = at else { continue };
            let client = session.client.clone();
            rows.push(vec![
                event.into(),
                at.into(),
                client.remote_host.into(),
                client.remote_port.into(),
                session.session_id.into(),
                session.database.clone().into(),
                session.user_name.clone().into(),
                client.auth_method.into(),
                micros(session.started_at, at).into(),
                client.tls_version.into(),
                client.tls_cipher.into(),
                0.into(),
                "".into(),
                "".into(),
                "".into(),
                client.application_name.into(),
                client.driver_version.into(),
                client.os_version.into(),
                client.plugin_name.into(),
                client.protocol_version.into(),
                "".into(),
            ]);
        }
    }
    Ok(rows)
}
