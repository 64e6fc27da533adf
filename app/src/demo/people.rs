//! The people around the product: owners who log their accounts in again, one who takes consent back, and an operator who
//! looks at a campaign that paused itself and lets it go on.
//!
//! They act through the same Store and tree as anybody would; the world is told of what concerns it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actors::System;
use domain::consent::Scope;
use domain::event::EventType;
use domain::id::{CampaignId, ProjectId};
use domain::policy::CampaignStatus;
use domain::time::Timestamp;
use persistence::Store;
use persistence::outbox::{Actor, Event};
use simulator::{World, WorldPlan};

use super::doorway::Doorway;
use crate::error::AppError;

/// How long the operator thinks about a campaign that paused itself.
const OPERATOR_DELAY: Duration = Duration::from_secs(2 * 3600);

/// The people.
pub(crate) struct People {
    store: Store,
    system: System,
    world: Arc<World>,
    door: Arc<Doorway>,
    project: ProjectId,
    withdrawal: Option<(u32, Timestamp)>,
    paused: BTreeMap<CampaignId, Timestamp>,
}

impl People {
    /// The people of a demo; `withdrawal` names the channel whose owner takes consent back, and when.
    pub(crate) const fn new(
        store: Store,
        system: System,
        world: Arc<World>,
        door: Arc<Doorway>,
        project: ProjectId,
        withdrawal: Option<(u32, Timestamp)>,
    ) -> Self {
        Self { store, system, world, door, project, withdrawal, paused: BTreeMap::new() }
    }

    /// Somebody is told of an event.
    pub(crate) fn hear(&mut self, event: &Event) {
        if event.kind == EventType::CampaignPaused
            && let Some(campaign) = event.subject.campaign
        {
            self.paused.insert(campaign, event.occurred_at + OPERATOR_DELAY);
        }
    }

    /// When one of them will next do something by themselves.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        let withdrawal = self.withdrawal.map(|(_, at)| at);
        self.paused.values().copied().chain(withdrawal).min()
    }

    /// They do what they have to do by now.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub(crate) async fn act(&mut self, now: Timestamp) -> Result<(), AppError> {
        self.log_in(now).await?;
        self.resume(now).await?;
        match self.withdrawal {
            Some((channel, at)) if at <= now => {
                self.withdrawal = None;
                self.withdraw(channel, now).await
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn log_in(&self, now: Timestamp) -> Result<(), AppError> {
        for account in self.world.owners_back() {
            self.world.log_in(account, now);
            let Some(session) = self.door.session(&self.world, account) else { continue };
            let peer = WorldPlan::account_peer(account);
            if let Some(row) =
                self.store.log_in_account(self.project, peer, &session.reveal().to_vec().into(), now).await?
            {
                self.system.reconnect(row);
            }
        }
        Ok(())
    }

    async fn resume(&mut self, now: Timestamp) -> Result<(), AppError> {
        let later =
            self.paused.extract_if(.., |_, at| *at <= now).map(|(campaign, _)| campaign).collect::<Vec<_>>();
        for campaign in later {
            let status = CampaignStatus::On;
            self.store.set_campaign_status(self.project, campaign, status, Actor::System, now).await?;
        }
        Ok(())
    }

    /// The product is told first; what it has begun to send by then is through before the world counts it as unwanted.
    async fn withdraw(&self, channel: u32, now: Timestamp) -> Result<(), AppError> {
        let peer = WorldPlan::channel_peer(channel);
        if let Some(consent) = self.store.standing_consent(self.project, peer, Scope::Comment).await? {
            self.store.revoke_consent(self.project, consent, now).await?;
        }
        self.system.quiet().await;
        self.world.revoke_consent(peer, Scope::Comment, now);
        Ok(())
    }
}
