//! What the tree itself makes of an event, whichever process it happened in: an account that may work connects, a channel
//! that was added is watched, and its project has a planner from then on.

use domain::account::StatusName;
use domain::event::EventType;
use persistence::outbox::Event;

use crate::accounts::AccountMessage;
use crate::deps::Deps;
use crate::runtime::Kind;

/// Which groups have somebody new on their rosters.
#[derive(Default)]
pub(super) struct Heed {
    accounts: bool,
    channels: bool,
}

impl Heed {
    /// Takes note of an event; an account that is there already is told at once.
    pub(super) fn hear(&mut self, deps: &Deps, event: &Event) {
        let subject = &event.subject;
        if event.kind == EventType::ChannelAdded {
            self.channels = true;
        } else if event.kind == EventType::AccountChanged
            && subject.detail.as_deref() == Some(StatusName::Active.as_str())
            && let Some(account) = subject.account
        {
            match deps.directory.accounts.find(account) {
                // One that crashed meanwhile connects by itself when it is back.
                Some(actor) => drop(actor.cast(AccountMessage::Connect)),
                None => self.accounts = true,
            }
        }
    }

    /// Starts whoever is new.
    pub(super) async fn follow(self, deps: &Deps) {
        let groups = [
            (self.channels, Kind::Planners),
            (self.channels, Kind::Channels),
            (self.accounts, Kind::Accounts),
        ];
        for (_, kind) in groups.into_iter().filter(|(new, _)| *new) {
            if let Some(group) = deps.directory.group(kind) {
                group.enrol().await;
            }
        }
    }
}
