//! Connections and logins: what an account needs before it can ask anything, and how it loses it.

use std::sync::Arc;
use std::time::Duration;

use domain::id::PeerId;
use domain::time::Timestamp;
use telegram::{Session, TelegramError};

use super::account::read_session;
use super::agenda::Happening;
use super::state::State;
use crate::door::Line;
use crate::feed::Joining;
use crate::plan::WorldPlan;
use crate::record::Deed;

const DAY_S: f64 = 86_400.0;
const HOUR: Duration = Duration::from_secs(3_600);

impl State {
    /// Opens an account's connection, in place of the one before.
    pub(crate) fn connect(&mut self, session: &Session) -> Result<(u32, Arc<Line>), TelegramError> {
        let (index, login) = read_session(session).ok_or(TelegramError::Unauthorized)?;
        self.account(index).filter(|it| it.key.is_none()).ok_or(TelegramError::Unauthorized)?;
        Ok((index, self.connect_login(index, login)?))
    }

    /// Opens the connection of an account that shows which of its logins it is.
    pub(crate) fn connect_login(&mut self, index: u32, login: u32) -> Result<Arc<Line>, TelegramError> {
        self.authorized(index, login)?;
        let (capacity, traffic) = (self.plan.stream_capacity, self.traffic.clone());
        let account = self.account_mut(index).ok_or(TelegramError::Unauthorized)?;
        let line = Arc::new(Line::new(capacity, traffic));
        if let Some(before) = account.line.replace(line.clone()) {
            before.end(TelegramError::Disconnected);
        }
        Ok(line)
    }

    /// Whether a login still counts.
    pub(crate) fn authorized(&self, account: u32, login: u32) -> Result<(), TelegramError> {
        match self.account(account) {
            Some(it) if !it.revoked && it.login == login => Ok(()),
            Some(_) | None => Err(TelegramError::Unauthorized),
        }
    }

    /// Joins a discussion group, or asks to. Being in it already is no error. Who is a member of a channel is the plan's: an
    /// account has no room for another one.
    pub(crate) fn join(&mut self, account: u32, chat: PeerId, now: Timestamp) -> Result<(), TelegramError> {
        if let Some(channel) = self.plan.channel_index(chat) {
            return if self.plan.is_member(account, channel) {
                Ok(())
            } else {
                Err(TelegramError::ChannelPrivate)
            };
        }
        let channel = self.plan.group_index(chat).ok_or(TelegramError::PeerInvalid)?;
        self.visible(account, channel)?;
        let Some(it) = self.account(account) else { return Err(TelegramError::Unauthorized) };
        if it.frozen {
            return Err(TelegramError::Frozen);
        }
        if it.joined.contains(&channel) {
            return Ok(());
        }
        if it.requested.contains(&channel) {
            return Err(TelegramError::JoinRequested);
        }
        if !self.record(now, Deed::Joined { account: WorldPlan::account_peer(account), group: chat }) {
            return Err(TelegramError::Disconnected);
        }
        match self.feed.character(channel).joining {
            Joining::Free | Joining::Required => Ok(()),
            Joining::Approved => Err(TelegramError::JoinRequested),
        }
    }

    /// An account comes into a group, or its request does; an administrator agrees within hours.
    pub(super) fn enter(&mut self, account: u32, channel: u32, at: Timestamp) {
        let joining = self.feed.character(channel).joining;
        let seed = self.plan.seed.derive("admission", channel.into()).derive("of", account.into());
        let Some(it) = self.account_mut(account) else { return };
        match joining {
            Joining::Free | Joining::Required => it.joined.push(channel),
            Joining::Approved => {
                it.requested.push(channel);
                self.agenda.put(
                    at + HOUR.mul_f64(0.1 + 3.0 * seed.fraction()),
                    Happening::Admit { account, channel },
                );
            }
        }
    }

    pub(super) fn admit(&mut self, account: u32, channel: u32) {
        if let Some(it) = self.account_mut(account) {
            it.requested.retain(|requested| *requested != channel);
            it.joined.push(channel);
        }
    }

    pub(super) fn put_disconnect(&mut self, account: u32, nth: u32, after: Timestamp) {
        let rate = self.plan.faults.disconnects_per_day;
        if let Some(at) = self.next_of("disconnect", rate, account, nth, after) {
            self.agenda.put(at, Happening::Disconnect { account, nth });
        }
    }

    pub(super) fn happen_to_disconnect(&mut self, account: u32, nth: u32, at: Timestamp) {
        self.disconnect(account);
        self.put_disconnect(account, nth + 1, at);
    }

    pub(super) fn disconnect(&mut self, account: u32) {
        self.hang_up(account, TelegramError::Disconnected);
    }

    pub(super) fn put_revocation(&mut self, account: u32, nth: u32, after: Timestamp) {
        let rate = self.plan.faults.revocations_per_day;
        if let Some(at) = self.next_of("revoke", rate, account, nth, after) {
            self.agenda.put(at, Happening::Revoke { account, nth });
        }
    }

    pub(super) fn happen_to_revoke(&mut self, account: u32, nth: u32, at: Timestamp) {
        self.revoke(account, at);
        self.put_revocation(account, nth + 1, at);
    }

    /// An account's session ends; its owner is back within some hours.
    pub(super) fn revoke(&mut self, account: u32, at: Timestamp) {
        let seed = self.plan.seed.derive("absence", account.into());
        let Some(it) = self.account_mut(account).filter(|it| !it.revoked) else { return };
        it.revoked = true;
        let away = HOUR.mul_f64(0.5 + 6.0 * seed.derive("after", it.login.into()).fraction());
        self.agenda.put(at + away, Happening::OwnerBack { account });
        self.hang_up(account, TelegramError::Unauthorized);
    }

    pub(super) fn owner_comes_back(&mut self, account: u32) {
        if self.account(account).is_some_and(|it| it.revoked) {
            self.owners_back.insert(account);
        }
    }

    pub(super) fn logged_in(&mut self, account: u32, key: Option<u16>) {
        self.owners_back.remove(&account);
        if let Some(key) = key {
            // Whoever logged in on this key before has lost it.
            self.accounts.iter_mut().filter(|it| it.key == Some(key)).for_each(|it| it.key = None);
        }
        if let Some(it) = self.account_mut(account) {
            it.login += 1;
            it.key = key;
            it.revoked = false;
        }
        // Whatever still hangs on the login before ends with it.
        self.hang_up(account, TelegramError::Unauthorized);
    }

    pub(super) fn put_freeze(&mut self, account: u32, after: Timestamp) {
        let rate = self.plan.faults.freezes_per_day;
        if let Some(at) = self.next_of("freeze", rate, account, 0, after) {
            self.agenda.put(at, Happening::Freeze { account });
        }
    }

    pub(super) fn freeze(&mut self, account: u32) {
        if let Some(it) = self.account_mut(account) {
            it.frozen = true;
        }
    }

    fn hang_up(&mut self, account: u32, why: TelegramError) {
        if let Some(line) = self.account_mut(account).and_then(|it| it.line.take()) {
            line.end(why);
        }
    }

    /// When something that befalls an account so often a day befalls it for the n-th time; on a whole second.
    fn next_of(
        &self,
        what: &str,
        per_day: f64,
        account: u32,
        nth: u32,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let draw = self.plan.seed.derive(what, account.into()).derive("nth", nth.into()).fraction();
        let wait = Duration::try_from_secs_f64(-(1.0 - draw).ln() / per_day * DAY_S).ok()?;
        (per_day > 0.0).then(|| (after + wait).round_up(Duration::from_secs(1)))
    }
}
