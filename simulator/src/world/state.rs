//! Everything that is so in a world, and how time passes in it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use domain::id::{MessageId, RandomId};
use domain::time::Timestamp;
use telegram::Update;

use super::account::Account;
use super::agenda::{Agenda, Happening};
use super::channel::Channel;
use super::logins::Logins;
use crate::door::{Told, Traffic};
use crate::feed::Feed;
use crate::judge::{Judge, PostClaim};
use crate::plan::WorldPlan;
use crate::record::Journal;

/// The world's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) plan: WorldPlan,
    pub(super) feed: Feed,
    pub(super) now: Timestamp,
    pub(super) agenda: Agenda,
    pub(super) channels: Vec<Channel>,
    pub(super) accounts: Vec<Account>,
    /// The accounts whose session is revoked and whose owners could log in again.
    pub(super) owners_back: BTreeSet<u32>,
    pub(super) sends: Sends,
    pub(super) logins: Logins,
    pub(super) judge: Judge,
    pub(super) journal: Option<Journal>,
    pub(super) trouble: Option<String>,
    pub(super) traffic: Arc<Traffic>,
}

/// What tells an update from all others of a channel.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// What happened.
    pub(super) kind: &'static str,
    /// The message it happened to.
    pub(super) message: MessageId,
    /// The `pts` of the chat after it.
    pub(super) pts: i32,
}

/// What was written with which `random_id`, within the horizon.
#[derive(Debug, Default)]
pub(super) struct Sends {
    by_random_id: HashMap<(u32, RandomId), Sent>,
    ages: VecDeque<(Timestamp, u32, RandomId)>,
}

/// Where a message of ours stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) channel: u32,
    pub(super) message: MessageId,
    pub(super) at: Timestamp,
}

impl Sends {
    pub(super) fn get(&self, account: u32, random_id: RandomId) -> Option<Sent> {
        self.by_random_id.get(&(account, random_id)).copied()
    }

    pub(super) fn insert(&mut self, account: u32, random_id: RandomId, sent: Sent) {
        self.by_random_id.insert((account, random_id), sent);
        self.ages.push_back((sent.at, account, random_id));
    }

    pub(super) fn forget(&mut self, before: Timestamp) {
        while let Some((_, account, random_id)) = self.ages.pop_front_if(|(at, ..)| *at < before) {
            self.by_random_id.remove(&(account, random_id));
        }
    }
}

impl State {
    pub(super) fn channel(&self, channel: u32) -> Option<&Channel> {
        self.channels.get(usize::try_from(channel).ok()?)
    }

    pub(super) fn channel_mut(&mut self, channel: u32) -> Option<&mut Channel> {
        self.channels.get_mut(usize::try_from(channel).ok()?)
    }

    pub(super) fn account(&self, account: u32) -> Option<&Account> {
        self.accounts.get(usize::try_from(account).ok()?)
    }

    pub(super) fn account_mut(&mut self, account: u32) -> Option<&mut Account> {
        self.accounts.get_mut(usize::try_from(account).ok()?)
    }

    /// Works off the agenda up to and including `now`.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some((at, happening)) = self.agenda.take_due(now) {
            self.now = at;
            self.happen(at, happening);
        }
        self.now = self.now.max(now);
    }

    fn happen(&mut self, at: Timestamp, happening: Happening) {
        match happening {
            Happening::Publish { channel, nth } => self.publish(channel, nth, at),
            Happening::Edit { channel, post } => self.edit_post(channel, post, at),
            Happening::Delete { channel, post } => self.delete_post(channel, post),
            Happening::Close { channel, post } => self.close_comments(channel, post),
            Happening::Read { channel, post, publication, nth } => {
                self.reader_writes(channel, post, publication, nth, at)
            }
            Happening::Reply { channel, message } => self.reader_replies(channel, message, at),
            Happening::Remove { channel, message } => self.remove_message(channel, message),
            Happening::Disconnect { account, nth } => self.happen_to_disconnect(account, nth, at),
            Happening::Revoke { account, nth } => self.happen_to_revoke(account, nth, at),
            Happening::OwnerBack { account } => self.owner_comes_back(account),
            Happening::Freeze { account } => self.freeze(account),
            Happening::Admit { account, channel } => self.admit(account, channel),
            Happening::Deliver { account, told } => self.deliver(account, *told),
        }
    }

    /// Pushes an update to every connected member of a channel but `except`, as faultily as the plan says.
    pub(super) fn announce(
        &mut self,
        channel: u32,
        except: Option<u32>,
        about: About,
        update: impl Fn(&Self) -> Option<Update>,
    ) {
        let listens = |state: &Self, account| {
            Some(account) != except && state.account(account).is_some_and(|it| it.line.is_some())
        };
        let listeners: Vec<u32> =
            self.plan.speakers_of(channel).filter(|account| listens(self, *account)).collect();
        if listeners.is_empty() {
            return;
        }
        let Some(update) = update(self) else { return };
        let told = Told { update, pts: about.pts };
        for account in listeners {
            self.announce_to(account, channel, about, told.clone());
        }
    }

    fn announce_to(&mut self, account: u32, channel: u32, about: About, told: Told) {
        let faults = self.plan.faults;
        let seed = self
            .plan
            .seed
            .derive(about.kind, channel.into())
            .derive("of", about.message.get())
            .derive("to", account.into());
        let draw = |what| seed.derive(what, 0).fraction();
        if draw("lost") < faults.update_lost {
            return;
        }
        if draw("doubled") < faults.update_doubled {
            self.deliver(account, told.clone());
        }
        if draw("late") < faults.update_late {
            let late = std::time::Duration::from_secs(5)
                + std::time::Duration::from_secs(295).mul_f64(draw("how late"));
            self.agenda.put(self.now + late, Happening::Deliver { account, told: Box::new(told) });
        } else {
            self.deliver(account, told);
        }
    }

    fn deliver(&self, account: u32, told: Told) {
        if let Some(line) = self.account(account).and_then(|it| it.line.as_ref()) {
            line.push(told);
        }
    }

    /// The posts published after `until` that are still remembered.
    pub(super) fn published_after(&self, until: Timestamp) -> Vec<PostClaim> {
        let of_channel = |(channel, peer): (&Channel, _)| {
            let recent = channel.posts.iter().rev().take_while(|post| post.at > until);
            recent.map(|post| PostClaim { channel: peer, post: post.head }).collect::<Vec<_>>()
        };
        self.channels.iter().zip((0..).map(WorldPlan::channel_peer)).flat_map(of_channel).collect()
    }
}
