//! Logins: how accounts come in. A bounded number of places, each of which attends to one login at a time; and the import of
//! sessions that were made elsewhere.
//!
//! A login lives in memory alone: its codes and passwords are nobody's business afterwards, and one that a crash
//! interrupted is started again. Only its end is written down, in one transaction of the Store.

mod admission;
mod import;
mod login;
mod request;
mod way;

pub(crate) use import::import;
pub(crate) use login::{Login, LoginMessage, Place, Places};
pub(crate) use request::Wanted;
pub use request::{ImportSession, Method, OngoingLogin, SessionForm, StartLogin, read_session};
pub(crate) use way::route;
