use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use super::destination::Destination;

/// What an UNLOAD has written so far, so that it can be taken back when the UNLOAD fails or is dropped.
#[derive(Debug)]
pub(super) struct Written {
    destination: Destination,
    urls: Mutex<Vec<String>>,
    /// Folders made for files, outer ones first.
    folders: Mutex<Vec<PathBuf>>,
    /// Every object being written holds it for reading, so that removal waits for all of them to end.
    gate: Arc<RwLock<()>>,
    is_kept: AtomicBool,
}

impl Written {
    pub(super) fn new(destination: Destination) -> Self {
        Self {
            destination,
            urls: Mutex::default(),
            folders: Mutex::default(),
            gate: Arc::default(),
            is_kept: AtomicBool::new(false),
        }
    }

    /// What an object holds while it is written.
    pub(super) async fn enter(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.gate).read_owned().await
    }

    /// Notes an object that is about to appear.
    pub(super) fn note(&self, url: &str) {
        lock(&self.urls).push(url.to_owned());
    }

    /// Makes the folder of a file, and notes what was not there.
    pub(super) fn make_folder(&self, folder: &Path) -> std::io::Result<()> {
        let mut folders = lock(&self.folders);
        let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        std::fs::create_dir_all(folder)?;
        folders.extend(missing.into_iter().rev().map(Path::to_owned));
        Ok(())
    }

    /// The UNLOAD has succeeded.
    pub(super) fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    /// Takes everything back, where possible: the error that led here is the one to report.
    pub(super) async fn remove(&self) {
        self.keep();
        let _all_ended = self.gate.write().await;
        let urls = std::mem::take(&mut *lock(&self.urls));
        if let Err(error) = self.destination.delete(urls).await {
            tracing::warn!(%error, "a failed UNLOAD could not remove all that it had written");
        }
        self.remove_folders();
    }

    /// Removes the folders made, unless something else has come to lie in them.
    fn remove_folders(&self) {
        for folder in std::mem::take(&mut *lock(&self.folders)).into_iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

impl Drop for Written {
    /// A cancelled UNLOAD takes back what it can without waiting.
    fn drop(&mut self) {
        if self.is_kept.load(Ordering::Relaxed) {
            return;
        }
        let urls = std::mem::take(&mut *lock(&self.urls));
        let (destination, gate) = (self.destination.clone(), Arc::clone(&self.gate));
        let folders = Mutex::new(std::mem::take(&mut *lock(&self.folders)));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let rest = Self {
                    urls: Mutex::new(urls),
                    folders,
                    gate,
                    is_kept: AtomicBool::new(true),
                    destination,
                };
                rest.remove().await;
            });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
