//! Who is at the door: tokens, browser sessions, logins through the bot, and what a person may do in a project.
//!
//! What is handed out is a [`Credential`]; what is kept is its hash, and of a token its visible beginning. Whoever shows one
//! is looked up by that hash and gets a [`Grant`]. Grants and rights are remembered for two seconds, so that a busy client
//! costs no statement a request; whatever this process changes about them is in force at once (see `memory`).

mod admins;
mod answers;
mod arrivals;
mod credential;
mod grant;
pub(crate) mod memory;
mod seen;
mod sessions;
mod tokens;

pub use answers::{ANSWER_LIFE, Earlier, KeptAnswer, RequestKey};
pub use arrivals::{AskedLogin, Awaited, Confirmed, LOGIN_LIFE, Visitor};
pub use credential::Credential;
pub use grant::{Grant, Shown};
pub use sessions::SESSION_LIFE;
pub use tokens::{ListedToken, NewToken};
