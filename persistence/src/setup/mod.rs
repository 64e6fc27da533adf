//! Setting a project up: its people, channels, consents, accounts, voices and campaigns.
//!
//! Whatever may come by the thousand comes as a slice and is written in one transaction. Every row that belongs to a
//! project is created under it; a reference to another project's row is [`crate::StoreError::NotFound`].

mod accounts;
mod campaigns;
mod channels;
mod consents;
mod people;
mod switches;

pub(crate) use accounts::assign_channels_in;
pub use accounts::{Assigned, Assignment, CHANNELS_PER_ACCOUNT, NewAccount};
pub use campaigns::{NewCampaign, NewTemplate, NewVoice};
pub use channels::NewChannel;
pub(crate) use channels::create_channels_in;
pub use consents::NewConsent;
pub use people::{FoundProject, Locale, NewProject, NewUser, Role};
pub(crate) use people::{insert_project, insert_user};
pub(crate) use switches::SYSTEM_PAUSED;
