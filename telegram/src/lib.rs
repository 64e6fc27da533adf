//! The port to Telegram: what the product needs of it, and nothing else.
//!
//! [`Telegram`] opens one [`Connection`] per account. Every method is one question that Telegram can answer; none retries,
//! sleeps or hides a wait: what Telegram refuses comes back as a [`TelegramError`] and [`reaction`] says what follows.
//! Time-outs belong to the adapter. Adapters live beside this port or, for tests, in `simulator`.

mod error;
pub mod grammers;
pub mod import;
mod keep;
mod login;
mod model;
mod port;
pub mod proxy;
pub mod reaction;
mod route;
mod unreached;

pub use error::{TelegramError, WaitScope};
pub use keep::{Access, Keep, KeepError, KnownPeer};
pub use login::{CodeRoute, CodeSent, LoginError, LoginLine, LoginStep, QrStep, SignedIn};
pub use model::{
    ChatKind, Found, HistorySlot, Identity, Look, Media, MessageSeen, Outgoing, PostSeen, Rights,
    SentMessage, Thread, ThreadMessageSeen, Update,
};
pub use port::{Connection, Logins, Probes, Session, Telegram, Updates};
pub use route::{Probe, ProbeError, Route};
pub use unreached::Unreached;
