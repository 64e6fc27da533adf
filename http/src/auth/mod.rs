//! Who is asking: what they show is looked up once, before anything else, and each route says what it demands.
//!
//! A route takes one of [`Reader`], [`Approver`], [`Writer`] and [`Administrator`] as an argument: without a token or a
//! session it answers 401, with one of a narrower scope 403. What the caller may do in a project is asked with
//! [`Caller::project`], which answers 404 for a project that is none of theirs, as for one that does not exist.

mod caller;
pub(crate) mod cookie;
mod demand;
mod identify;
mod site;

pub(crate) use caller::Caller;
pub(crate) use demand::{Administrator, Approver, Reader, Writer};
pub(crate) use identify::{Arrival, Proof, identify};
