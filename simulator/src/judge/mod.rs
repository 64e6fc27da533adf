//! The judge: counts every broken promise, from the world's record and nothing else.
//!
//! It is fed each [`Entry`] once, as it happens or later from the file, and asks nothing of the product but, at the end, what
//! the product believes it sent and saw ([`Judge::compare`]). Its memory is bounded: conversations are forgotten after the
//! world's horizon, and what must be kept for good is a bit per message.

mod ids;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::consent::Scope;
use domain::id::{MessageId, PeerId, RandomId};
use domain::time::{Day, Timestamp};

use crate::plan::WorldPlan;
use crate::record::{Deed, Entry, Written};

use tally::Tallies;
pub use tally::{CommentClaim, Comparison, PostClaim};

/// What was counted. All but the first two are broken promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// Messages that our accounts wrote.
    pub sent: u64,
    /// Those of them that answer somebody.
    pub answers: u64,
    /// Messages written twice: the same text to the same message, or the same `random_id`.
    pub duplicates: u64,
    /// Messages without the label.
    pub unlabelled: u64,
    /// Messages in a channel whose owner did not agree at that moment.
    pub unconsented: u64,
    /// Further messages of ours under a post that already has one.
    pub two_openers: u64,
    /// Messages beyond an account's day, or too soon after its last one.
    pub limit_violations: u64,
    /// Messages of ours that answer a message of ours.
    pub self_answers: u64,
}

/// The judge.
#[derive(Debug)]
pub struct Judge {
    plan: WorldPlan,
    verdict: Verdict,
    consents: HashMap<PeerId, bool>,
    conversations: HashMap<(PeerId, MessageId), Conversation>,
    random_ids: HashSet<RandomId>,
    ages: VecDeque<(Timestamp, PeerId, MessageId, RandomId)>,
    paces: HashMap<PeerId, Pace>,
    tallies: Tallies,
}

/// What our accounts wrote in the thread of one post.
#[derive(Debug)]
struct Conversation {
    openers: u32,
    written: Vec<Said>,
    last: Timestamp,
}

#[derive(Debug)]
struct Said {
    message: MessageId,
    answers: Option<MessageId>,
    text: u64,
}

/// How an account has used its day.
#[derive(Clone, Copy, Debug)]
struct Pace {
    day: Day,
    sent: u32,
    last: Timestamp,
}

impl Judge {
    /// A judge of the promises in `plan` that has seen nothing yet.
    #[must_use]
    pub fn new(plan: WorldPlan) -> Self {
        Self {
            plan,
            verdict: Verdict::default(),
            consents: HashMap::new(),
            conversations: HashMap::new(),
            random_ids: HashSet::new(),
            ages: VecDeque::new(),
            paces: HashMap::new(),
            tallies: Tallies::default(),
        }
    }

    /// Takes the next entry of the record into account.
    pub fn observe(&mut self, entry: &Entry) {
        match &entry.deed {
            Deed::Sent(written) => self.judge(written, entry.at),
            Deed::Consent { channel, scope: Scope::Comment, granted } => {
                self.consents.insert(*channel, *granted);
            }
            Deed::Consent { scope: Scope::Read | Scope::Index, .. }
            | Deed::Refused(_)
            | Deed::Joined { .. }
            | Deed::Described { .. }
            | Deed::LoggedIn { .. }
            | Deed::Intervened(_)
            | Deed::Time => {}
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether the channel's owner agrees to comments now, by the world's own register.
    #[must_use]
    pub fn consents(&self, channel: PeerId) -> bool {
        let from_the_start =
            || self.plan.channel_index(channel).is_some_and(|index| index < self.plan.consenting);
        self.consents.get(&channel).copied().unwrap_or_else(from_the_start)
    }

    /// A post was published that the product must come to know, if the channel's owner agrees. Of an album: its smallest id.
    pub fn published(&mut self, channel: PeerId, post: MessageId) {
        if self.consents(channel) {
            self.tallies.expect_post(channel, post);
        }
    }

    /// A post is gone: the product need not know it any more.
    pub fn withdrawn(&mut self, channel: PeerId, post: MessageId) {
        self.tallies.excuse_post(channel, post);
    }

    /// Compares the world with what the product believes. Comments in any order; a post is named by its smallest id and counts
    /// only if the product must know it: published while the channel's owner agreed, not deleted, and not `excused` (published
    /// too recently, say).
    #[must_use]
    pub fn compare(
        &self,
        comments: impl IntoIterator<Item = CommentClaim>,
        posts: impl IntoIterator<Item = PostClaim>,
        excused: impl IntoIterator<Item = PostClaim>,
    ) -> Comparison {
        self.tallies.compare(comments, posts, excused)
    }

    /// How many posts the product must know.
    #[must_use]
    pub fn expected_posts(&self) -> u64 {
        self.tallies.expected_posts()
    }

    fn judge(&mut self, written: &Written, at: Timestamp) {
        self.forget(at - self.plan.horizon);
        self.verdict.sent += 1;
        self.verdict.answers += u64::from(written.answers.is_some());
        self.verdict.unlabelled += u64::from(!self.plan.label.is_on(&written.text));
        self.verdict.unconsented += u64::from(!self.consents(written.channel));
        self.verdict.limit_violations += u64::from(self.exceeds(written.account, at));
        self.judge_conversation(written, at);
        self.tallies.sent(written);
        self.ages.push_back((at, written.channel, written.post, written.random_id));
    }

    fn judge_conversation(&mut self, written: &Written, at: Timestamp) {
        let said =
            Said { message: written.message, answers: written.answers, text: fingerprint(&written.text) };
        let new = || Conversation { openers: 0, written: Vec::new(), last: at };
        let conversation = self.conversations.entry((written.channel, written.post)).or_insert_with(new);
        conversation.last = at;
        let repeated =
            conversation.written.iter().any(|old| old.answers == said.answers && old.text == said.text);
        let known = !self.random_ids.insert(written.random_id);
        self.verdict.duplicates += u64::from(repeated || known);
        match said.answers {
            None => {
                conversation.openers += 1;
                self.verdict.two_openers += u64::from(conversation.openers > 1);
            }
            Some(answered) => {
                let own = conversation.written.iter().any(|old| old.message == answered);
                self.verdict.self_answers += u64::from(own);
            }
        }
        conversation.written.push(said);
    }

    /// Books a message on its account's day; whether it is too many or too soon.
    fn exceeds(&mut self, account: PeerId, at: Timestamp) -> bool {
        let limits = self.plan.limits;
        let day = limits.zone.day(at);
        let Some(pace) = self.paces.get_mut(&account) else {
            self.paces.insert(account, Pace { day, sent: 1, last: at });
            return limits.daily == 0;
        };
        let apart = at.secs() - pace.last.secs();
        let too_soon = apart < i64::try_from(limits.gap.as_secs()).unwrap_or(i64::MAX);
        if pace.day != day {
            *pace = Pace { day, sent: 0, last: at };
        }
        pace.sent += 1;
        pace.last = at;
        too_soon || pace.sent > limits.daily
    }

    fn forget(&mut self, before: Timestamp) {
        while let Some((_, channel, post, random_id)) = self.ages.pop_front_if(|(at, ..)| *at < before) {
            self.random_ids.remove(&random_id);
            if self.conversations.get(&(channel, post)).is_some_and(|it| it.last < before) {
                self.conversations.remove(&(channel, post));
            }
        }
    }
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
