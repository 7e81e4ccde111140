//! The Redshift Data API on the HTTP port of `dwh serve`.

use std::net::SocketAddr;

use dwh_common::Secret;
use dwh_data_api::{AccessKey, DataApi, DataApiOptions};
use dwh_engine::Engine;

use crate::args::ServeArgs;
use crate::context::Context;
use crate::report::UsageError;

/// The API, if it is to be answered: with a key of `[HTTP]`, with which requests must be signed; without one only
/// where this machine alone can connect and somebody has asked for the port, as `--ephemeral` does.
///
/// # Errors
/// Half a key; the catalog cannot be read.
pub(super) fn data_api(
    args: &ServeArgs,
    context: &Context,
    engine: &Engine,
    address: SocketAddr,
) -> anyhow::Result<Option<DataApi>> {
    let get = |name| context.text("HTTP", name);
    let is_asked_for = args.http.is_some() || args.ephemeral;
    let access_key = match (get("ACCESS_KEY_ID"), get("SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Some(AccessKey { id: id.to_owned(), secret: Secret::new(secret) }),
        (None, None) if is_asked_for && address.ip().is_loopback() => None,
        (None, None) => return Ok(None),
        _ => {
            let message = "one of [HTTP] ACCESS_KEY_ID and SECRET_ACCESS_KEY is missing";
            return Err(UsageError::new(message, "set both, or neither").into());
        }
    };
    let options = DataApiOptions { owner: engine.owner_name()?, access_key };
    Ok(Some(DataApi::new(engine.clone(), options)))
}
