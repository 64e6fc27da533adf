//! What is true of Beseda without any input or output: types, states, rules and planning.
//!
//! Everything here is a value or a pure function. Time and randomness are arguments ([`time::Timestamp`],
//! [`seed::Seed`]); nothing waits, reads a clock, opens a file or knows a database. Decisions have the shape
//! `(snapshot, now, seed) -> decision`; carrying them out is the business of `actors`, keeping them that of `persistence`.

pub mod access;
pub mod account;
pub mod comment;
pub mod consent;
pub mod disclosure;
pub mod event;
pub mod gate;
pub mod id;
pub mod job;
pub mod link;
pub mod login;
pub mod pacing;
pub mod planning;
pub mod policy;
pub mod proxy;
pub mod seed;
pub mod setting;
pub mod spintax;
pub mod text;
pub mod time;
pub mod webhook;
