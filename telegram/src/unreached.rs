//! No way to Telegram: what stands in for an adapter where there is none.

use async_trait::async_trait;
use domain::id::AccountId;

use crate::{
    Connection, LoginLine, Logins, Probe, ProbeError, Probes, Route, Session, SignedIn, Telegram,
    TelegramError,
};

/// Nothing answers: every account finds itself disconnected and its work waits for it, no login begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unreached;

#[async_trait]
impl Telegram for Unreached {
    async fn connect(
        &self,
        _: AccountId,
        _: &Session,
        _: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
}

#[async_trait]
impl Logins for Unreached {
    async fn log_in(&self, _: &Route) -> Result<Box<dyn LoginLine>, TelegramError> {
        Err(TelegramError::Disconnected)
    }

    async fn recognise(&self, _: &Session, _: &Route) -> Result<SignedIn, TelegramError> {
        Err(TelegramError::Disconnected)
    }
}

#[async_trait]
impl Probes for Unreached {
    async fn probe(&self, _: &Route) -> Result<Probe, ProbeError> {
        Err(ProbeError::NoTelegram("no way to Telegram is configured".to_owned()))
    }
}
