//! Waiting for what another task brings about, without sleeping and without end.

use std::fmt::Debug;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `reached` holds of what `look` sees, looking again after each signal; returns it. `signal` resolves when
/// something may have changed.
///
/// # Panics
/// After 20 seconds, telling what was awaited and what was seen last.
pub async fn until<T: Debug>(
    awaited: &str,
    mut signal: impl AsyncFnMut(),
    mut look: impl AsyncFnMut() -> T,
    reached: impl Fn(&T) -> bool,
) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        if reached(&seen) {
            return seen;
        }
        if tokio::time::timeout_at(deadline, signal()).await.is_err() {
            panic!("waited {PATIENCE:?} for {awaited}; last seen: {seen:?}");
        }
    }
}
