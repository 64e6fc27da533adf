//! Who uses an installation, and the projects they work in: users, projects, and who is what in which.
//!
//! Every change that a person makes stands in the audit log with the change itself. Two things are never taken away: the last
//! administrator who can come in, and the owner of a project. A project that several people change at once counts its
//! versions; whoever changes one that they have not seen is told so.

mod deletion;
mod members;
mod projects;
mod users;

pub use deletion::Erased;
pub use members::{Member, Who};
pub use projects::{Project, ProjectChange};
pub use users::{User, UserChange, UserFilter, UserStatus};
