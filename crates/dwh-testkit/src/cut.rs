//! A TCP proxy that cuts its connections when they have carried so many bytes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// No limit.
const UNLIMITED: i64 = i64::MAX / 2;

/// A running proxy; dropping it stops it.
#[derive(Debug)]
pub struct CutProxy {
    address: SocketAddr,
    /// Bytes that may still pass, both ways together.
    budget: Arc<AtomicI64>,
    cuts: Arc<AtomicUsize>,
    carried: Arc<AtomicU64>,
    server: JoinHandle<()>,
}

impl CutProxy {
    /// Starts a proxy to an address, which lets everything through.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let budget = Arc::new(AtomicI64::new(UNLIMITED));
        let cuts = Arc::new(AtomicUsize::new(0));
        let carried = Arc::new(AtomicU64::new(0));
        let shared = (Arc::clone(&budget), Arc::clone(&cuts), Arc::clone(&carried));
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (budget, cuts, carried) = shared.clone();
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(target).await {
                        carry(client, server, &budget, &cuts, &carried).await;
                    }
                });
            }
        });
        Ok(Self { address, budget, cuts, carried, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the connection that carries the last of so many bytes, in the middle of a message if it comes so; later
    /// connections pass.
    pub fn cut_after(&self, bytes: u32) {
        self.budget.store(i64::from(bytes), Ordering::SeqCst);
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.budget.store(UNLIMITED, Ordering::SeqCst);
    }

    /// Bytes that have passed, both ways together.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for CutProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn carry(
    mut client: TcpStream,
    mut server: TcpStream,
    budget: &AtomicI64,
    cuts: &AtomicUsize,
    carried: &AtomicU64,
) {
    let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        let passed = tokio::select! {
            read = client.read(&mut up) => pass(read, &up, &mut server, budget).await,
            read = server.read(&mut down) => pass(read, &down, &mut client, budget).await,
        };
        match passed {
            Ok(0) => return,
            Ok(bytes) => {
                carried.fetch_add(bytes, Ordering::SeqCst);
            }
            Err(Cut) => {
                cuts.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }
}

/// The budget is used up.
struct Cut;

/// Passes on what was read, or as much of it as the budget allows, and says how many bytes; 0 is the end.
async fn pass(
    read: io::Result<usize>,
    buffer: &[u8],
    to: &mut TcpStream,
    budget: &AtomicI64,
) -> Result<u64, Cut> {
    let Ok(count @ 1..) = read else { return Ok(0) };
    let before = budget.fetch_sub(i64::try_from(count).unwrap_or(i64::MAX), Ordering::SeqCst);
    let allowed = usize::try_from(before).unwrap_or(0).min(count);
    if to.write_all(&buffer[..allowed]).await.is_err() {
        return Ok(0);
    }
    if allowed < count {
        budget.store(UNLIMITED, Ordering::SeqCst);
        return Err(Cut);
    }
    Ok(allowed as u64)
}
