//! The HTTP port: listening, and serving routers until told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;

/// Requests that are under way when the server stops have so long.
const TO_FINISH: Duration = Duration::from_secs(2);

/// A port that is listened on.
pub(crate) struct HttpPort {
    listener: TcpListener,
    /// The address, its port chosen.
    pub(crate) address: SocketAddr,
}

impl HttpPort {
    /// Listens.
    ///
    /// # Errors
    /// The address is taken, or is none of this machine.
    pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr().context("the HTTP port has no address")?;
        Ok(Self { listener, address })
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
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
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
