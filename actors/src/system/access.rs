//! What the Telegram bot does for the gateway: it lets in whoever opened a login's link.

use domain::time::Timestamp;
use persistence::access::{Confirmed, Credential, Visitor};

use super::System;
use crate::error::ActorError;

impl System {
    /// Confirms a browser's login for whoever sent `/start <token>` to the bot. `now` is the time of people, by which logins
    /// end, and not the tree's, which may run faster.
    ///
    /// # Errors
    /// When the Store cannot be written.
    pub async fn confirm_login(
        &self,
        token: &Credential,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Confirmed, ActorError> {
        Ok(self.deps.store.confirm_login(token, visitor, now).await?)
    }
}
