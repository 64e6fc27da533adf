//! How a send ends: the checks in Telegram's order, then chance, then the record, then the message.
//!
//! Each attempt is recorded whatever its end, so that a rebuilt world counts attempts, waits and messages as before.

use std::time::Duration;

use domain::id::{MessageId, PeerId, RandomId};
use domain::time::Timestamp;
use telegram::{Outgoing, SentMessage, TelegramError, Thread, WaitScope};

use super::agenda::Happening;
use super::channel::Message;
use super::state::{Sent, State};
use crate::faults::SendFault;
use crate::feed::Joining;
use crate::plan::WorldPlan;
use crate::record::{Deed, Refusal, Written};

/// How long an account stays limited after `PEER_FLOOD`.
const LIMITED: Duration = Duration::from_secs(86_400);

/// A message that somebody tries to write, whatever door it came through.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Where it is to stand.
    pub(crate) thread: Thread,
    /// The reader's message it answers; `None` under the post itself.
    pub(crate) answers: Option<MessageId>,
    /// What it says, labelled or not.
    pub(crate) text: String,
    /// What keeps it from being written twice.
    pub(crate) random_id: RandomId,
    /// The channel to speak as.
    pub(crate) send_as: Option<PeerId>,
}

impl From<&Outgoing> for Attempt {
    fn from(out: &Outgoing) -> Self {
        Self {
            thread: out.thread,
            answers: out.answers,
            text: out.text.as_str().to_owned(),
            random_id: out.random_id,
            send_as: out.send_as,
        }
    }
}

/// Where a send would stand.
struct Place {
    channel: u32,
    post: MessageId,
}

/// How a send ends, unless it is refused.
enum Outcome {
    Answered,
    AnswerLost,
}

impl State {
    /// Writes a comment, or refuses it.
    pub(crate) fn comment(
        &mut self,
        account: u32,
        out: &Attempt,
        now: Timestamp,
    ) -> Result<SentMessage, TelegramError> {
        let (written, lost) = match self.decide(account, out, now) {
            Ok((place, outcome)) => {
                let lost = matches!(outcome, Outcome::AnswerLost);
                (self.written(account, out, &place, lost).ok_or(TelegramError::PeerInvalid)?, lost)
            }
            Err(error) => {
                let recorded = self.record(now, Deed::Refused(refusal(account, out, &error)));
                return Err(if recorded { error } else { TelegramError::Disconnected });
            }
        };
        let id = written.message;
        if !self.record(now, Deed::Sent(written)) {
            return Err(TelegramError::Disconnected);
        }
        if lost { Err(TelegramError::UnknownOutcome) } else { Ok(SentMessage { id, at: whole_second(now) }) }
    }

    /// The message that an account wrote with this `random_id`, if it still stands.
    pub(crate) fn find_sent(&self, account: u32, random_id: RandomId) -> Option<SentMessage> {
        let sent = self.sends.get(account, random_id)?;
        self.channel(sent.channel)?.message(sent.message)?;
        Some(SentMessage { id: sent.message, at: whole_second(sent.at) })
    }

    fn decide(
        &mut self,
        account: u32,
        out: &Attempt,
        now: Timestamp,
    ) -> Result<(Place, Outcome), TelegramError> {
        let channel = self.plan.group_index(out.thread.group).ok_or(TelegramError::PeerInvalid)?;
        self.visible(account, channel)?;
        self.check_account(account, out, now)?;
        self.check_group(account, channel, out.send_as, now)?;
        let place = self.place(channel, out)?;
        if let Some(fault) = self.account_mut(account).and_then(|it| it.script.pop_front()) {
            return match fault {
                SendFault::Refuse(error) => Err(error),
                SendFault::LoseAnswer => Ok((place, Outcome::AnswerLost)),
            };
        }
        Ok((place, self.chance(account)?))
    }

    /// What bars the account from writing anywhere, and the `random_id` used before.
    fn check_account(&self, account: u32, out: &Attempt, now: Timestamp) -> Result<(), TelegramError> {
        let Some(it) = self.account(account) else { return Err(TelegramError::Unauthorized) };
        if it.frozen {
            return Err(TelegramError::Frozen);
        }
        if let Some(until) = it.wait_until.filter(|until| now < *until) {
            return Err(wait(WaitScope::Account, until.since(now)));
        }
        if it.limited_until.is_some_and(|until| now < until) {
            return Err(TelegramError::PeerFlood);
        }
        match self.sends.get(account, out.random_id) {
            Some(_) => Err(TelegramError::RandomIdDuplicate),
            None => Ok(()),
        }
    }

    /// What bars the account from writing in this group.
    fn check_group(
        &self,
        account: u32,
        channel: u32,
        send_as: Option<PeerId>,
        now: Timestamp,
    ) -> Result<(), TelegramError> {
        let Some(it) = self.account(account) else { return Err(TelegramError::Unauthorized) };
        let character = self.feed.character(channel);
        if send_as
            .is_some_and(|it| it != WorldPlan::channel_peer(channel) || !self.administers(account, channel))
        {
            return Err(TelegramError::SendAsInvalid);
        }
        let pair = self.plan.seed.derive("forbidden", channel.into()).derive("to", account.into());
        if pair.fraction() < self.plan.faults.write_forbidden {
            return Err(TelegramError::WriteForbidden("CHAT_WRITE_FORBIDDEN"));
        }
        if character.joining != Joining::Free && !it.joined.contains(&channel) {
            return Err(TelegramError::JoinRequired);
        }
        let slow_until = character.slow_mode.and_then(|slow| Some(it.last_in_slow_group(channel)? + slow));
        match slow_until.filter(|until| now < *until) {
            Some(until) => Err(wait(WaitScope::Chat, until.since(now))),
            None => Ok(()),
        }
    }

    /// Where the comment goes, if what it answers still stands.
    fn place(&self, channel: u32, out: &Attempt) -> Result<Place, TelegramError> {
        let it = self.channel(channel).ok_or(TelegramError::PeerInvalid)?;
        let post = it.post_of_copy(out.thread.root).ok_or(TelegramError::ReplyGone)?;
        if !post.comments_open {
            return Err(TelegramError::ReplyGone);
        }
        let post = post.head;
        match out.answers.filter(|answered| *answered != out.thread.root) {
            Some(answered) if it.message(answered).is_none_or(|message| message.post != post) => {
                Err(TelegramError::ReplyGone)
            }
            Some(_) | None => Ok(Place { channel, post }),
        }
    }

    /// What chance makes of the account's next attempt.
    fn chance(&self, account: u32) -> Result<Outcome, TelegramError> {
        let attempts = self.account(account).map_or(0, |it| it.attempts);
        let seed = self.plan.seed.derive("send", account.into()).derive("attempt", attempts.into());
        let faults = self.plan.faults;
        let draw = |what| seed.derive(what, 0).fraction();
        if draw("flood wait") < faults.flood_wait {
            return Err(wait(
                WaitScope::Account,
                Duration::from_secs(30) + Duration::from_secs(570).mul_f64(draw("how long")),
            ));
        }
        if draw("peer flood") < faults.peer_flood {
            return Err(TelegramError::PeerFlood);
        }
        if draw("call lost") < faults.call_lost {
            return Err(TelegramError::UnknownOutcome);
        }
        Ok(if draw("answer lost") < faults.answer_lost { Outcome::AnswerLost } else { Outcome::Answered })
    }

    fn written(&self, account: u32, out: &Attempt, place: &Place, answer_lost: bool) -> Option<Written> {
        Some(Written {
            account: WorldPlan::account_peer(account),
            channel: WorldPlan::channel_peer(place.channel),
            post: place.post,
            message: self.channel(place.channel)?.group_newest.next(),
            random_id: out.random_id,
            answers: out.answers.filter(|answered| *answered != out.thread.root),
            text: out.text.clone(),
            answer_lost,
        })
    }

    /// Applies a send that was written: the message stands, and what readers and moderators do about it is settled.
    pub(super) fn write(&mut self, written: &Written, at: Timestamp) {
        let accounts = (self.plan.account_index(written.account), self.plan.channel_index(written.channel));
        let (Some(account), Some(channel)) = accounts else { return };
        let echo = self.feed.echo(channel, written.message);
        let message = Message {
            id: written.message,
            post: written.post,
            at: whole_second(at),
            author: written.account,
            answers: written.answers,
            text: written.text.as_str().into(),
            nth: None,
            appeal: echo.appeal,
            replies: 0,
            removed: false,
        };
        self.add_message(channel, message, Some(account));
        self.sends.forget(at - self.plan.horizon);
        self.sends.insert(account, written.random_id, Sent { channel, message: written.message, at });
        let slow = self.feed.character(channel).slow_mode.is_some();
        if let Some(it) = self.account_mut(account) {
            it.attempts += 1;
            if slow {
                it.wrote_in_slow_group(channel, at);
            }
        }
        if let Some(after) = echo.removed_after {
            self.agenda.put(at + after, Happening::Remove { channel, message: written.message });
        }
        if let Some(after) = echo.replied_after {
            self.agenda.put(whole_second(at) + after, Happening::Reply { channel, message: written.message });
        }
    }

    /// Applies a send that was refused.
    pub(super) fn refuse(&mut self, refusal: &Refusal, at: Timestamp) {
        let Some(it) = self.plan.account_index(refusal.account).and_then(|index| self.account_mut(index))
        else {
            return;
        };
        it.attempts += 1;
        match (refusal.code.as_str(), refusal.wait_s) {
            ("FLOOD_WAIT", Some(seconds)) => {
                it.wait_until = it.wait_until.max(Some(at + Duration::from_secs(seconds)))
            }
            ("PEER_FLOOD", _) if it.limited_until.is_none_or(|until| until <= at) => {
                it.limited_until = Some(at + LIMITED)
            }
            _ => {}
        }
    }
}

fn refusal(account: u32, out: &Attempt, error: &TelegramError) -> Refusal {
    let wait_s = if let TelegramError::Wait { wait, .. } = error { Some(wait.as_secs()) } else { None };
    Refusal {
        account: WorldPlan::account_peer(account),
        group: out.thread.group,
        random_id: out.random_id,
        code: error.code(),
        wait_s,
    }
}

/// A wait in whole seconds, as Telegram asks for it, never too short.
fn wait(scope: WaitScope, wait: Duration) -> TelegramError {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    TelegramError::Wait { scope, wait: Duration::from_secs(seconds.max(1)) }
}

/// Telegram's dates are whole seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_secs(at.secs())
}
