//! The routes, a file for each part of the API, each beside the schemas that it answers with.

mod accounts;
mod auth;
mod catalogue;
mod comments;
mod events;
mod health;
mod jobs;
mod me;
mod metrics;
mod people;
mod posts;
mod projects;
mod system;
mod tokens;
mod webhooks;

pub(crate) use accounts::ACCOUNTS;
pub(crate) use auth::AuthApi;
pub(crate) use catalogue::CATALOGUE;
pub(crate) use comments::COMMENTS;
pub(crate) use events::EventsApi;
pub(crate) use health::HealthApi;
pub(crate) use jobs::JOBS;
pub(crate) use me::MeApi;
pub(crate) use metrics::MetricsApi;
pub(crate) use people::PEOPLE;
pub(crate) use projects::ProjectsApi;
pub(crate) use system::SYSTEM;
pub(crate) use tokens::TokensApi;
pub(crate) use webhooks::{DeliveriesApi, WebhooksApi};

use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Tags};

/// The parts of the API.
#[derive(Tags)]
enum Part {
    /// How the installation is.
    System,
    /// Who is asking, and how they come in.
    Access,
    /// The people of the installation.
    Users,
    /// The projects, who belongs to them, and what they have seen and said.
    Projects,
    /// The accounts that speak for a project, and how they come in.
    Accounts,
    /// The ways that accounts can go.
    Proxies,
    /// The numbers that administrators set while the product runs.
    Settings,
    /// Who did what.
    Audit,
    /// The channels that are watched, what their owners agreed to, and who may write there.
    Channels,
    /// Named sets of channels.
    Playlists,
    /// What is written, where, when and by whom.
    Campaigns,
    /// How a project sounds.
    Voices,
    /// What was written, and what people decide about it.
    Comments,
    /// The work that waits, runs or has ended.
    Jobs,
    /// What happens, as it happens: on a stream, and told to those outside.
    Live,
}

/// The answer of a route that found what it was asked for.
#[derive(ApiResponse)]
enum Found<T: ToJSON> {
    /// What was asked for.
    #[oai(status = 200)]
    Whole(Json<T>),
}

/// The answer of a route that created something.
#[derive(ApiResponse)]
enum Made<T: ToJSON> {
    /// What was created.
    #[oai(status = 201)]
    Whole(
        Json<T>,
        /// Where it is from now on.
        #[oai(header = "Location")]
        String,
    ),
}

/// The answer of a route that found or changed what several people change.
#[derive(ApiResponse)]
enum Versioned<T: ToJSON> {
    /// What was asked for.
    #[oai(status = 200)]
    Whole(
        Json<T>,
        /// Its version, to be sent back as `If-Match` by whoever changes it.
        #[oai(header = "ETag")]
        String,
    ),
}

/// The answer of a route that took something away.
#[derive(ApiResponse)]
enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}
