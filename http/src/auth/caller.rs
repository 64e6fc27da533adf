//! Somebody who was let in, and what they may do in a project or to the installation.

use std::sync::Arc;

use domain::access::Right;
use domain::id::{ProjectId, UserId};
use persistence::access::Grant;
use persistence::outbox::Actor;
use persistence::setup::Role;

use crate::gateway::Gateway;
use crate::problem::Failure;

/// Who is asking.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    grant: Arc<Grant>,
}

/// A project that the caller may do something with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProjectAccess {
    /// The project.
    pub(crate) id: ProjectId,
}

impl Caller {
    pub(super) const fn new(grant: Arc<Grant>) -> Self {
        Self { grant }
    }

    /// The user.
    pub(crate) fn user(&self) -> UserId {
        self.grant.user
    }

    /// The user, as the audit log names whoever did something.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.grant.user)
    }

    /// Everything about who is asking.
    pub(crate) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The project with this id, if the caller has `right` there.
    ///
    /// # Errors
    /// 404 when there is none, or none for the caller or for their token; 403 when their role or their token does not
    /// include the right.
    pub(crate) async fn project(
        &self,
        gateway: &Gateway,
        id: i64,
        right: Right,
    ) -> Result<ProjectAccess, Failure> {
        let id = ProjectId(id);
        let standing = gateway.store.standing(self.grant.user, self.grant.role, id).await?;
        let elsewhere = self.grant.project.is_some_and(|only| only != id);
        let Some(role) = standing.filter(|_| !elsewhere) else { return Err(Failure::unknown("project")) };
        if !self.grant.scopes.include(right.scope()) {
            return Err(Failure::forbidden(format!("it takes the scope {}", right.scope().as_str())));
        }
        if !right.is_of(role) {
            return Err(Failure::forbidden(format!("you are a {role} of this project")));
        }
        Ok(ProjectAccess { id })
    }

    /// That the caller administers the installation as a whole, and by no token of a single project.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn installation(&self) -> Result<(), Failure> {
        match (self.grant.role, self.grant.project) {
            (Role::Admin, None) => Ok(()),
            (Role::Admin, Some(_)) => Err(Failure::forbidden("the token is good for one project only")),
            (Role::Member, _) => Err(Failure::forbidden("only administrators of the installation may")),
        }
    }
}
