//! The queue's own actors: the dispatcher claims due jobs and hands them out, the rescuer frees what dead hands hold and
//! closes windows that passed, the pruner removes what was kept long enough.

mod dispatcher;
mod pruner;
mod rescuer;
mod staff;
mod work;

pub(crate) use dispatcher::{Dispatcher, DispatcherMessage};
pub(crate) use pruner::{Pruner, PrunerMessage};
pub(crate) use rescuer::{Rescuer, RescuerMessage};
pub(crate) use staff::QueueStaff;
pub(crate) use work::{Outstanding, Work};
