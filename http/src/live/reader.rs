//! One reader of the stream: where it is, and how it gets what comes next.
//!
//! Everything up to `last` was told or is none of its business. The outbox and the broadcast have the same order, so going
//! over from one to the other is a comparison of ids: what the broadcast brings once more is left out, and what it dropped
//! is read from the outbox.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use actors::Told;
use bytes::{Bytes, BytesMut};
use domain::event::EventType;
use domain::id::EventId;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{Audience, frame};
use crate::auth::{Caller, Proof};
use crate::gateway::Gateway;
use crate::problem::{Failure, Kind};

/// Between two signs of life.
pub(super) const BEAT: Duration = Duration::from_secs(15);

/// Events read from the outbox at once.
const PAGE: u32 = 200;

/// Events that are told in one go when there are many.
const HANDFUL: usize = 64;

/// A reader.
pub(crate) struct Reader {
    gateway: Gateway,
    audience: Audience,
    live: broadcast::Receiver<Arc<Told>>,
    last: EventId,
    /// Whether the outbox has, or may have, what the broadcast will not bring.
    behind: bool,
    /// What is to be told before anything else.
    first: Option<Bytes>,
    beat: Interval,
    closing: watch::Receiver<bool>,
    _room: OwnedSemaphorePermit,
}

impl Reader {
    /// A reader who heard everything up to `last` already, or begins now.
    ///
    /// # Errors
    /// Those of [`Audience::of`]; 503 when there are too many streams.
    pub(crate) async fn begin(
        gateway: &Gateway,
        caller: (&Caller, Proof),
        project: Option<i64>,
        kinds: HashSet<EventType>,
        last: Option<EventId>,
    ) -> Result<Self, Failure> {
        let audience = Audience::of(gateway, caller, project, kinds).await?;
        let full = || Failure::of(Kind::Unavailable, "too many streams are open; try again later".to_owned());
        let room = gateway.live.room().ok_or_else(full)?;
        // What happens while it is found out where to begin is in here.
        let live = gateway.system.subscribe();
        let newest = gateway.store.latest_event().await?;
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reader = Self {
            gateway: gateway.clone(),
            audience,
            live,
            last: newest,
            behind: false,
            first: None,
            beat,
            closing: gateway.live.closing.subscribe(),
            _room: room,
        };
        let mut greeting = BytesMut::new();
        match last {
            // An id that was never given: of another installation, or of a database that was put back.
            Some(last) if last > newest => {
                greeting.extend_from_slice(&frame::gone(EventId(newest.get() + 1)))
            }
            Some(last) => {
                reader.last = last;
                greeting.extend(reader.fall_behind().await?);
            }
            None => {}
        }
        reader.first = Some([frame::greeting(reader.last), greeting.freeze()].concat().into());
        Ok(reader)
    }

    /// What the reader is to be sent next; `None` when the stream ends.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let told = if self.behind { self.read_on().await } else { self.follow().await };
            match told {
                Ok(Some(told)) if told.is_empty() => {}
                Ok(told) => return told,
                Err(_) => return None, // it was logged; whoever reads comes back and goes on where they were
            }
        }
    }

    /// From now on it reads from the outbox. Returns what is to be told if that does not reach back far enough.
    async fn fall_behind(&mut self) -> Result<Option<Bytes>, Failure> {
        self.behind = true;
        let oldest = self.gateway.store.oldest_event().await?;
        let missed = oldest.filter(|oldest| self.last.get() + 1 < oldest.get());
        Ok(missed.map(|oldest| {
            self.last = EventId(oldest.get() - 1);
            frame::gone(oldest)
        }))
    }

    /// The next events of the outbox that are for this reader; it follows the broadcast again when there are no more.
    async fn read_on(&mut self) -> Result<Option<Bytes>, Failure> {
        if *self.closing.borrow() || !self.is_somebody_there().await? {
            return Ok(None);
        }
        // Never closed.
        let turn = self.gateway.live.pages.clone().acquire_owned().await;
        let page = self.gateway.store.events_after(self.last, PAGE).await?;
        drop(turn);
        self.behind = page.len() == PAGE as usize;
        let mut told = BytesMut::new();
        for event in page {
            self.last = event.id;
            if self.audience.hears(&event) {
                told.extend_from_slice(&frame::event(&event));
            }
        }
        Ok(Some(told.freeze()))
    }

    /// What the broadcast brings next, or a sign of life. Empty if it was not for this reader.
    async fn follow(&mut self) -> Result<Option<Bytes>, Failure> {
        let next = tokio::select! {
            biased;
            _ = self.closing.changed() => return Ok(None),
            _ = self.beat.tick() => {
                let there = self.audience.ask_again(&self.gateway).await?;
                return Ok(there.then(|| frame::heartbeat(self.last)));
            }
            next = self.live.recv() => next,
        };
        let mut next = match next {
            Ok(told) => Some(told),
            Err(RecvError::Lagged(_)) => return Ok(Some(self.fall_behind().await?.unwrap_or_default())),
            Err(RecvError::Closed) => return Ok(None),
        };
        if !self.is_somebody_there().await? {
            return Ok(None);
        }
        let mut handful = Vec::new();
        while let Some(told) = next {
            if told.id > self.last {
                self.last = told.id;
                if self.audience.hears(&told) {
                    handful.push(told.shown(frame::event));
                }
            }
            if handful.len() == HANDFUL {
                break;
            }
            next = match self.live.try_recv() {
                Ok(told) => Some(told),
                Err(TryRecvError::Empty | TryRecvError::Closed) => None,
                Err(TryRecvError::Lagged(_)) => {
                    handful.extend(self.fall_behind().await?);
                    None
                }
            };
        }
        // A single event is the copy that all readers share.
        Ok(Some(if handful.len() == 1 { handful.remove(0) } else { handful.concat().into() }))
    }

    /// Whether the audience is still who it was, as far as this process knows.
    async fn is_somebody_there(&mut self) -> Result<bool, Failure> {
        if self.audience.is_stale(&self.gateway) {
            self.audience.ask_again(&self.gateway).await
        } else {
            Ok(true)
        }
    }
}
