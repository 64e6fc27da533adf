//! A demo while it runs: what is looked at between two steps, whatever moves the clock.

use std::sync::Arc;
use std::time::Duration;

use actors::{System, Told};
use domain::id::ProjectId;
use domain::time::Timestamp;
use persistence::Store;
use simulator::World;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

use super::live::Live;
use super::people::People;
use super::summary;
use crate::error::AppError;

/// How often it is asked whether everything has come to its end.
const CHECK_EVERY: Duration = Duration::from_secs(3600);

/// How long after the last post the demo ends at the latest: the longest window, a night, and a login that took its time.
const TAIL: Duration = Duration::from_secs(48 * 3600);

/// A running demo.
pub(crate) struct Show {
    pub(crate) store: Store,
    pub(crate) system: System,
    pub(crate) world: Arc<World>,
    pub(crate) people: People,
    pub(crate) project: ProjectId,
    pub(crate) until: Timestamp,
    pub(crate) live: Live,
    pub(crate) events: broadcast::Receiver<Arc<Told>>,
    pub(crate) checked_at: Timestamp,
}

impl Show {
    /// Hears the news, lets the people act, shows how far it is. Whether the demo is over.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub(crate) async fn look_around(&mut self, now: Timestamp) -> Result<bool, AppError> {
        self.hear();
        self.people.act(now).await?;
        self.live.at(now);
        self.world.mark_time(now);
        if let Some(trouble) = self.world.trouble() {
            return Err(AppError::Record(trouble));
        }
        if now.since(self.checked_at) < CHECK_EVERY {
            return Ok(false);
        }
        self.checked_at = now;
        if now < self.until {
            return Ok(false);
        }
        let unfinished = summary::Counts::of(&self.store, self.project).await?.unfinished();
        Ok(unfinished == 0 || now >= self.until + TAIL)
    }

    fn hear(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(event) => {
                    self.people.hear(&event);
                    self.live.tell(&event);
                }
                // Only the picture suffers: what matters is in the Store.
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}
