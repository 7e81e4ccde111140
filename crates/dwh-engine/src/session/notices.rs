//! Notices that a statement tells before it ends: a procedure may raise many, and then fail.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::result::Notice;

/// Notices on their way to the client.
#[derive(Debug, Default)]
pub(super) struct Notices {
    waiting: Mutex<Vec<Notice>>,
    told: Notify,
}

impl Notices {
    pub(super) fn tell(&self, notice: Notice) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        self.told.notify_one();
    }

    pub(super) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until there is one, unless there is.
    pub(super) async fn wait(&self) -> Vec<Notice> {
        loop {
            let waiting = self.take();
            if !waiting.is_empty() {
                return waiting;
            }
            self.told.notified().await;
        }
    }
}
