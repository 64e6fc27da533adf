//! `/api/v1/projects/{project_id}/playlists`: named sets of channels that campaigns cover as one.

use domain::access::Right;
use domain::id::{ChannelId, PlaylistId, ProjectId};
use persistence::catalogue::{ListedPlaylist, PlaylistChange};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::{Found, Gone, Made, Part};

/// A named set of channels.
#[derive(Debug, Object)]
#[oai(example)]
struct Playlist {
    /// Its id here.
    id: i64,
    /// Its name, unique in the project.
    name: String,
    /// What it is for.
    description: String,
    /// How many channels it has; the list of channels shows them.
    channels: u32,
    /// How many campaigns cover it.
    campaigns: u32,
}

page! {
    /// Some playlists, the latest first.
    PlaylistPage of Playlist
}

/// A playlist to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewPlaylist {
    /// Its name, unique in the project.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What it is for.
    #[oai(default, validator(max_length = 1000))]
    description: String,
    /// Its channels, by their ids here.
    #[oai(default, validator(max_items = 500, unique_items))]
    channel_ids: Vec<i64>,
}

/// What is to become of a playlist; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct PlaylistPatch {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// What it is for.
    #[oai(validator(max_length = 1000))]
    description: Option<String>,
}

/// Channels to be put into a playlist.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct PlaylistChannels {
    /// The channels, by their ids here; those that are in it already stay.
    #[oai(validator(min_items = 1, max_items = 500, unique_items))]
    channel_ids: Vec<i64>,
}

pub(crate) struct PlaylistsApi;

#[OpenApi(tag = "Part::Playlists")]
impl PlaylistsApi {
    /// List playlists
    ///
    /// The project's playlists, the latest first.
    #[oai(path = "/api/v1/projects/:project_id/playlists", method = "get", operation_id = "listPlaylists")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most playlists to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<PlaylistPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let list = List::of("playlists").by("project", Some(project));
        let before = list.position::<i64>(after.as_deref())?.map(PlaylistId);
        let found = gateway.store.list_playlists(project, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |playlist| playlist.id.get());
        Ok(Found::Whole(Json(PlaylistPage { items: items.into_iter().map(Playlist::from).collect(), next })))
    }

    /// Create a playlist
    ///
    /// Makes a playlist, with channels or empty.
    #[oai(path = "/api/v1/projects/:project_id/playlists", method = "post", operation_id = "createPlaylist")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<NewPlaylist>,
    ) -> Result<Made<Playlist>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let NewPlaylist { name, description, channel_ids } = body.0;
        let channels: Vec<_> = channel_ids.into_iter().map(ChannelId).collect();
        let editor = editor(&gateway, &caller, project);
        let id = gateway.store.add_playlist(editor, &name, &description, &channels).await?;
        let place = format!("/api/v1/projects/{project}/playlists/{id}");
        Ok(Made::Whole(Json(read(&gateway, project, id).await?), place))
    }

    /// Get a playlist
    ///
    /// One playlist; its channels are those that the list of channels shows for it.
    #[oai(
        path = "/api/v1/projects/:project_id/playlists/:playlist_id",
        method = "get",
        operation_id = "getPlaylist"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The playlist.
        playlist_id: Path<i64>,
    ) -> Result<Found<Playlist>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(read(&gateway, project, PlaylistId(playlist_id.0)).await?)))
    }

    /// Change a playlist
    ///
    /// Changes its name or description.
    #[oai(
        path = "/api/v1/projects/:project_id/playlists/:playlist_id",
        method = "patch",
        operation_id = "updatePlaylist"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The playlist.
        playlist_id: Path<i64>,
        body: Body<PlaylistPatch>,
    ) -> Result<Found<Playlist>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (id, editor) = (PlaylistId(playlist_id.0), editor(&gateway, &caller, project));
        let change = PlaylistChange { name: body.0.name, description: body.0.description };
        gateway.store.change_playlist(editor, id, &change).await?;
        Ok(Found::Whole(Json(read(&gateway, project, id).await?)))
    }

    /// Delete a playlist
    ///
    /// Campaigns cover its channels no longer, unless they do so otherwise. The channels stay.
    #[oai(
        path = "/api/v1/projects/:project_id/playlists/:playlist_id",
        method = "delete",
        operation_id = "deletePlaylist"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The playlist.
        playlist_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let editor = editor(&gateway, &caller, project);
        gateway.store.remove_playlist(editor, PlaylistId(playlist_id.0)).await?;
        Ok(Gone::Done)
    }

    /// Put channels into a playlist
    ///
    /// Adds channels of the project; campaigns that cover the playlist cover them from now on.
    #[oai(
        path = "/api/v1/projects/:project_id/playlists/:playlist_id/channels",
        method = "post",
        operation_id = "addPlaylistChannels"
    )]
    async fn fill(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The playlist.
        playlist_id: Path<i64>,
        body: Body<PlaylistChannels>,
    ) -> Result<Found<Playlist>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (id, editor) = (PlaylistId(playlist_id.0), editor(&gateway, &caller, project));
        let channels: Vec<_> = body.0.channel_ids.into_iter().map(ChannelId).collect();
        gateway.store.fill_playlist(editor, id, &channels).await?;
        Ok(Found::Whole(Json(read(&gateway, project, id).await?)))
    }

    /// Take a channel out of a playlist
    ///
    /// The channel itself stays.
    #[oai(
        path = "/api/v1/projects/:project_id/playlists/:playlist_id/channels/:channel_id",
        method = "delete",
        operation_id = "removePlaylistChannel"
    )]
    async fn take_out(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The playlist.
        playlist_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (id, editor) = (PlaylistId(playlist_id.0), editor(&gateway, &caller, project));
        gateway.store.take_out_of_playlist(editor, id, ChannelId(channel_id.0)).await?;
        Ok(Gone::Done)
    }
}

async fn read(gateway: &Gateway, project: ProjectId, playlist: PlaylistId) -> Result<Playlist, Failure> {
    Ok(gateway.store.playlist(project, playlist).await?.into())
}

impl From<ListedPlaylist> for Playlist {
    fn from(playlist: ListedPlaylist) -> Self {
        Self {
            id: playlist.id.get(),
            name: playlist.name,
            description: playlist.description,
            channels: playlist.channels,
            campaigns: playlist.campaigns,
        }
    }
}

impl Example for Playlist {
    fn example() -> Self {
        let description = "Channels about getting around".into();
        Self { id: 2, name: "Transport".into(), description, channels: 14, campaigns: 1 }
    }
}

impl Example for NewPlaylist {
    fn example() -> Self {
        let description = "Channels about getting around".into();
        Self { name: "Transport".into(), description, channel_ids: vec![3, 4] }
    }
}

impl Example for PlaylistPatch {
    fn example() -> Self {
        Self { name: Some("Trams and buses".into()), description: None }
    }
}

impl Example for PlaylistChannels {
    fn example() -> Self {
        Self { channel_ids: vec![3, 4] }
    }
}
