//! Reading comments, their state with all that it holds.

use domain::comment::{Delivery, Revision, Slot, State, StateName};
use domain::disclosure::{DisclosureError, Label, SignedText};
use domain::pacing::Window;

use crate::comments::Stored;
use crate::error::StoreError;
use crate::row::Row;

/// The columns that [`Stored::read`] reads, of a table called `c`.
macro_rules! columns {
    () => {
        "c.id, c.project_id, c.campaign_id, c.channel_id, c.post_id, c.account_id, c.answers_id, c.state,
         c.reason, c.revision, c.post_revision, c.signed_text, c.label, c.random_id, c.window_from, c.window_to, c.due_at,
         c.sent_at, c.message_id, c.error_code, c.reactions, c.replies"
    };
}
pub(crate) use columns;

impl Stored {
    /// From a row that has the columns of [`columns`].
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let state = read_state(row)?;
        let window = match (row.maybe("window_from")?, row.maybe("window_to")?) {
            (Some(from), Some(to)) => Some(Window { from, to }),
            _ => None,
        };
        Ok(Self {
            id: row.get("id")?,
            project: row.get("project_id")?,
            campaign: row.maybe("campaign_id")?,
            channel: row.get("channel_id")?,
            post: row.get("post_id")?,
            account: row.maybe("account_id")?,
            answers: row.maybe("answers_id")?,
            was: state.name(),
            state,
            revision: Revision(row.small("revision")?),
            post_revision: row.maybe("post_revision")?,
            label: row.maybe("label")?,
            window,
            due_at: row.maybe("due_at")?,
            reactions: row.get("reactions")?,
            replies: row.get("replies")?,
            touched: false,
            effects: Vec::new(),
        })
    }
}

fn read_state(row: &Row) -> Result<State, StoreError> {
    let revision = Revision(row.small("revision")?);
    Ok(match row.named::<StateName>("state")? {
        StateName::Planned => State::Planned,
        StateName::Skipped => State::Skipped(row.named("reason")?),
        StateName::Drafted => State::Drafted(revision),
        StateName::Rejected => State::Rejected(revision),
        StateName::Approved => State::Approved(revision),
        StateName::Void => State::Void(revision),
        StateName::Scheduled => State::Scheduled(read_slot(row, revision)?),
        StateName::Sending => State::Sending(read_slot(row, revision)?),
        StateName::Unknown => State::Unknown(read_slot(row, revision)?),
        StateName::Sent => State::Sent(read_delivery(row)?),
        StateName::Visible => State::Visible(read_delivery(row)?),
        StateName::Removed => State::Removed(read_delivery(row)?),
        StateName::Refused => State::Refused(row.get("error_code")?),
        StateName::Expired => State::Expired,
    })
}

fn read_slot(row: &Row, revision: Revision) -> Result<Slot, StoreError> {
    let unsigned = |error: DisclosureError| row.unreadable("signed_text", error);
    let label = Label::new(&row.get::<String>("label")?).map_err(unsigned)?;
    let signed = SignedText::restore(row.get("signed_text")?, &label).map_err(unsigned)?;
    Ok(Slot { revision, due_at: row.get("due_at")?, random_id: row.get("random_id")?, signed })
}

fn read_delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery { message_id: row.get("message_id")?, sent_at: row.get("sent_at")? })
}
