//! `/api/v1/projects/{project_id}/channels`: which channels are watched, and whether they are at work.

use actors::{Client, Errand, Outcome};
use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{ChannelId, PlaylistId, ProjectId};
use domain::time::Timestamp;
use persistence::catalogue::{ChannelFilter, ListedChannel};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::consents::ConsentScope;
use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::{Failure, Kind};
use crate::routes::{Found, Made, Part};

/// Whether a channel is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::consents::ChannelStatus", rename_all = "snake_case")]
pub(super) enum ChannelStatus {
    /// It is read, and campaigns that cover it write in it.
    Active,
    /// It is read, but nothing is planned for it nor sent to it.
    Paused,
    /// No account can read it any more.
    Lost,
}

/// A watched channel.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct Channel {
    /// Its id here.
    id: i64,
    /// Its id in Telegram.
    #[oai(skip_serializing_if_is_none)]
    telegram_id: Option<i64>,
    /// Its username without `@`; missing if it has none.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// Its title.
    title: String,
    /// Its description.
    about: String,
    /// Whether it is at work.
    status: ChannelStatus,
    /// Whether it has a discussion group, without which it cannot be commented.
    has_comments: bool,
    /// How many members it has, if known.
    #[oai(skip_serializing_if_is_none)]
    members: Option<u32>,
    /// What its owner agreed to, as it counts now.
    consents: Vec<ConsentScope>,
    /// How many accounts may write in it.
    accounts: u32,
    /// How completely it is read.
    reading: Reading,
}

/// How completely a channel is read.
#[derive(Debug, Object)]
struct Reading {
    /// The id of the newest message known.
    newest_id: i64,
    /// Up to which id nothing is missing, as the last audit found.
    audited_up_to: i64,
    /// How many holes are open.
    gaps: u32,
    /// How many message ids lie in them.
    missing: u64,
    /// When the newest recorded post came out.
    #[oai(skip_serializing_if_is_none)]
    last_post_at: Option<DateTime<Utc>>,
    /// How long it took to notice that post, in seconds.
    #[oai(skip_serializing_if_is_none)]
    lag_s: Option<u64>,
}

page! {
    /// Some channels, the latest added first.
    ChannelPage of Channel
}

/// A channel to be watched.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct ChannelToAdd {
    /// A link to it, in any spelling: `@name`, `https://t.me/name`, an invitation that an account of the project accepted.
    #[oai(validator(min_length = 1, max_length = 300))]
    link: String,
    /// Whether it is only to be read; otherwise it must have a discussion group.
    #[oai(default)]
    read_only: bool,
}

pub(crate) struct ChannelsApi;

#[OpenApi(tag = "Part::Channels")]
impl ChannelsApi {
    /// List channels
    ///
    /// The channels that the project watches, the latest added first, with how completely each is read.
    #[oai(path = "/api/v1/projects/:project_id/channels", method = "get", operation_id = "listChannels")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only channels of this status.
        status: Query<Option<ChannelStatus>>,
        /// Only channels of this playlist.
        playlist_id: Query<Option<i64>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most channels to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ChannelPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let filter =
            ChannelFilter { status: status.0.map(Into::into), playlist: playlist_id.0.map(PlaylistId) };
        let list = List::of("channels")
            .by("project", Some(project))
            .by("status", status.0.map(|status| format!("{status:?}")))
            .by("playlist", playlist_id.0);
        let before = list.position::<i64>(after.as_deref())?.map(ChannelId);
        let now = gateway.now();
        let found = gateway.store.list_channels(project, filter, before, limit.0 + 1, now).await?;
        let (items, next) = list.cut(found, limit.0, |channel| channel.id.get());
        Ok(Found::Whole(Json(ChannelPage { items: items.into_iter().map(Channel::from).collect(), next })))
    }

    /// Add a channel
    ///
    /// Looks up the link through the account of the project that has the fewest channels, and watches the channel through
    /// it from its newest post on. Nothing is written in it before its owner's agreement is proven.
    #[oai(path = "/api/v1/projects/:project_id/channels", method = "post", operation_id = "addChannel")]
    async fn add(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<ChannelToAdd>,
    ) -> Result<Made<Channel>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let ChannelToAdd { link, read_only } = body.0;
        let client = Client { project, user: caller.user() };
        let errand = Errand::AddChannel { link, comment: !read_only };
        let Outcome::Added { channel, .. } = gateway.system.run_errand(client, &errand).await? else {
            return Err(Failure::of(Kind::Internal, None));
        };
        gateway.system.enrol().await;
        let place = format!("/api/v1/projects/{project}/channels/{channel}");
        Ok(Made::Whole(Json(read(&gateway, project, channel).await?), place))
    }

    /// Get a channel
    ///
    /// One channel with how completely it is read.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id",
        method = "get",
        operation_id = "getChannel"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
    ) -> Result<Found<Channel>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(read(&gateway, project, ChannelId(channel_id.0)).await?)))
    }

    /// Pause a channel
    ///
    /// Nothing is planned for it any more, and what is due there waits; it is read on. Takes effect before the next send.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/pause",
        method = "post",
        operation_id = "pauseChannel"
    )]
    async fn pause(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
    ) -> Result<Found<Channel>, Failure> {
        switch(&gateway, &caller, project_id.0, ChannelId(channel_id.0), true).await
    }

    /// Let a channel work again
    ///
    /// Ends a pause. A channel that was lost is looked for again at once.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/resume",
        method = "post",
        operation_id = "resumeChannel"
    )]
    async fn resume(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
    ) -> Result<Found<Channel>, Failure> {
        switch(&gateway, &caller, project_id.0, ChannelId(channel_id.0), false).await
    }
}

async fn switch(
    gateway: &Gateway,
    caller: &Writer,
    project: i64,
    channel: ChannelId,
    paused: bool,
) -> Result<Found<Channel>, Failure> {
    let project = caller.project(gateway, project, Right::Edit).await?.id;
    gateway.store.pause_channel(editor(gateway, caller, project), channel, paused).await?;
    gateway.system.enrol().await;
    Ok(Found::Whole(Json(read(gateway, project, channel).await?)))
}

async fn read(gateway: &Gateway, project: ProjectId, channel: ChannelId) -> Result<Channel, Failure> {
    Ok(gateway.store.listed_channel(project, channel, gateway.now()).await?.into())
}

impl From<ListedChannel> for Channel {
    fn from(channel: ListedChannel) -> Self {
        Self {
            id: channel.id.get(),
            telegram_id: channel.telegram_id.map(|id| id.get()),
            username: channel.username,
            title: channel.title,
            about: channel.about,
            status: channel.status.into(),
            has_comments: channel.discussion.is_some(),
            members: channel.members,
            consents: channel.consents.into_iter().map(ConsentScope::from).collect(),
            accounts: channel.accounts,
            reading: Reading {
                newest_id: channel.newest.get(),
                audited_up_to: channel.audited_up_to.get(),
                gaps: channel.gaps,
                missing: channel.missing,
                last_post_at: channel.last_post.map(|(published_at, _)| moment(published_at)),
                lag_s: channel.last_post.map(|(published, detected)| detected.since(published).as_secs()),
            },
        }
    }
}

impl Example for Channel {
    fn example() -> Self {
        Self {
            id: 3,
            telegram_id: Some(1_001_234_567),
            username: Some("tram_news".into()),
            title: "Tram news".into(),
            about: "Lines, stops and timetables".into(),
            status: ChannelStatus::Active,
            has_comments: true,
            members: Some(12_400),
            consents: vec![ConsentScope::Comment],
            accounts: 2,
            reading: Reading {
                newest_id: 517,
                audited_up_to: 517,
                gaps: 0,
                missing: 0,
                last_post_at: Some(moment(Timestamp::from_secs(1_772_442_000))),
                lag_s: Some(2),
            },
        }
    }
}

impl Example for ChannelToAdd {
    fn example() -> Self {
        Self { link: "https://t.me/tram_news".into(), read_only: false }
    }
}
