//! What a campaign covers and who speaks in it: channels, whole playlists, accounts.

use domain::id::{AccountId, CampaignId, ChannelId, PlaylistId, ProjectId};
use serde::Serialize;

use super::campaigns::touch;
use super::links::Links;
use super::{Editor, log};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store, Tx};

static CHANNELS: Links = Links {
    ours: Sql::new(
        "SELECT count(*) AS count FROM rows($1: id bigint) r CROSS JOIN channels o WHERE o.id = r.id AND o.project_id = $2",
    ),
    add: Sql::new(
        "INSERT INTO campaign_channels (campaign_id, channel_id)
         SELECT $2, o.id FROM rows($1: id bigint) r CROSS JOIN channels o WHERE o.id = r.id AND o.project_id = $3
         ON CONFLICT DO NOTHING",
    ),
    remove: Sql::new(
        "DELETE FROM campaign_channels WHERE campaign_id = $2 AND channel_id IN (SELECT r.id FROM rows($1: id bigint) r)",
    ),
    what: "channel",
};

static PLAYLISTS: Links = Links {
    ours: Sql::new(
        "SELECT count(*) AS count FROM rows($1: id bigint) r CROSS JOIN playlists o WHERE o.id = r.id AND o.project_id = $2",
    ),
    add: Sql::new(
        "INSERT INTO campaign_playlists (campaign_id, playlist_id)
         SELECT $2, o.id FROM rows($1: id bigint) r CROSS JOIN playlists o WHERE o.id = r.id AND o.project_id = $3
         ON CONFLICT DO NOTHING",
    ),
    remove: Sql::new(
        "DELETE FROM campaign_playlists WHERE campaign_id = $2 AND playlist_id IN (SELECT r.id FROM rows($1: id bigint) r)",
    ),
    what: "playlist",
};

static ACCOUNTS: Links = Links {
    ours: Sql::new(
        "SELECT count(*) AS count FROM rows($1: id bigint) r CROSS JOIN accounts o WHERE o.id = r.id AND o.project_id = $2",
    ),
    add: Sql::new(
        "INSERT INTO campaign_accounts (campaign_id, account_id)
         SELECT $2, o.id FROM rows($1: id bigint) r CROSS JOIN accounts o WHERE o.id = r.id AND o.project_id = $3
         ON CONFLICT DO NOTHING",
    ),
    remove: Sql::new(
        "DELETE FROM campaign_accounts WHERE campaign_id = $2 AND account_id IN (SELECT r.id FROM rows($1: id bigint) r)",
    ),
    what: "account",
};

static COVERED_CHANNELS: Sql = Sql::new(
    "SELECT o.id, o.title AS name FROM campaigns ca CROSS JOIN campaign_channels x CROSS JOIN channels o
     WHERE ca.id = $2 AND ca.project_id = $1 AND x.campaign_id = ca.id AND o.id = x.channel_id AND o.id < $3
     ORDER BY o.id DESC LIMIT $4",
);

static COVERED_PLAYLISTS: Sql = Sql::new(
    "SELECT o.id, o.name FROM campaigns ca CROSS JOIN campaign_playlists x CROSS JOIN playlists o
     WHERE ca.id = $2 AND ca.project_id = $1 AND x.campaign_id = ca.id AND o.id = x.playlist_id AND o.id < $3
     ORDER BY o.id DESC LIMIT $4",
);

static COVERED_ACCOUNTS: Sql = Sql::new(
    "SELECT o.id, o.display_name AS name FROM campaigns ca CROSS JOIN campaign_accounts x CROSS JOIN accounts o
     WHERE ca.id = $2 AND ca.project_id = $1 AND x.campaign_id = ca.id AND o.id = x.account_id AND o.id < $3
     ORDER BY o.id DESC LIMIT $4",
);

/// Channels, playlists and accounts of a campaign, or to be added to one or taken out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Where it speaks.
    pub channels: Vec<ChannelId>,
    /// Whose channels it speaks in, too.
    pub playlists: Vec<PlaylistId>,
    /// Who speaks in it.
    pub accounts: Vec<AccountId>,
}

/// What kind of thing a campaign covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverKind {
    /// Channels that were named one by one.
    Channels,
    /// Playlists.
    Playlists,
    /// Accounts.
    Accounts,
}

/// One thing that a campaign covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Its row, which is also its place in the list.
    pub id: i64,
    /// Its name, or its title.
    pub name: String,
}

#[derive(Serialize)]
struct CoverDetail<'a> {
    added: &'a Coverage,
    removed: &'a Coverage,
}

impl Coverage {
    /// The ids of each kind, beside how that kind is kept.
    fn sets(&self) -> [(&'static Links, Vec<i64>); 3] {
        [
            (&CHANNELS, self.channels.iter().map(|id| id.get()).collect()),
            (&PLAYLISTS, self.playlists.iter().map(|id| id.get()).collect()),
            (&ACCOUNTS, self.accounts.iter().map(|id| id.get()).collect()),
        ]
    }
}

impl Store {
    /// Adds to what a campaign covers, and takes out of it; what is named on both sides stays in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the campaign, or something that is added, is not the project's,
    /// [`StoreError::Stale`] when the campaign is not of the version `made_on` any more; nothing is changed then.
    pub async fn cover(
        &self,
        editor: Editor,
        campaign: CampaignId,
        added: &Coverage,
        removed: &Coverage,
        made_on: Option<i64>,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change what a campaign covers").await?;
        touch(&tx, editor.project, campaign, made_on).await?;
        for (links, ids) in removed.sets() {
            links.remove(&tx, campaign.get(), &ids).await?;
        }
        cover_in(&tx, editor.project, campaign, added).await?;
        let detail = CoverDetail { added, removed };
        log(&tx, editor, "campaign.covered", format!("campaign:{campaign}"), &detail).await?;
        tx.commit().await
    }

    /// What of one kind a campaign covers, latest added row first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own; a campaign that is not the project's covers nothing.
    pub async fn covered(
        &self,
        project: ProjectId,
        campaign: CampaignId,
        kind: CoverKind,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Covered>, StoreError> {
        let sql = match kind {
            CoverKind::Channels => &COVERED_CHANNELS,
            CoverKind::Playlists => &COVERED_PLAYLISTS,
            CoverKind::Accounts => &COVERED_ACCOUNTS,
        };
        let before = before.unwrap_or(i64::MAX);
        let values = [project.get().into(), campaign.get().into(), before.into(), i64::from(limit).into()];
        let covered = |row: &Row| Ok(Covered { id: row.get("id")?, name: row.get("name")? });
        self.read("read what a campaign covers").rows(sql, values).await?.iter().map(covered).collect()
    }
}

/// Adds to what a campaign of the project covers.
pub(crate) async fn cover_in(
    tx: &Tx,
    project: ProjectId,
    campaign: CampaignId,
    added: &Coverage,
) -> Result<(), StoreError> {
    for (links, ids) in added.sets() {
        links.add(tx, project, campaign.get(), &ids).await?;
    }
    Ok(())
}
