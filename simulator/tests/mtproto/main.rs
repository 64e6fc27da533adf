//! The MTProto door, seen by a client that is none of ours: grammers' own pool of connections, with nothing of the adapter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

mod client;
mod logins;
mod reading;
#[path = "../stage/mod.rs"]
mod stage;
mod trouble;
mod updates;
mod writing;
