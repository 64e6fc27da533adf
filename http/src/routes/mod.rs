//! The routes, a file for each part of the API, each beside the schemas that it answers with.

mod comments;
mod health;
mod posts;
mod projects;
mod system;

pub(crate) use health::HealthApi;
pub(crate) use projects::ProjectsApi;
pub(crate) use system::SystemApi;

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
}

/// The answer of a route that found what it was asked for.
#[derive(ApiResponse)]
enum Found<T: ToJSON> {
    /// What was asked for.
    #[oai(status = 200)]
    Whole(Json<T>),
}
