//! A session that was made elsewhere: whose it is, is asked of Telegram before anything is stored.

use domain::login::Welcome;
use persistence::logins::Way;

use super::admission::{Ticket, admit, failure};
use super::request::ImportSession;
use super::way::route;
use crate::deps::Deps;
use crate::error::{ActorError, LoginError};

/// Imports a session. Refused, it is left as it was: it is its owner's.
pub(crate) async fn import(deps: &Deps, import: ImportSession) -> Result<Welcome, LoginError> {
    let route = route(deps, import.project, import.proxy, import.for_account).await;
    let route = route.map_err(ActorError::Store)?;
    let recognised = deps.logins.recognise(&import.session, &route).await;
    let signed_in = recognised.map_err(|error| LoginError::Failed(failure(&error)))?;
    let ticket = Ticket {
        project: import.project,
        by: import.confirmed_by,
        way: Way::Import,
        for_account: import.for_account,
        phone: None,
        proxy: import.proxy,
    };
    admit(deps, &ticket.with(signed_in)).await.map_err(LoginError::Failed)
}
