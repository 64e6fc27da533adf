//! What is known of one actor from outside, kept across its restarts.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters of one actor. Written by its shell and its supervisor, read by anyone.
#[derive(Debug, Default)]
pub(crate) struct Vitals {
    depth: AtomicUsize,
    handled: AtomicU64,
    restarts: AtomicU32,
    last_error: Mutex<Option<Box<str>>>,
}

impl Vitals {
    pub(crate) fn enter(&self) {
        self.depth.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.depth.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn count_handled(&self) {
        self.handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_restart(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn note_error(&self, error: &str) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.into());
    }

    /// Messages waiting or being handled.
    pub(crate) fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Relaxed)
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).as_deref().map(str::to_owned)
    }
}
