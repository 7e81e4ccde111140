//! The parameters whose values a server tells its clients without being asked (RS 5.1).

use bytes::BytesMut;
use dwh_engine::Session;

use crate::message::backend;

/// Name on the wire, name in the session.
const REPORTED: &[(&str, &str)] = &[
    ("server_version", "server_version"),
    ("server_encoding", "server_encoding"),
    ("client_encoding", "client_encoding"),
    ("DateStyle", "datestyle"),
    ("TimeZone", "timezone"),
    ("integer_datetimes", "integer_datetimes"),
    ("session_authorization", "session_authorization"),
    ("application_name", "application_name"),
];

/// What Redshift sends beside them: drivers know it by these, and widen their metadata queries by the last
/// two. `standard_conforming_strings` and `server_protocol_version` are left out on purpose (RS 5.1).
const FIXED: &[(&str, &str)] = &[
    ("padb_version", "1.0.121010"),
    ("padb_revision", "dwh"),
    ("datashare_enabled", "off"),
    ("external_database", "off"),
];

/// The values that the client has been told.
#[derive(Default)]
pub(super) struct ReportedParameters(Vec<String>);

impl ReportedParameters {
    /// Tells the client what has changed; everything the first time.
    pub(super) async fn report(&mut self, session: &Session, out: &mut BytesMut) {
        if self.0.is_empty() {
            FIXED.iter().for_each(|(name, value)| backend::parameter_status(out, name, value));
        }
        let mut values = Vec::with_capacity(REPORTED.len() + 1);
        for (name, setting) in REPORTED {
            values.push((*name, session.setting(setting).await.unwrap_or_default()));
        }
        let is_superuser = session.is_superuser().await.unwrap_or_default();
        values.push(("is_superuser", if is_superuser { "on" } else { "off" }.to_owned()));
        for (index, (name, value)) in values.into_iter().enumerate() {
            if self.0.get(index) == Some(&value) {
                continue;
            }
            backend::parameter_status(out, name, &value);
            if index < self.0.len() {
                self.0[index] = value;
            } else {
                self.0.push(value);
            }
        }
    }
}
