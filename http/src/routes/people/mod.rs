//! Those who run an installation: its users, its projects and who is what in them, its settings and its audit log. A file for
//! each part, with the schemas it answers with.

mod audit;
mod members;
mod projects;
mod settings;
mod users;

use audit::AuditApi;
use domain::disclosure::Label;
use domain::time::Zone;
use members::MembersApi;
use projects::ProjectsApi;
use settings::SettingsApi;
use users::UsersApi;

use crate::problem::{Failure, FieldError};

/// All of it.
pub(crate) type PeopleApi = (UsersApi, ProjectsApi, MembersApi, SettingsApi, AuditApi);

/// All of it, to be served.
pub(crate) const PEOPLE: PeopleApi = (UsersApi, ProjectsApi, MembersApi, SettingsApi, AuditApi);

/// A time zone by its IANA name, from the field `timezone`.
fn zone(name: &str) -> Result<Zone, Failure> {
    name.parse::<Zone>().map_err(|wrong| field("/timezone", &wrong))
}

/// A label, from the field `label`.
pub(super) fn label(text: &str) -> Result<Label, Failure> {
    Label::new(text).map_err(|wrong| field("/label", &wrong))
}

/// A name without white space around it, from the field of this pointer.
fn trimmed(pointer: &str, name: &str) -> Result<String, Failure> {
    match name.trim() {
        "" => Err(Failure::invalid(vec![FieldError::at(pointer, "it is blank")])),
        name => Ok(name.to_owned()),
    }
}

/// What is wrong with the field of this pointer.
pub(super) fn field(pointer: &str, wrong: &impl std::error::Error) -> Failure {
    Failure::invalid(vec![FieldError::at(pointer, wrong.to_string())])
}
