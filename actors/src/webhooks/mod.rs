//! Telling endpoints outside what happened: one deliverer for all of them, and the port through which it reaches them.

mod courier;
mod deliverer;

pub use courier::{Courier, NoCourier, Parcel};
pub(crate) use deliverer::{Deliverer, DelivererMessage};
