//! Proxies, through the handle to the tree: looking at them now, and sending an account another way.

use domain::id::{AccountId, ProjectId, ProxyId};
use persistence::outbox::Actor;
use persistence::proxies::Way;

use super::System;
use crate::accounts::AccountMessage;
use crate::deps::Only;
use crate::error::ActorError;
use crate::proxies::{PoolMessage, ProxyReport};

impl System {
    /// Looks at all proxies of a project now, and moves accounts whose own is down. The reports are in the order in which
    /// the proxies were added.
    ///
    /// # Errors
    /// When the pool is just being restarted, or the Store does not answer.
    pub async fn check_proxies(&self, project: ProjectId) -> Result<Vec<ProxyReport>, ActorError> {
        self.ask_pool(project, None).await
    }

    /// Looks at one proxy of a project now; `None` when the project has no such proxy.
    ///
    /// # Errors
    /// Those of [`System::check_proxies`].
    pub async fn check_proxy(
        &self,
        project: ProjectId,
        proxy: ProxyId,
    ) -> Result<Option<ProxyReport>, ActorError> {
        Ok(self.ask_pool(project, Some(proxy)).await?.pop())
    }

    async fn ask_pool(
        &self,
        project: ProjectId,
        only: Option<ProxyId>,
    ) -> Result<Vec<ProxyReport>, ActorError> {
        let pool = self.deps.directory.proxy_pool.find(Only).ok_or(ActorError::Gone)?;
        pool.ask(|reply| PoolMessage::Check { project, only, reply }).await
    }

    /// Sends an account another way, because a person wants it, and lets it connect anew; the proxy it goes through.
    ///
    /// # Errors
    /// The Store's: there is no such account or proxy, no free place, or the account has to stay.
    pub async fn send_account(
        &self,
        project: ProjectId,
        account: AccountId,
        way: Way<'_>,
        by: Actor,
    ) -> Result<Option<ProxyId>, ActorError> {
        let proxy = self.deps.store.send_account(project, account, way, by, self.deps.now()).await?;
        if let Some(actor) = self.deps.directory.accounts.find(account) {
            // An actor that is gone reads the new way when it is back.
            drop(actor.cast(AccountMessage::Reroute));
        }
        Ok(proxy)
    }
}
