//! What is done to the world: put into the record first, then applied, so that nothing counts that a killed world forgets.

use domain::time::Timestamp;

use super::state::State;
use crate::record::{Deed, Entry, Intervention};

impl State {
    /// Records a deed and applies it; whether it counts. If the record cannot be written nothing is applied.
    pub(crate) fn record(&mut self, at: Timestamp, deed: Deed) -> bool {
        let entry = Entry { at: at.max(self.now), deed };
        if let Some(journal) = &mut self.journal
            && let Err(error) = journal.append(&entry)
        {
            tracing::error!(%error, "the world's record cannot be written");
            self.trouble = Some(error.to_string());
            return false;
        }
        self.apply(&entry);
        true
    }

    /// What follows from an entry, the first time and every time the world is rebuilt.
    pub(super) fn apply(&mut self, entry: &Entry) {
        self.judge.observe(entry);
        let account_of = |peer| self.plan.account_index(peer);
        match &entry.deed {
            Deed::Sent(written) => self.write(written, entry.at),
            Deed::Refused(refusal) => self.refuse(refusal, entry.at),
            Deed::Joined { account, group } => {
                if let (Some(account), Some(channel)) = (account_of(*account), self.plan.group_index(*group))
                {
                    self.enter(account, channel, entry.at);
                }
            }
            Deed::Described { channel, about } => {
                if let Some(channel) =
                    self.plan.channel_index(*channel).and_then(|index| self.channel_mut(index))
                {
                    channel.about = Some(about.as_str().into());
                }
            }
            Deed::LoggedIn { account, key } => {
                if let Some(account) = account_of(*account) {
                    self.logged_in(account, *key);
                }
            }
            Deed::Intervened(intervention) => self.intervene(intervention, entry.at),
            Deed::Consent { .. } | Deed::Time => {}
        }
    }

    fn intervene(&mut self, intervention: &Intervention, at: Timestamp) {
        // Telegram's dates are whole seconds.
        let at = Timestamp::from_secs(at.secs());
        match intervention {
            Intervention::Publish { channel } => {
                self.for_channel(*channel, |state, it| state.publish_now(it, at))
            }
            Intervention::EditPost { channel, post } => {
                self.for_channel(*channel, |state, it| state.edit_post(it, *post, at))
            }
            Intervention::DeletePost { channel, post } => {
                self.for_channel(*channel, |state, it| state.delete_post(it, *post))
            }
            Intervention::CloseComments { channel, post } => {
                self.for_channel(*channel, |state, it| state.close_comments(it, *post));
            }
            Intervention::AskQuestion { channel, post } => {
                self.for_channel(*channel, |state, it| state.ask(it, *post, at))
            }
            Intervention::RemoveMessage { channel, message } => {
                self.for_channel(*channel, |state, it| state.remove_message(it, *message));
            }
            Intervention::Disconnect { account } => self.for_account(*account, Self::disconnect),
            Intervention::Revoke { account } => self.for_account(*account, |state, it| state.revoke(it, at)),
            Intervention::Freeze { account } => self.for_account(*account, Self::freeze),
        }
    }

    fn for_channel(&mut self, peer: domain::id::PeerId, doing: impl FnOnce(&mut Self, u32)) {
        if let Some(channel) = self.plan.channel_index(peer) {
            doing(self, channel);
        }
    }

    fn for_account(&mut self, peer: domain::id::PeerId, doing: impl FnOnce(&mut Self, u32)) {
        if let Some(account) = self.plan.account_index(peer) {
            doing(self, account);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::disclosure::{Label, sign};
    use domain::id::{MessageId, RandomId};
    use domain::seed::Seed;
    use telegram::{Outgoing, TelegramError, Thread};

    use super::*;
    use crate::plan::WorldPlan;
    use crate::record::Journal;
    use crate::world::Source;
    use crate::world::sending::Attempt;

    #[test]
    fn nothing_is_written_that_the_record_cannot_keep() {
        let label = Label::new("From the team").unwrap();
        let plan =
            WorldPlan { posts_per_day: 0.0, ..WorldPlan::new(Seed(1), Timestamp::EPOCH, label.clone()) };
        let mut state = State::new(plan, Source::Generated);
        let channel = WorldPlan::channel_peer(0);
        assert!(state.record(Timestamp::EPOCH, Deed::Intervened(Intervention::Publish { channel })));
        let dir = tempfile::tempdir().unwrap();
        state.journal = Some(Journal::unwritable(&dir.path().join("record")));

        let thread = Thread { group: WorldPlan::group_peer(0), root: MessageId(2) };
        let text = sign("Said", &label).unwrap();
        let out = Outgoing { thread, answers: None, text, random_id: RandomId(1), send_as: None };
        let out = Attempt::from(&out);
        let now = Timestamp::from_secs(60);
        assert_eq!(state.comment(0, &out, now), Err(TelegramError::Disconnected));
        assert_eq!(state.find_sent(0, out.random_id), None);
        assert_eq!(state.judge.verdict().sent, 0);
        assert!(state.trouble.is_some());
        state.journal = None;
        assert!(state.comment(0, &out, now).is_ok(), "nothing happened before");
    }
}
