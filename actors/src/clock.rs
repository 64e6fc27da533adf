//! The one clock: the only place that reads the machine's time, and the two stand-ins that replace it.
//!
//! Everything that waits for a time waits here, through [`Timer::until`], which hands back a [`Flight`]: whoever was woken
//! holds it until the work that the wake-up caused is on its way, so the tree never looks idle in between.
//!
//! - [`SystemClock`] is the machine's time.
//! - [`ScaledClock`] starts anywhere and runs a number of times faster.
//! - [`VirtualClock`] stands still until somebody moves it: a month passes as fast as its work is done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use domain::time::{Clock, Timestamp};
use tokio::sync::oneshot;

use crate::runtime::{Flight, Traffic};

/// A clock that can be waited on.
#[async_trait]
pub trait Timer: Clock {
    /// Waits until the clock shows at least `at`; at once if it does already.
    async fn until(&self, at: Timestamp, traffic: &Arc<Traffic>) -> Flight;
}

/// The machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH + since_epoch
    }
}

#[async_trait]
impl Timer for SystemClock {
    async fn until(&self, at: Timestamp, traffic: &Arc<Traffic>) -> Flight {
        tokio::time::sleep(at.since(self.now())).await;
        traffic.depart()
    }
}

/// Time that starts at a given moment and runs `speed` times as fast as the machine's.
#[derive(Clone, Copy, Debug)]
pub struct ScaledClock {
    start: Timestamp,
    began: Instant,
    speed: f64,
}

impl ScaledClock {
    /// Starts now, showing `start`. A speed that is not positive counts as 1.
    #[must_use]
    pub fn starting(start: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { start, began: Instant::now(), speed }
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        self.start + self.began.elapsed().mul_f64(self.speed)
    }
}

#[async_trait]
impl Timer for ScaledClock {
    async fn until(&self, at: Timestamp, traffic: &Arc<Traffic>) -> Flight {
        // The machine's timer counts milliseconds, so at a high speed a wait can end a little early: wait again.
        while self.now() < at {
            let rest = at.since(self.now()).div_f64(self.speed);
            tokio::time::sleep(rest.max(Duration::from_millis(1))).await;
        }
        traffic.depart()
    }
}

/// Time that stands still until it is moved.
#[derive(Debug)]
pub struct VirtualClock {
    now: AtomicI64,
    ticket: AtomicU64,
    waiting: Mutex<BTreeMap<(Timestamp, u64), oneshot::Sender<Flight>>>,
}

impl VirtualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn starting(start: Timestamp) -> Self {
        Self { now: AtomicI64::new(start.micros()), ticket: AtomicU64::new(0), waiting: Mutex::default() }
    }

    /// Moves the clock forward (never back) and wakes everybody whose time has come.
    pub fn advance(&self, to: Timestamp, traffic: &Arc<Traffic>) {
        let due = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.now.fetch_max(to.micros(), Ordering::SeqCst);
            let later = waiting.split_off(&(to, u64::MAX));
            std::mem::replace(&mut *waiting, later)
        };
        for sleeper in due.into_values() {
            // A sleeper that was dropped meanwhile gives its flight back by dropping it.
            drop(sleeper.send(traffic.depart()));
        }
    }

    /// The earliest time that somebody waits for.
    #[must_use]
    pub fn next_waiter(&self) -> Option<Timestamp> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(first) = waiting.first_entry() {
            if !first.get().is_closed() {
                return Some(first.key().0);
            }
            first.remove();
        }
        None
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Timer for VirtualClock {
    async fn until(&self, at: Timestamp, traffic: &Arc<Traffic>) -> Flight {
        let woken = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if self.now() >= at {
                return traffic.depart();
            }
            let (sleeper, woken) = oneshot::channel();
            waiting.insert((at, self.ticket.fetch_add(1, Ordering::Relaxed)), sleeper);
            woken
        };
        // The sender is only dropped with the clock itself, and then nobody is left to be misled.
        woken.await.unwrap_or_else(|_| traffic.depart())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_virtual_sleeper_wakes_when_its_time_is_reached_and_counts_as_work_from_then_on() {
        let traffic = Traffic::new();
        let clock = Arc::new(VirtualClock::starting(Timestamp::from_secs(10)));
        let (sleeping, on) = (clock.clone(), traffic.clone());
        let sleeper = tokio::spawn(async move { sleeping.until(Timestamp::from_secs(20), &on).await });
        while clock.next_waiter().is_none() {
            tokio::task::yield_now().await;
        }
        clock.advance(Timestamp::from_secs(19), &traffic);
        assert_eq!((traffic.in_flight(), clock.next_waiter()), (0, Some(Timestamp::from_secs(20))));
        clock.advance(Timestamp::from_secs(20), &traffic);
        assert_eq!(traffic.in_flight(), 1, "the wake-up is work before the sleeper has even run");
        drop(sleeper.await.unwrap());
        assert_eq!(traffic.in_flight(), 0);
    }

    #[tokio::test]
    async fn the_virtual_clock_never_goes_back() {
        let (clock, traffic) = (VirtualClock::starting(Timestamp::from_secs(10)), Traffic::new());
        clock.advance(Timestamp::from_secs(5), &traffic);
        assert_eq!(clock.now(), Timestamp::from_secs(10));
    }
}
