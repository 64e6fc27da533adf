//! Which projects somebody sees, for what is told to them over a while instead of being asked for once.

use domain::id::{ProjectId, UserId};

use crate::error::StoreError;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

static SEEN: Sql = Sql::new(
    "SELECT m.project_id FROM memberships m JOIN projects p ON p.id = m.project_id
     WHERE m.user_id = $1 AND p.deleted_at IS NULL",
);

impl Store {
    /// The projects that a user is a member of.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn projects_of(&self, user: UserId) -> Result<Vec<ProjectId>, StoreError> {
        let rows = self.read("find the projects of a user").rows(&SEEN, [user.get().into()]).await?;
        rows.iter().map(|row| row.get("project_id")).collect()
    }

    /// Becomes another number whenever somebody lost something in this process: a token, a session, a membership.
    #[must_use]
    pub fn access_generation(&self) -> u64 {
        self.memory().generation()
    }
}
