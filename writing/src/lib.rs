//! The port to whoever writes drafts, and the writers that need no model.
//!
//! A [`Writer`] is asked for one draft at a time and knows nothing of where it goes: it gets the texts to speak about, the
//! voice to speak in and the room it has. It may decline: `None` means that it has nothing that fits, and the comment ends
//! there. What a draft may say is not decided here; approval and disclosure are `domain`'s.

mod error;
mod port;
mod template;

pub use error::WriterError;
pub use port::{Draft, Request, Writer};
pub use template::TemplateWriter;
