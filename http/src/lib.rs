//! The OpenAPI gateway: what the outside may ask, over HTTP.
//!
//! It reads through [`persistence::Store`] and speaks to the tree through [`actors::System`]; it decides nothing. Each route
//! stands in `routes` beside the schemas it answers with; what goes wrong becomes an RFC 9457 problem in one place,
//! `problem`. The description of the API is generated from the same code that serves it, so the two cannot differ.
//!
//! So far everything here is read-only and open to whoever can reach the address, which is why it is loopback by default.

mod control;
mod error;
mod gateway;
mod moment;
mod page;
mod problem;
mod routes;

pub use control::Control;
pub use error::HttpError;
pub use gateway::{Gateway, Listener, openapi};
