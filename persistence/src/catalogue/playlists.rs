//! Playlists: named sets of channels that campaigns cover as one.

use domain::id::{ChannelId, PlaylistId, ProjectId};
use serde::Serialize;

use super::links::Links;
use super::{Editor, log, missing};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};

macro_rules! playlists {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.name, p.description,
                 (SELECT count(*) FROM playlist_channels c WHERE c.playlist_id = p.id) AS channels,
                 (SELECT count(*) FROM campaign_playlists c WHERE c.playlist_id = p.id) AS campaigns
             FROM playlists p WHERE p.project_id = $1 AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(playlists!("p.id = $2"));

static LIST: Sql = Sql::new(playlists!("p.id < $2 ORDER BY p.id DESC LIMIT $3"));

static INSERT: Sql =
    Sql::new("INSERT INTO playlists (project_id, name, description) VALUES ($1, $2, $3) RETURNING id");

static UPDATE: Sql = Sql::new(
    "UPDATE playlists SET name = coalesce($3, name), description = coalesce($4, description)
     WHERE id = $2 AND project_id = $1",
);

static DELETE: Sql = Sql::new("DELETE FROM playlists WHERE id = $2 AND project_id = $1");

static HOLD: Sql = Sql::new("SELECT 1 FROM playlists WHERE id = $2 AND project_id = $1 {FOR UPDATE}");

static CHANNELS: Links = Links {
    ours: Sql::new(
        "SELECT count(*) AS count FROM rows($1: id bigint) r CROSS JOIN channels o WHERE o.id = r.id AND o.project_id = $2",
    ),
    add: Sql::new(
        "INSERT INTO playlist_channels (playlist_id, channel_id)
         SELECT $2, o.id FROM rows($1: id bigint) r CROSS JOIN channels o WHERE o.id = r.id AND o.project_id = $3
         ON CONFLICT DO NOTHING",
    ),
    remove: Sql::new(
        "DELETE FROM playlist_channels WHERE playlist_id = $2 AND channel_id IN (SELECT r.id FROM rows($1: id bigint) r)",
    ),
    what: "channel",
};

/// A playlist as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlaylist {
    /// Its row, which is also its place in the list.
    pub id: PlaylistId,
    /// Its name, unique in the project.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many channels it has.
    pub channels: u32,
    /// How many campaigns cover it.
    pub campaigns: u32,
}

/// What is to become of a playlist; `None` leaves it as it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlaylistChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Channels<'a> {
    channels: &'a [ChannelId],
}

impl Store {
    /// A project's playlists, latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_playlists(
        &self,
        project: ProjectId,
        before: Option<PlaylistId>,
        limit: u32,
    ) -> Result<Vec<ListedPlaylist>, StoreError> {
        let before = before.map_or(i64::MAX, PlaylistId::get);
        let values = [project.get().into(), before.into(), i64::from(limit).into()];
        self.read("list playlists").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// One playlist.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such playlist.
    pub async fn playlist(
        &self,
        project: ProjectId,
        playlist: PlaylistId,
    ) -> Result<ListedPlaylist, StoreError> {
        let read = self.read("read a playlist");
        let missing = StoreError::NotFound { operation: read.operation(), what: "playlist" };
        read_listed(&read.row(&ONE, [project.get().into(), playlist.get().into()]).await?.ok_or(missing)?)
    }

    /// Adds a playlist with its channels.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has one of that name, [`StoreError::NotFound`] when a channel is not the
    /// project's.
    pub async fn add_playlist(
        &self,
        editor: Editor,
        name: &str,
        description: &str,
        channels: &[ChannelId],
    ) -> Result<PlaylistId, StoreError> {
        let tx = self.begin("add a playlist").await?;
        let (name, description) = (storable(name).into_owned(), storable(description).into_owned());
        let values = [editor.project.get().into(), name.as_str().into(), description.into()];
        let gone = missing(&tx, "playlist");
        let id: PlaylistId = tx.row(&INSERT, values).await?.ok_or(gone)?.get("id")?;
        CHANNELS.add(&tx, editor.project, id.get(), &raw(channels)).await?;
        log(&tx, editor, "playlist.created", format!("playlist:{id}"), &Named { name: &name }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a playlist's name or description.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has another one of that name, [`StoreError::NotFound`] when it has no such
    /// playlist.
    pub async fn change_playlist(
        &self,
        editor: Editor,
        playlist: PlaylistId,
        change: &PlaylistChange,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a playlist").await?;
        let text = |text: &Option<String>| text.as_deref().map(|text| storable(text).into_owned());
        let values = [
            editor.project.get().into(),
            playlist.get().into(),
            text(&change.name).into(),
            text(&change.description).into(),
        ];
        if tx.run(&UPDATE, values).await? == 0 {
            return Err(missing(&tx, "playlist"));
        }
        log(&tx, editor, "playlist.updated", format!("playlist:{playlist}"), change).await?;
        tx.commit().await
    }

    /// Removes a playlist; campaigns cover its channels no longer, unless they do so otherwise.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such playlist.
    pub async fn remove_playlist(&self, editor: Editor, playlist: PlaylistId) -> Result<(), StoreError> {
        let tx = self.begin("remove a playlist").await?;
        if tx.run(&DELETE, [editor.project.get().into(), playlist.get().into()]).await? == 0 {
            return Err(missing(&tx, "playlist"));
        }
        log(&tx, editor, "playlist.deleted", format!("playlist:{playlist}"), &()).await?;
        tx.commit().await
    }

    /// Puts channels into a playlist; those that are in it already stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the playlist or a channel is not the project's; nothing is put in then.
    pub async fn fill_playlist(
        &self,
        editor: Editor,
        playlist: PlaylistId,
        channels: &[ChannelId],
    ) -> Result<(), StoreError> {
        let tx = self.begin("put channels into a playlist").await?;
        hold(&tx, editor.project, playlist).await?;
        CHANNELS.add(&tx, editor.project, playlist.get(), &raw(channels)).await?;
        log(&tx, editor, "playlist.filled", format!("playlist:{playlist}"), &Channels { channels }).await?;
        tx.commit().await
    }

    /// Takes a channel out of a playlist.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such playlist, or the channel is not in it.
    pub async fn take_out_of_playlist(
        &self,
        editor: Editor,
        playlist: PlaylistId,
        channel: ChannelId,
    ) -> Result<(), StoreError> {
        let tx = self.begin("take a channel out of a playlist").await?;
        hold(&tx, editor.project, playlist).await?;
        if CHANNELS.remove(&tx, playlist.get(), &[channel.get()]).await? == 0 {
            return Err(missing(&tx, "channel"));
        }
        let detail = Channels { channels: &[channel] };
        log(&tx, editor, "playlist.emptied", format!("playlist:{playlist}"), &detail).await?;
        tx.commit().await
    }
}

/// Keeps a playlist from changing until the transaction ends.
async fn hold(tx: &Tx, project: ProjectId, playlist: PlaylistId) -> Result<(), StoreError> {
    let held = tx.row(&HOLD, [project.get().into(), playlist.get().into()]).await?;
    held.map(drop).ok_or_else(|| missing(tx, "playlist"))
}

fn raw(channels: &[ChannelId]) -> Vec<i64> {
    channels.iter().map(|id| id.get()).collect()
}

fn read_listed(row: &Row) -> Result<ListedPlaylist, StoreError> {
    Ok(ListedPlaylist {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        channels: row.small("channels")?,
        campaigns: row.small("campaigns")?,
    })
}
