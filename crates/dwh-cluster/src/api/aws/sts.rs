//! Who calls.

use aws_sdk_sts::Client;

use super::error::call;
use crate::api::Caller;
use crate::error::ApiError;

pub(super) async fn caller(client: &Client) -> Result<Caller, ApiError> {
    let found = client.get_caller_identity().send().await.map_err(call("sts", "GetCallerIdentity"))?;
    Ok(Caller {
        account: found.account().unwrap_or_default().to_owned(),
        arn: found.arn().unwrap_or_default().to_owned(),
    })
}
