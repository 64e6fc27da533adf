//! The adapter against a Telegram on loopback: what grammers leaves to its user, each with a test that fails without it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

mod chats;
mod comments;
mod lines;
mod logins;
mod place;
mod updates;
