//! The HTTP port: listening, with TLS or without, and serving routers until told to stop.

mod listener;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::map_request;
use dwh_server::Identity;
use tokio::net::TcpListener;

use self::listener::{HttpListener, Peer, tell_peer};

/// Requests that are under way when the server stops have so long.
const TO_FINISH: Duration = Duration::from_secs(2);

/// A port that is listened on.
pub(crate) struct HttpPort {
    listener: HttpListener,
    /// The address, its port chosen.
    pub(crate) address: SocketAddr,
}

impl HttpPort {
    /// Listens, for TLS only if there is a certificate.
    ///
    /// # Errors
    /// The address is taken, or is none of this machine; the certificate does not serve.
    pub(crate) async fn bind(address: SocketAddr, identity: Option<&Identity>) -> anyhow::Result<Self> {
        let tls = identity.map(|identity| identity.acceptor(&["http/1.1"])).transpose()?;
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr().context("the HTTP port has no address")?;
        Ok(Self { listener: HttpListener::new(listener, tls), address })
    }

    /// Whether it speaks TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.listener.is_tls()
    }

    /// Where a program on this machine finds it: `http://127.0.0.1:8439`.
    pub(crate) fn origin(&self) -> String {
        let ip = self.address.ip();
        let ip = if ip.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { ip };
        let scheme = if self.is_tls() { "https" } else { "http" };
        format!("{scheme}://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Serves until `stop`; what waits for long answers then is cut off.
    ///
    /// # Errors
    /// The listener fails.
    pub(crate) async fn serve(
        self,
        router: Router,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let stopped = async move {
            stop.await;
            drop(sender);
        };
        let router = router.layer(map_request(tell_peer));
        let service = router.into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(stopped).into_future();
        let cut_off = async {
            let _ = receiver.await;
            tokio::time::sleep(TO_FINISH).await;
        };
        tokio::select! {
            served = serving => served.context("the HTTP port failed"),
            () = cut_off => Ok(()),
        }
    }
}
