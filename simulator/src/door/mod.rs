//! The in-process door: the port `telegram::Telegram` on a [`World`], without a network between.
//!
//! Every call first lets the world catch up with the clock, then asks it one question under its lock. What the product gets
//! to see is exactly what the port can express; what it may not see is refused as Telegram would.

mod connection;
mod line;

use std::sync::Arc;

use async_trait::async_trait;
use domain::id::AccountId;
use domain::time::Clock;
use telegram::{Connection, Route, Session, Telegram, TelegramError};

use crate::world::World;
use connection::InProcess;
pub(crate) use line::{Heard, Line, Told, Traffic};

/// The door to a world. Sessions come from [`World::session`].
#[derive(Clone)]
pub struct Door {
    world: Arc<World>,
    clock: Arc<dyn Clock>,
}

impl Door {
    /// A door whose calls happen at the clock's time.
    #[must_use]
    pub fn new(world: Arc<World>, clock: Arc<dyn Clock>) -> Self {
        Self { world, clock }
    }

    /// How many updates and ends of connections the product has yet to deal with: queued ones, and those handed out last until
    /// their streams are asked again. A virtual clock moves on only at 0.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.world.traffic().pending()
    }

    /// How many updates were dropped because a stream's queue was full.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.world.traffic().dropped()
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("pending", &self.pending()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Telegram for Door {
    async fn connect(
        &self,
        _: AccountId,
        session: &Session,
        _: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        let (account, line) = self.world.with(self.clock.now(), |state| state.connect(session))?;
        Ok(Box::new(InProcess { world: self.world.clone(), clock: self.clock.clone(), account, line }))
    }
}
