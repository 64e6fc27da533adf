//! What keeps one caller from taking everything: how often they may ask, how much they may send, and how slowly.
//!
//! Each bound is a refusal with a name: 429 with the moment to come back, 413, and for whoever is too slow to be answered at
//! all the end of the connection.

mod body;
mod pace;
mod rate;

pub(crate) use body::whole;
pub(crate) use pace::Paced;
pub(crate) use rate::{Rates, within};
