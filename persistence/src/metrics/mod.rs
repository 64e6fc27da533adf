//! The daily figures: one row per day of the project's zone, account and channel, added to in the transaction of what it
//! counts, read by the day.

mod read;

use std::collections::HashMap;

use domain::id::{AccountId, ChannelId, ProjectId};
use domain::time::Day;
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Tx};

pub use read::{Breakdown, DayFigures, Days};

static COUNT: Sql = Sql::new(
    "INSERT INTO metrics_daily (project_id, account_id, channel_id, day, sent, refused, expired, removed, visible, replies,
         reactions, flood_waits)
     SELECT r.project_id, r.account_id, r.channel_id, r.day, r.sent, r.refused, r.expired, r.removed, r.visible, r.replies,
         r.reactions, r.flood_waits
     FROM rows($1: project_id bigint, account_id bigint, channel_id bigint, day bigint, sent bigint, refused bigint,
         expired bigint, removed bigint, visible bigint, replies bigint, reactions bigint, flood_waits bigint) r
     WHERE true
     ON CONFLICT (project_id, day, coalesce(account_id, 0), coalesce(channel_id, 0)) DO UPDATE SET
         sent = metrics_daily.sent + excluded.sent, refused = metrics_daily.refused + excluded.refused,
         expired = metrics_daily.expired + excluded.expired, removed = metrics_daily.removed + excluded.removed,
         visible = metrics_daily.visible + excluded.visible, replies = metrics_daily.replies + excluded.replies,
         reactions = metrics_daily.reactions + excluded.reactions,
         flood_waits = metrics_daily.flood_waits + excluded.flood_waits",
);

/// What a figure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) project: ProjectId,
    pub(crate) account: Option<AccountId>,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) day: Day,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Comments that Telegram confirmed.
    pub sent: i64,
    /// Comments that Telegram refused.
    pub refused: i64,
    /// Comments whose window closed.
    pub expired: i64,
    /// Comments that disappeared from their thread.
    pub removed: i64,
    /// Comments that were seen to stand.
    pub visible: i64,
    /// Messages that answered comments.
    pub replies: i64,
    /// Reactions to comments.
    pub reactions: i64,
    /// Waits that Telegram asked for.
    pub flood_waits: i64,
}

/// Figures gathered during a transaction.
#[derive(Debug, Default)]
pub(crate) struct Tally(HashMap<Place, Figures>);

#[derive(Serialize)]
struct FigureRow {
    project_id: ProjectId,
    account_id: Option<AccountId>,
    channel_id: Option<ChannelId>,
    day: Day,
    #[serde(flatten)]
    figures: Figures,
}

impl Tally {
    /// The figures of a place, to be added to.
    pub(crate) fn at(&mut self, place: Place) -> &mut Figures {
        self.0.entry(place).or_default()
    }

    /// Adds everything to the table. Places are written in order, so that two transactions never wait for each other.
    pub(crate) fn write(self, tx: &Tx) -> Result<(), StoreError> {
        let mut counted: Vec<_> =
            self.0.into_iter().filter(|(_, figures)| *figures != Figures::default()).collect();
        if counted.is_empty() {
            return Ok(());
        }
        counted.sort_unstable_by_key(|(place, _)| *place);
        let row = |(place, figures): (Place, Figures)| FigureRow {
            project_id: place.project,
            account_id: place.account,
            channel_id: place.channel,
            day: place.day,
            figures,
        };
        let counted: Vec<_> = counted.into_iter().map(row).collect();
        tx.at_commit(&COUNT, [rows(tx.operation(), &counted)?]);
        Ok(())
    }
}
