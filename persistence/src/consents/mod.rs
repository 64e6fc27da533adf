//! Consents that Telegram proves: channels that are added, the codes their owners put into descriptions, and the ledger's
//! rows from the proof to the end, with everything that stood on them.
//!
//! The ledger only grows: a proof that is given anew closes the row before it and opens another in the same transaction, so
//! that the channel is covered without a gap and the history stays.

mod channel;
mod end;
mod prove;

use domain::consent::{Evidence, Scope};
use domain::event::EventType;
use domain::id::{AccountId, ChannelId, ConsentId, PeerId, ProjectId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::queue::hasten_audits_in;
use crate::rows::Sql;
use crate::store::{Run as _, Tx};

pub use channel::{AddedChannel, ChannelStatus};

/// A proof of an agreement, as Telegram showed it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The channel.
    pub channel: ChannelId,
    /// What its owner agreed to.
    pub scope: Scope,
    /// How that was proven.
    pub evidence: Evidence,
    /// What the proof refers to, for people.
    pub detail: String,
    /// The account whose rights are the proof.
    pub account: Option<AccountId>,
    /// When the agreement ends whatever the proof says.
    pub agreed_until: Option<Timestamp>,
}

/// A consent whose proof can be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentToCheck {
    /// Its row.
    pub consent: ConsentId,
    /// Whose it is.
    pub project: ProjectId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// The account whose rights are the proof.
    pub account: AccountId,
}

/// A consent that stands, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingConsent {
    /// Its row.
    pub consent: ConsentId,
    /// The channel.
    pub channel: ChannelId,
    /// What it allows.
    pub scope: Scope,
    /// How it was proven.
    pub evidence: Evidence,
    /// Since when.
    pub granted_at: Timestamp,
    /// When its proof was last seen.
    pub checked_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What a consent opens beside the ledger: a channel whose reading had ended is read again, from where it was left.
pub(crate) async fn open(
    tx: &Tx,
    channel: ChannelId,
    scope: Scope,
    now: Timestamp,
) -> Result<(), StoreError> {
    static READ_AGAIN: Sql = Sql::new(
        "UPDATE channels SET reading_ended_at = NULL WHERE id = $1 AND reading_ended_at IS NOT NULL",
    );
    if scope == Scope::Read && tx.run(&READ_AGAIN, [channel.get().into()]).await? > 0 {
        hasten_audits_in(tx, &[channel], now)?;
    }
    Ok(())
}

/// What happened to a consent.
pub(crate) fn event(
    kind: EventType,
    project: ProjectId,
    channel: ChannelId,
    consent: ConsentId,
    at: Timestamp,
) -> NewEvent {
    let subject = Subject { channel: Some(channel), consent: Some(consent), ..Subject::default() };
    NewEvent { project: Some(project), kind, subject, at }
}
