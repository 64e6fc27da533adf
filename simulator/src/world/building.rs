//! How a world begins: empty, with its first happenings on the agenda, or again from its record.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::Source;
use super::account::Account;
use super::agenda::{Agenda, Happening};
use super::channel::Channel;
use super::logins::Logins;
use super::state::{Sends, State};
use crate::door::Traffic;
use crate::error::WorldError;
use crate::feed::Feed;
use crate::judge::Judge;
use crate::plan::WorldPlan;
use crate::record::{Deed, Entry, Journal};

/// Raised when the same plan would no longer give the same world.
const VERSION: u32 = 1;

impl State {
    pub(super) fn new(plan: WorldPlan, source: Source) -> Self {
        let feed = Feed::new(&plan, source);
        let mut state = Self {
            now: plan.start,
            agenda: Agenda::default(),
            channels: (0..plan.channels).map(|channel| Channel::new(feed.newest_before(channel))).collect(),
            feed,
            accounts: (0..plan.accounts).map(|_| Account::default()).collect(),
            owners_back: BTreeSet::new(),
            sends: Sends::default(),
            logins: Logins::default(),
            judge: Judge::new(plan.clone()),
            journal: None,
            trouble: None,
            traffic: Arc::new(Traffic::default()),
            plan,
        };
        for channel in 0..state.plan.channels {
            state.put_publication(channel, 0, state.plan.start);
        }
        for account in 0..state.plan.accounts {
            state.put_disconnect(account, 0, state.plan.start);
            state.put_revocation(account, 0, state.plan.start);
            state.put_freeze(account, state.plan.start);
        }
        state
    }

    pub(super) fn recorded(plan: WorldPlan, source: Source, path: &Path) -> Result<Self, WorldError> {
        let header = header(&plan, &source);
        let (journal, recorded) = Journal::open(path, &header)?;
        let mut state = Self::new(plan, source);
        for line in recorded {
            let (line, entry) = line?;
            let diverged = |why| WorldError::Diverged { path: path.to_owned(), line, why };
            state.again(&entry).map_err(diverged)?;
        }
        state.journal = Some(journal);
        Ok(state)
    }

    /// Does again what the record says was done.
    fn again(&mut self, entry: &Entry) -> Result<(), String> {
        if entry.at < self.now {
            return Err(format!("it goes back in time, from {} to {}", self.now, entry.at));
        }
        self.advance(entry.at);
        if let Deed::Sent(written) = &entry.deed {
            let channel = self.plan.channel_index(written.channel).and_then(|index| self.channel(index));
            match channel.map(|channel| channel.group_newest.next()) {
                Some(expected) if expected == written.message => {}
                Some(expected) => {
                    return Err(format!("message {} stands where {expected} should", written.message));
                }
                None => return Err(format!("there is no channel {}", written.channel)),
            }
        }
        self.apply(entry);
        Ok(())
    }

    pub(super) fn put_publication(&mut self, channel: u32, nth: u32, after: Timestamp) {
        let ends = |at: &Timestamp| self.plan.publishes_until.is_none_or(|until| *at < until);
        if let Some(at) = self.feed.publication_at(channel, nth, after).filter(ends) {
            self.agenda.put(at.max(after), Happening::Publish { channel, nth });
        }
    }
}

/// What must be the same for a record to be continued.
fn header(plan: &WorldPlan, source: &Source) -> Value {
    let source = match source {
        Source::Generated => json!("generated"),
        Source::Export(export) => json!(format!("export {:016x}", export.digest())),
    };
    json!({ "version": VERSION, "source": source, "plan": plan })
}
