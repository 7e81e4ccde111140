//! This machine's address as AWS sees it.

use std::net::IpAddr;
use std::time::Duration;

use super::error::cause_of;
use crate::error::{ApiError, ApiErrorKind};

const URL: &str = "https://checkip.amazonaws.com";
const LONGEST: Duration = Duration::from_secs(10);

pub(super) async fn own_address() -> Result<IpAddr, ApiError> {
    ask(URL, LONGEST).await
}

async fn ask(url: &str, longest: Duration) -> Result<IpAddr, ApiError> {
    let problem = |message: String| ApiError {
        service: "checkip",
        operation: "GetAddress",
        kind: ApiErrorKind::Other,
        code: String::new(),
        message: format!("{message}; give the range of addresses to let in with --cidr"),
    };
    let text = async {
        let client = reqwest::Client::builder().timeout(longest).build()?;
        client.get(url).send().await?.error_for_status()?.text().await
    };
    let text = text.await.map_err(|error| {
        problem(format!("{url} does not tell this machine's address: {}", cause_of(&error)))
    })?;
    text.trim().parse().map_err(|_| problem(format!("{url} answered {text:?}, which is no address")))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::ask;

    #[tokio::test]
    async fn who_never_answers_is_not_waited_for() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", silent.local_addr().expect("an address"));
        let error = ask(&url, Duration::from_millis(20)).await.expect_err("no answer").to_string();
        assert!(error.contains("timed out") && error.contains("--cidr"), "{error}");
    }
}
