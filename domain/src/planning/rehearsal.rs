//! A campaign tried on what is already there: what it would have written under these posts, and what not.
//!
//! A rehearsal asks the same functions as the planner, at the moment when each post or message came out. What lasts is
//! taken as it is now: consents, the accounts' conditions and labels, who is assigned where. What passes is left out: a
//! campaign or project that is not at work rehearses as if it were, and an account that Telegram asked to wait as if it
//! had waited.

use super::{Answered, Decision, Desk, Mode, Plan, Post, ReaderMessage, answer, opener};
use crate::account::Status;
use crate::comment::SkipReason;
use crate::id::{CampaignId, ChannelId};
use crate::policy::{CampaignStatus, ProjectStatus};
use crate::seed::Seed;
use crate::time::Timestamp;

/// What a campaign reacts to in a rehearsal.
#[derive(Clone, Debug)]
pub enum Cue {
    /// A post, as if it had just come out.
    Post(Post),
    /// A reader's message, as if it had just been written and none of its kind been answered.
    Message(ReaderMessage),
}

/// What the campaign would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearsed {
    /// It would have written.
    Write(Plan),
    /// Nothing would have been written.
    Skip(SkipReason),
    /// Another campaign stands before this one in the channel and would have decided.
    Yield(CampaignId),
}

impl Cue {
    /// When it came out.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Post(post) => post.published_at,
            Self::Message(message) => message.sent_at,
        }
    }

    /// Where.
    #[must_use]
    pub const fn channel(&self) -> ChannelId {
        match self {
            Self::Post(post) => post.channel,
            Self::Message(message) => message.post.channel,
        }
    }

    fn fits(&self, mode: Mode) -> bool {
        match self {
            Self::Post(_) => mode == Mode::NewPosts,
            Self::Message(_) => true,
        }
    }
}

/// Rehearses `campaign` on `cues`, which come oldest first; one answer for each. `desk` is the project's as it is at
/// `now`, with the ledgers of what other campaigns promised; `seed` is the planner's own, so that the same chance
/// decides.
#[must_use]
pub fn rehearse(
    desk: Desk,
    campaign: CampaignId,
    cues: &[Cue],
    now: Timestamp,
    seed: Seed,
) -> Vec<Rehearsed> {
    let mut desk = desk.on_stage(campaign, now);
    cues.iter().map(|cue| act(cue, &mut desk, campaign, seed)).collect()
}

fn act(cue: &Cue, desk: &mut Desk, campaign: CampaignId, seed: Seed) -> Rehearsed {
    let first = desk.campaign(cue.channel(), |mode| cue.fits(mode)).map(|first| first.id);
    if let Some(other) = first.filter(|first| *first != campaign) {
        return Rehearsed::Yield(other);
    }
    let decision = match cue {
        Cue::Post(post) => opener(post, desk, cue.at(), seed.derive("opener", post.id.get())),
        Cue::Message(message) => {
            let message = ReaderMessage { answers_under_post: 0, answers_to_reader: 0, ..message.clone() };
            answer(&message, desk, cue.at(), seed.derive("answer", message.id.get()))
        }
    };
    match decision {
        Decision::Write(plan) => Rehearsed::Write(plan),
        Decision::Skip(reason) => Rehearsed::Skip(reason),
    }
}

impl Desk {
    /// The desk as if everything that `campaign` needs were at work, and what counts at `now` had always counted.
    fn on_stage(mut self, campaign: CampaignId, now: Timestamp) -> Self {
        self.status = ProjectStatus::Active;
        self.answered = Answered::default();
        self.consents.retain(|consent| consent.is_active(now));
        for consent in &mut self.consents {
            (consent.granted_at, consent.expires_at) = (Timestamp::from_micros(i64::MIN), None);
        }
        for rehearsed in self.campaigns.iter_mut().filter(|one| one.id == campaign) {
            rehearsed.status = CampaignStatus::On;
        }
        for account in self.accounts.values_mut().filter(|account| account.status.waits_until().is_some()) {
            account.status = Status::Active;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::consent::{Consent, Scope};
    use crate::id::{AccountId, ConsentId, PeerId, PostId, ThreadMessageId};
    use crate::pacing::Limits;
    use crate::planning::{Account, Author, Campaign};
    use crate::policy::{Policy, QuietHours};
    use crate::time::Zone;

    const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);
    const CHANNEL: ChannelId = ChannelId(1);

    fn campaign(id: i64, status: CampaignStatus) -> Campaign {
        let quiet = QuietHours { from: 0, to: 0 };
        let policy = Policy { opener_share: 1.0, quiet, answers_per_post: 1, ..Policy::BALANCED };
        let speakers = BTreeMap::from([(CHANNEL, vec![AccountId(1)])]);
        Campaign { id: CampaignId(id), status, mode: Mode::NewPosts, policy, speakers }
    }

    fn desk(campaigns: Vec<Campaign>) -> Desk {
        let consent = Consent {
            id: ConsentId(1),
            channel: CHANNEL,
            scope: Scope::Comment,
            granted_at: NOW,
            expires_at: None,
            revoked_at: None,
        };
        let limits = Limits { daily: 100, gap: Duration::ZERO };
        let waiting = Status::Waiting { until: NOW + Duration::from_secs(3600) };
        let account = Account { status: waiting, labelled: true, limits };
        Desk {
            status: ProjectStatus::Paused,
            zone: Zone::UTC,
            campaigns,
            consents: vec![consent],
            accounts: BTreeMap::from([(AccountId(1), account)]),
            ledgers: BTreeMap::new(),
            answered: Answered::default(),
        }
    }

    fn post(id: i64) -> Post {
        Post {
            id: PostId(id),
            channel: CHANNEL,
            published_at: NOW - Duration::from_secs(30 * 24 * 3600),
            text: "News".to_owned(),
            comments_open: true,
            deleted: false,
        }
    }

    fn question(id: i64) -> Cue {
        let post = post(1);
        Cue::Message(ReaderMessage {
            id: ThreadMessageId(id),
            author: Author::Reader,
            reader: PeerId(id),
            text: "When?".to_owned(),
            sent_at: post.published_at + Duration::from_secs(60),
            post,
            deleted: false,
            answers_under_post: 9,
            answers_to_reader: 9,
        })
    }

    fn rehearsed(desk: Desk, cues: &[Cue]) -> Vec<Rehearsed> {
        rehearse(desk, CampaignId(2), cues, NOW, Seed(1))
    }

    #[test]
    fn a_campaign_that_is_off_rehearses_on_old_posts_as_if_they_were_new() {
        let Rehearsed::Write(plan) =
            rehearsed(desk(vec![campaign(2, CampaignStatus::Off)]), &[Cue::Post(post(1))])[0]
        else {
            panic!("an opener is planned")
        };
        assert_eq!((plan.campaign, plan.account), (CampaignId(2), AccountId(1)));
        let window = plan.window;
        assert!(window.from <= plan.due_at && plan.due_at <= window.to && window.to < NOW);
    }

    #[test]
    fn a_campaign_that_stands_before_it_decides_if_it_is_on() {
        let with_other = |status| desk(vec![campaign(1, status), campaign(2, CampaignStatus::Off)]);
        let cues = [Cue::Post(post(1))];
        assert_eq!(rehearsed(with_other(CampaignStatus::On), &cues), [Rehearsed::Yield(CampaignId(1))]);
        assert!(matches!(rehearsed(with_other(CampaignStatus::Paused), &cues)[0], Rehearsed::Write(_)));
    }

    #[test]
    fn what_is_rehearsed_counts_within_the_rehearsal_and_what_really_happened_does_not() {
        let acted = rehearsed(desk(vec![campaign(2, CampaignStatus::On)]), &[question(1), question(2)]);
        assert!(matches!(acted[0], Rehearsed::Write(_)), "{acted:?}");
        assert_eq!(acted[1], Rehearsed::Skip(SkipReason::EnoughAnswers));
    }

    #[test]
    fn a_consent_that_does_not_count_now_does_not_count_in_a_rehearsal() {
        let mut desk = desk(vec![campaign(2, CampaignStatus::On)]);
        desk.consents[0].revoked_at = Some(NOW);
        assert_eq!(rehearsed(desk, &[Cue::Post(post(1))]), [Rehearsed::Skip(SkipReason::NoConsent)]);
    }
}
