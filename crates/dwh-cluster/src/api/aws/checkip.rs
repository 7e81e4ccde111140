//! This machine's address as AWS sees it.

use std::net::IpAddr;

use crate::error::{ApiError, ApiErrorKind};

const URL: &str = "https://checkip.amazonaws.com";

pub(super) async fn own_address() -> Result<IpAddr, ApiError> {
    let problem = |message: String| ApiError {
        service: "checkip",
        operation: "GetAddress",
        kind: ApiErrorKind::Other,
        code: String::new(),
        message: format!("{message}; give the range of addresses to let in with --cidr"),
    };
    let text = async { reqwest::get(URL).await?.error_for_status()?.text().await };
    let text = text
        .await
        .map_err(|error| problem(format!("{URL} does not tell this machine's address ({error})")))?;
    text.trim().parse().map_err(|_| problem(format!("{URL} answered {text:?}, which is no address")))
}
