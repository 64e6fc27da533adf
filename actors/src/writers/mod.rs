//! A bounded pool that turns planned comments into drafts.

mod writer;

pub(crate) use writer::{Desk, WriterMessage, WriterWorker};
