//! The routes, a file for each part of the API, each beside the schemas that it answers with.

mod catalogue;
mod comments;
mod events;
mod health;
mod jobs;
mod metrics;
mod posts;
mod projects;
mod system;
mod webhooks;

pub(crate) use catalogue::CATALOGUE;
pub(crate) use comments::COMMENTS;
pub(crate) use events::EventsApi;
pub(crate) use health::HealthApi;
pub(crate) use jobs::JOBS;
pub(crate) use metrics::MetricsApi;
pub(crate) use projects::ProjectsApi;
pub(crate) use system::SYSTEM;
pub(crate) use webhooks::{DeliveriesApi, WebhooksApi};

use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Tags};

/// The parts of the API.
#[derive(Tags)]
enum Part {
    /// How the installation is.
    System,
    /// What a project has seen and said.
    Projects,
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
