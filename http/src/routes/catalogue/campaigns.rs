//! `/api/v1/projects/{project_id}/campaigns`: campaigns, and whether they work.

use domain::access::Right;
use domain::id::{CampaignId, ProjectId};
use domain::policy;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;

use super::settings::{Campaign, CampaignPatch, CampaignStatus, NewCampaign};
use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::{Found, Gone, Made, Part, Versioned};

page! {
    /// Some campaigns, the latest first.
    CampaignPage of Campaign
}

pub(crate) struct CampaignsApi;

#[OpenApi(tag = "Part::Campaigns")]
impl CampaignsApi {
    /// List campaigns
    ///
    /// The project's campaigns, the latest first.
    #[oai(path = "/api/v1/projects/:project_id/campaigns", method = "get", operation_id = "listCampaigns")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only campaigns of this status.
        status: Query<Option<CampaignStatus>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most campaigns to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<CampaignPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let list = List::of("campaigns")
            .by("project", Some(project))
            .by("status", status.0.map(|status| format!("{status:?}")));
        let before = list.position::<i64>(after.as_deref())?.map(CampaignId);
        let status = status.0.map(Into::into);
        let found = gateway.store.list_campaigns(project, status, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |campaign| campaign.id.get());
        Ok(Found::Whole(Json(CampaignPage { items: items.into_iter().map(Campaign::from).collect(), next })))
    }

    /// Create a campaign
    ///
    /// Makes a campaign with what it covers. It is off unless asked otherwise: try it with a dry run first.
    #[oai(path = "/api/v1/projects/:project_id/campaigns", method = "post", operation_id = "createCampaign")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<NewCampaign>,
    ) -> Result<Made<Campaign>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (settings, coverage) = body.0.parts()?;
        let editor = editor(&gateway, &caller, project);
        let id = gateway.store.add_campaign(editor, &settings, &coverage).await?;
        let place = format!("/api/v1/projects/{project}/campaigns/{id}");
        Ok(Made::Whole(Json(gateway.store.campaign(project, id).await?.into()), place))
    }

    /// Get a campaign
    ///
    /// One campaign, with its version.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id",
        method = "get",
        operation_id = "getCampaign"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
    ) -> Result<Versioned<Campaign>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        read(&gateway, project, CampaignId(campaign_id.0)).await
    }

    /// Change a campaign
    ///
    /// Changes its settings. What was planned before keeps its window; everything else counts from the next decision on,
    /// quiet hours from the next send on.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id",
        method = "patch",
        operation_id = "updateCampaign"
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
        body: Body<CampaignPatch>,
    ) -> Result<Versioned<Campaign>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let seen = etag::seen(if_match.as_deref())?;
        let (id, editor) = (CampaignId(campaign_id.0), editor(&gateway, &caller, project));
        gateway.store.change_campaign(editor, id, &body.0.change()?, seen).await?;
        read(&gateway, project, id).await
    }

    /// Delete a campaign
    ///
    /// Its comments stay; those that wait are not sent any more.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id",
        method = "delete",
        operation_id = "deleteCampaign"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let editor = editor(&gateway, &caller, project);
        gateway.store.remove_campaign(editor, CampaignId(campaign_id.0)).await?;
        Ok(Gone::Done)
    }

    /// Switch a campaign on
    ///
    /// It plans from the next post or message on, and forgets the attempts that may have paused it.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/on",
        method = "post",
        operation_id = "switchCampaignOn"
    )]
    async fn on(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
    ) -> Result<Versioned<Campaign>, Failure> {
        switch(&gateway, &caller, project_id.0, campaign_id.0, policy::CampaignStatus::On).await
    }

    /// Pause a campaign
    ///
    /// Nothing is planned any more, and what is due waits, as long as its window is open. Takes effect before the next
    /// send.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/pause",
        method = "post",
        operation_id = "pauseCampaign"
    )]
    async fn pause(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
    ) -> Result<Versioned<Campaign>, Failure> {
        switch(&gateway, &caller, project_id.0, campaign_id.0, policy::CampaignStatus::Paused).await
    }

    /// Switch a campaign off
    ///
    /// As a pause, but for good: it is not in use.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/off",
        method = "post",
        operation_id = "switchCampaignOff"
    )]
    async fn off(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
    ) -> Result<Versioned<Campaign>, Failure> {
        switch(&gateway, &caller, project_id.0, campaign_id.0, policy::CampaignStatus::Off).await
    }
}

async fn switch(
    gateway: &Gateway,
    caller: &Writer,
    project: i64,
    campaign: i64,
    status: policy::CampaignStatus,
) -> Result<Versioned<Campaign>, Failure> {
    let project = caller.project(gateway, project, Right::Edit).await?.id;
    let id = CampaignId(campaign);
    gateway.store.set_campaign_status(project, id, status, caller.actor(), gateway.now()).await?;
    read(gateway, project, id).await
}

/// A campaign with its version.
pub(super) async fn read(
    gateway: &Gateway,
    project: ProjectId,
    campaign: CampaignId,
) -> Result<Versioned<Campaign>, Failure> {
    let campaign = gateway.store.campaign(project, campaign).await?;
    let tag = etag::tag(campaign.version);
    Ok(Versioned::Whole(Json(campaign.into()), tag))
}
