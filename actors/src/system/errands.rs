//! The handle's part for errands: what a gateway and a bot offer to those who bring a channel or ask after an account.

use domain::id::AccountId;
use persistence::health::AccountHealth;

use super::System;
use crate::errands::{Client, Errand, ErrandError, Outcome, Staff, run};

impl System {
    /// Runs an errand through the accounts of this tree.
    ///
    /// # Errors
    /// Why it came to nothing; nothing was changed then.
    pub async fn run_errand(&self, client: Client, errand: &Errand) -> Result<Outcome, ErrandError> {
        run(&self.deps.store, &Staff(&self.deps), client, errand, self.deps.now()).await
    }

    /// Looks at an account now, if it has a connection, and tells how it fares.
    ///
    /// # Errors
    /// [`ErrandError::Store`] when there is no such account, or the Store does not answer.
    pub async fn check_account(&self, account: AccountId) -> Result<AccountHealth, ErrandError> {
        use crate::errands::Envoy as _;
        Staff(&self.deps).check(account).await?;
        Ok(self.deps.store.account_health(account).await?)
    }
}
