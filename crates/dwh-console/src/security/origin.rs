//! Which names the console answers to, and whose pages may ask it.
//!
//! A page of another site can send requests here: its name may even lead here (DNS rebinding). So the Host header must
//! be a name of the console's own, and a request that a browser sends must come from the console's own page.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// The values of Host that are answered, with their ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    /// The address itself, the names of loopback where it is one, and `names`, which have no port.
    pub fn new(address: SocketAddr, names: &[String]) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string()];
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}")));
        }
        for name in names {
            let name = name.to_ascii_lowercase();
            hosts.push(format!("{name}:{port}"));
            // Behind a proxy on the port of its protocol.
            hosts.push(name);
        }
        Self(hosts.into())
    }

    fn allows(&self, host: &str) -> bool {
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

/// Lets a request pass that was sent to a name of the console and, if a browser sent it, by the console's page.
pub(crate) async fn check_origin(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&hosts, request.method(), request.headers()) {
        Some(reason) => ApiError::new(StatusCode::FORBIDDEN, reason).into_response(),
        None => next.run(request).await,
    }
}

fn refusal(hosts: &AllowedHosts, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let Some(host) = text(HOST.as_str()).filter(|host| hosts.allows(host)) else {
        return Some("the console does not answer to this name; --host adds one");
    };
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    if let Some(site) = text("sec-fetch-site") {
        // `none` is what was typed into the address bar, or followed from another program.
        let is_own = site == "same-origin" || (is_safe && (site == "none" || is_navigation(headers)));
        if !is_own {
            return Some("the request comes from another site");
        }
    }
    match text(ORIGIN.as_str()) {
        Some(origin) => {
            let sender = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if sender != Some(host) { Some("the request comes from another site") } else { None }
        }
        None if !is_safe && text("sec-fetch-site").is_none() => {
            Some("a request that changes something must tell its Origin")
        }
        None => None,
    }
}

/// A link to the console, which shows a page and tells its owner nothing.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, wanted: &str| headers.get(name).is_some_and(|value| value == wanted);
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::{AllowedHosts, refusal};

    fn is_refused(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let hosts =
            AllowedHosts::new("127.0.0.1:8080".parse().expect("an address"), &["dwh.example".to_owned()]);
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        refusal(&hosts, &method, &headers).is_some()
    }

    #[test]
    fn only_names_of_the_console_are_answered() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "dwh.example"] {
            assert!(!is_refused(Method::GET, &[("host", host)]), "{host}");
        }
        for host in ["evil.example:8080", "127.0.0.1:9090", "localhost", "localhost.evil.example:8080", ""] {
            assert!(is_refused(Method::GET, &[("host", host)]), "{host}");
        }
        assert!(is_refused(Method::GET, &[]));
    }

    #[test]
    fn other_sites_change_and_read_nothing() {
        let host = ("host", "localhost:8080");
        let own = ("origin", "http://localhost:8080");
        let other = ("origin", "http://evil.example");
        assert!(!is_refused(Method::POST, &[host, own, ("sec-fetch-site", "same-origin")]));
        assert!(!is_refused(Method::POST, &[host, own]));
        assert!(is_refused(Method::POST, &[host, other]));
        assert!(is_refused(Method::POST, &[host, ("origin", "null")]));
        assert!(is_refused(Method::POST, &[host]));
        assert!(is_refused(Method::POST, &[host, ("sec-fetch-site", "none")]));
        assert!(is_refused(Method::POST, &[host, own, ("sec-fetch-site", "same-site")]));
        assert!(is_refused(Method::GET, &[host, ("sec-fetch-site", "cross-site")]));
        assert!(!is_refused(Method::GET, &[host, ("sec-fetch-site", "none")]));
        let link = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert!(!is_refused(Method::GET, &[host, ("sec-fetch-site", "cross-site"), link[0], link[1]]));
    }
}
