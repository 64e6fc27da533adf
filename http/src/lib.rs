//! The OpenAPI gateway: what the outside may ask, over HTTP.
//!
//! It reads through [`persistence::Store`] and speaks to the tree through [`actors::System`]; it decides nothing. Each route
//! stands in `routes` beside the schemas it answers with; what goes wrong becomes an RFC 9457 problem in one place,
//! `problem`. The description of the API is generated from the same code that serves it, so the two cannot differ.
//!
//! Whoever asks shows a token or a browser's session (`auth`); only the health, the description and its page are open.

mod auth;
mod body;
mod compression;
mod control;
mod courier;
mod deprecation;
mod description;
mod error;
mod etag;
mod gateway;
mod idempotency;
mod limits;
mod live;
mod moment;
mod page;
mod problem;
mod routes;
mod settings;
mod trace;

pub use control::Control;
pub use courier::HttpCourier;
pub use error::HttpError;
pub use gateway::{Gateway, Listener, openapi};
pub use settings::Settings;
