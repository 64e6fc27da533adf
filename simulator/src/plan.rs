//! What a world consists of, before anything happens: how many channels and accounts, who is a member where, and the
//! promises that the judge holds the product to.
//!
//! A plan is small whatever it describes: memberships, names and ids are computed from indices, never listed, so that fifty
//! thousand idle channels cost nothing here. The plan is the header of the record; a record is only continued under the
//! same plan.

use std::time::Duration;

use domain::disclosure::Label;
use domain::id::PeerId;
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use serde::Serialize;

use crate::faults::FaultPlan;

const ACCOUNTS: i64 = 100_000_000;
const CHANNELS: i64 = 1_000_000_000;
const GROUPS: i64 = 2_000_000_000;
/// Room between the ranges of ids; no world has more of anything.
const RANGE: i64 = 100_000_000;

/// The description of a world.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorldPlan {
    /// Everything that happens by chance follows from it.
    pub seed: Seed,
    /// When the world begins. With an export: usually [`crate::ExportWorld::first_at`].
    pub start: Timestamp,
    /// How many channels there are, each with a discussion group. With an export: as many as it has.
    pub channels: u32,
    /// How many posts a channel publishes a day on average; channels differ. 0 for a silent world.
    pub posts_per_day: f64,
    /// When channels stop publishing, if they do; readers go on for a while.
    pub publishes_until: Option<Timestamp>,
    /// How many messages readers write under a post on average.
    pub readers_per_post: f64,
    /// How many accounts there are.
    pub accounts: u32,
    /// How many of the accounts are members of each channel and hear of what happens there.
    pub speakers: u32,
    /// The owners of this many channels, the first ones, agree to comments from the start.
    pub consenting: u32,
    /// The label that every comment must carry.
    pub label: Label,
    /// What each account may do at most.
    pub limits: Limits,
    /// How often Telegram makes trouble.
    pub faults: FaultPlan,
    /// How long the world remembers posts, threads and sends. Must exceed the last look at a comment (7 days).
    pub horizon: Duration,
    /// How many updates a stream holds before it drops the newest.
    pub stream_capacity: usize,
}

/// What the judge allows each account.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Messages per calendar day.
    pub daily: u32,
    /// The least time between two messages, compared in whole seconds as Telegram shows them.
    pub gap: Duration,
    /// Where the days begin.
    pub zone: Zone,
}

impl WorldPlan {
    /// A quiet, faultless world of the given size: eight posts a day and channel, one reader's message a post, two accounts a
    /// channel, every owner consenting, 30 messages a day and account with a minute between two.
    #[must_use]
    pub fn new(seed: Seed, start: Timestamp, label: Label) -> Self {
        Self {
            seed,
            start,
            channels: 10,
            posts_per_day: 8.0,
            publishes_until: None,
            readers_per_post: 1.0,
            accounts: 10,
            speakers: 2,
            consenting: u32::MAX,
            label,
            limits: Limits { daily: 30, gap: Duration::from_secs(60), zone: Zone::UTC },
            faults: FaultPlan::none(),
            horizon: Duration::from_secs(9 * 24 * 60 * 60),
            stream_capacity: 10_000,
        }
    }

    /// The Telegram id of the account with this index.
    #[must_use]
    pub fn account_peer(account: u32) -> PeerId {
        PeerId(ACCOUNTS + i64::from(account))
    }

    /// The Telegram id of the channel with this index.
    #[must_use]
    pub fn channel_peer(channel: u32) -> PeerId {
        PeerId(CHANNELS + i64::from(channel))
    }

    /// The Telegram id of the discussion group of the channel with this index.
    #[must_use]
    pub fn group_peer(channel: u32) -> PeerId {
        PeerId(GROUPS + i64::from(channel))
    }

    /// The index of the account with this id, if the world has it.
    #[must_use]
    pub fn account_index(&self, peer: PeerId) -> Option<u32> {
        index(peer, ACCOUNTS, self.accounts)
    }

    /// The index of the channel with this id, if the world has it.
    #[must_use]
    pub fn channel_index(&self, peer: PeerId) -> Option<u32> {
        index(peer, CHANNELS, self.channels)
    }

    /// The index of the channel whose discussion group has this id, if the world has it.
    #[must_use]
    pub fn group_index(&self, peer: PeerId) -> Option<u32> {
        index(peer, GROUPS, self.channels)
    }

    /// The accounts that are members of a channel, by index. The first one may administer it.
    pub fn speakers_of(&self, channel: u32) -> impl Iterator<Item = u32> + use<> {
        let (accounts, seats) = (u64::from(self.accounts), self.seats());
        (0..seats).filter_map(move |seat| u32::try_from((u64::from(channel) * seats + seat) % accounts).ok())
    }

    /// The channels that an account is a member of, by index, in order.
    pub fn channels_of(&self, account: u32) -> impl Iterator<Item = u32> + use<> {
        let (accounts, seats) = (u64::from(self.accounts), self.seats());
        let all = u64::from(self.channels) * seats;
        let step = usize::try_from(accounts.max(1)).unwrap_or(usize::MAX);
        (u64::from(account)..all)
            .step_by(step)
            .filter_map(move |seat| u32::try_from(seat / seats.max(1)).ok())
    }

    /// Whether an account is a member of a channel.
    #[must_use]
    pub fn is_member(&self, account: u32, channel: u32) -> bool {
        self.speakers_of(channel).any(|speaker| speaker == account)
    }

    fn seats(&self) -> u64 {
        u64::from(self.speakers.min(self.accounts))
    }
}

fn index(peer: PeerId, base: i64, count: u32) -> Option<u32> {
    let offset = peer.get().checked_sub(base).filter(|offset| (0..RANGE).contains(offset))?;
    u32::try_from(offset).ok().filter(|index| *index < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(channels: u32, accounts: u32, speakers: u32) -> WorldPlan {
        let label = Label::new("From the team").unwrap();
        WorldPlan { channels, accounts, speakers, ..WorldPlan::new(Seed(1), Timestamp::EPOCH, label) }
    }

    #[test]
    fn an_account_is_a_member_exactly_where_the_channel_lists_it() {
        for (channels, accounts, speakers) in [(7, 3, 2), (5, 9, 2), (4, 1, 3), (3, 0, 2)] {
            let plan = plan(channels, accounts, speakers);
            for account in 0..accounts {
                let listed: Vec<u32> = (0..channels)
                    .filter(|channel| plan.speakers_of(*channel).any(|it| it == account))
                    .collect();
                assert_eq!(plan.channels_of(account).collect::<Vec<_>>(), listed);
            }
        }
    }

    #[test]
    fn an_id_leads_back_to_its_index_and_foreign_ids_lead_nowhere() {
        let plan = plan(7, 3, 2);
        assert_eq!(plan.channel_index(WorldPlan::channel_peer(6)), Some(6));
        assert_eq!(plan.channel_index(WorldPlan::channel_peer(7)), None);
        assert_eq!(plan.channel_index(WorldPlan::group_peer(1)), None);
        assert_eq!(plan.account_index(PeerId(5)), None);
    }
}
