//! The handle's part for projects and accounts as people run them: what they do to a row that an actor lives by.

use std::time::Duration;

use domain::id::{AccountId, ProjectId, UserId};
use domain::setting::Setting;

use super::System;
use crate::accounts::AccountMessage;
use crate::deps::Only;
use crate::error::ActorError;
use crate::queue::PrunerMessage;

impl System {
    /// Deletes a project for everybody, once its name is repeated: its accounts let go of their connections, and its rows
    /// begin to go. Those that a node of another process connects follow when that next says that it is alive.
    ///
    /// # Errors
    /// The Store's: there is no such project, or it has another name.
    pub async fn delete_project(&self, project: ProjectId, name: &str, by: UserId) -> Result<(), ActorError> {
        for account in self.deps.store.delete_project(project, name, by, self.deps.now()).await? {
            if let Some(actor) = self.deps.directory.accounts.find(account) {
                // An actor that is gone finds no session when it is back.
                drop(actor.cast(AccountMessage::LetGo));
            }
        }
        if let Some(pruner) = self.deps.directory.pruner.find(Only) {
            // One that is gone begins with it when it is back.
            drop(pruner.cast(PrunerMessage::Erase));
        }
        Ok(())
    }

    /// Has an account looked at soon, because what it is to tell has changed; nobody waits for that.
    pub fn look_at_account(&self, account: AccountId) {
        if let Some(actor) = self.deps.directory.accounts.find(account) {
            // One that is gone is looked at within the day.
            drop(actor.cast(AccountMessage::Check(None)));
        }
    }

    /// The number of a setting that nobody has set: its own default, or what this process was configured with.
    #[must_use]
    pub fn configured(&self, setting: Setting) -> u32 {
        let days = |span: Duration| u32::try_from(span.as_secs() / (24 * 3600)).unwrap_or(u32::MAX);
        match setting {
            Setting::RecordsDays => days(self.deps.settings.retention),
            Setting::ReadersTextDays => days(self.deps.settings.readers_text_retention),
            Setting::ProjectsPerUser | Setting::AccountsPerProject | Setting::ChannelsPerProject => {
                setting.default_value().unwrap_or(u32::MAX)
            }
        }
    }
}
