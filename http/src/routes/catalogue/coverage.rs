//! `/api/v1/projects/{project_id}/campaigns/{campaign_id}/coverage` and what it consists of: where a campaign speaks, and
//! who speaks in it.

use domain::access::Right;
use domain::id::{AccountId, CampaignId, ChannelId, PlaylistId};
use persistence::catalogue::{CoverKind, Coverage, Covered};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::campaigns::read;
use super::settings::Campaign;
use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::{Found, Part, Versioned};

/// A channel, a playlist or an account of a campaign.
#[derive(Debug, Object)]
#[oai(example)]
struct CoveredItem {
    /// Its id here.
    id: i64,
    /// Its name, or its title.
    name: String,
}

page! {
    /// Some of what a campaign covers, the latest first.
    CoveragePage of CoveredItem
}

/// Channels, playlists and accounts, by their ids here.
#[derive(Debug, Default, Object)]
#[oai(deny_unknown_fields)]
struct CoverageIds {
    /// Channels.
    #[oai(default, validator(max_items = 500, unique_items))]
    channel_ids: Vec<i64>,
    /// Playlists.
    #[oai(default, validator(max_items = 100, unique_items))]
    playlist_ids: Vec<i64>,
    /// Accounts.
    #[oai(default, validator(max_items = 500, unique_items))]
    account_ids: Vec<i64>,
}

/// What is to become of what a campaign covers.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct CoveragePatch {
    /// What it covers from now on; what it covers already stays.
    #[oai(default)]
    add: CoverageIds,
    /// What it covers no longer.
    #[oai(default)]
    remove: CoverageIds,
}

pub(crate) struct CoverageApi;

#[OpenApi(tag = "Part::Campaigns")]
impl CoverageApi {
    /// Change what a campaign covers
    ///
    /// Adds channels, playlists and accounts and takes others out, all at once or not at all.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/coverage",
        method = "patch",
        operation_id = "updateCampaignCoverage"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        /// The version that was read.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<CoveragePatch>,
    ) -> Result<Versioned<Campaign>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let seen = etag::seen(if_match.as_deref())?;
        let (id, editor) = (CampaignId(campaign_id.0), editor(&gateway, &caller, project));
        let (add, remove) = (body.0.add.into(), body.0.remove.into());
        gateway.store.cover(editor, id, &add, &remove, seen).await?;
        read(&gateway, project, id).await
    }

    /// List a campaign's channels
    ///
    /// The channels that it covers by name, the latest added first; those of its playlists stand in the playlists.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/channels",
        method = "get",
        operation_id = "listCampaignChannels"
    )]
    async fn channels(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most channels to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<CoveragePage>, Failure> {
        let place = (project_id.0, CampaignId(campaign_id.0), CoverKind::Channels);
        list(&gateway, &caller, place, after.0, limit.0).await
    }

    /// List a campaign's playlists
    ///
    /// The playlists that it covers, the latest made first.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/playlists",
        method = "get",
        operation_id = "listCampaignPlaylists"
    )]
    async fn playlists(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most playlists to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<CoveragePage>, Failure> {
        let place = (project_id.0, CampaignId(campaign_id.0), CoverKind::Playlists);
        list(&gateway, &caller, place, after.0, limit.0).await
    }

    /// List a campaign's accounts
    ///
    /// The accounts that speak in it, the latest connected first. In a channel, those of them speak that are assigned to
    /// it.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/accounts",
        method = "get",
        operation_id = "listCampaignAccounts"
    )]
    async fn accounts(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most accounts to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<CoveragePage>, Failure> {
        let place = (project_id.0, CampaignId(campaign_id.0), CoverKind::Accounts);
        list(&gateway, &caller, place, after.0, limit.0).await
    }
}

async fn list(
    gateway: &Gateway,
    caller: &Reader,
    (project, campaign, kind): (i64, CampaignId, CoverKind),
    after: Option<String>,
    limit: u32,
) -> Result<Found<CoveragePage>, Failure> {
    let project = caller.project(gateway, project, Right::View).await?.id;
    let campaign = gateway.store.campaign(project, campaign).await?.id;
    let list = List::of("coverage").by("campaign", Some(campaign)).by("kind", Some(format!("{kind:?}")));
    let before = list.position(after.as_deref())?;
    let found = gateway.store.covered(project, campaign, kind, before, limit + 1).await?;
    let (items, next) = list.cut(found, limit, |covered| covered.id);
    Ok(Found::Whole(Json(CoveragePage { items: items.into_iter().map(CoveredItem::from).collect(), next })))
}

impl From<CoverageIds> for Coverage {
    fn from(ids: CoverageIds) -> Self {
        Self {
            channels: ids.channel_ids.into_iter().map(ChannelId).collect(),
            playlists: ids.playlist_ids.into_iter().map(PlaylistId).collect(),
            accounts: ids.account_ids.into_iter().map(AccountId).collect(),
        }
    }
}

impl From<Covered> for CoveredItem {
    fn from(covered: Covered) -> Self {
        Self { id: covered.id, name: covered.name }
    }
}

impl Example for CoveredItem {
    fn example() -> Self {
        Self { id: 3, name: "Tram news".into() }
    }
}

impl Example for CoveragePatch {
    fn example() -> Self {
        let ids = |channel_ids| CoverageIds { channel_ids, ..CoverageIds::default() };
        Self { add: ids(vec![4]), remove: ids(vec![3]) }
    }
}
