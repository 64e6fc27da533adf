//! `/health`: whether this process can do its work, for whoever watches it.

use actors::Status;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::Part;
use crate::gateway::Gateway;

/// Whether a part works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Condition {
    /// It does.
    Ok,
    /// It does not.
    Failing,
}

/// One thing that the process depends on.
#[derive(Debug, Object)]
struct Dependency {
    /// `database` or `tree`.
    name: String,
    /// Whether it works.
    condition: Condition,
    /// What is wrong, if something is; the log says more.
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

/// Whether this process can do its work.
#[derive(Debug, Object)]
#[oai(example)]
struct Health {
    /// `ok` when every dependency is.
    condition: Condition,
    /// The version that is running.
    version: String,
    /// What it depends on.
    dependencies: Vec<Dependency>,
}

impl Health {
    fn of(dependencies: Vec<Dependency>) -> Self {
        let well = dependencies.iter().all(|dependency| dependency.condition == Condition::Ok);
        let condition = if well { Condition::Ok } else { Condition::Failing };
        Self { condition, version: env!("CARGO_PKG_VERSION").into(), dependencies }
    }
}

impl Dependency {
    fn of(name: &str, trouble: Option<&str>) -> Self {
        let condition = if trouble.is_none() { Condition::Ok } else { Condition::Failing };
        Self { name: name.into(), condition, detail: trouble.map(str::to_owned) }
    }
}

impl Example for Health {
    fn example() -> Self {
        Self::of(vec![Dependency::of("database", None), Dependency::of("tree", None)])
    }
}

#[derive(ApiResponse)]
enum Answer {
    /// Everything works.
    #[oai(status = 200)]
    Well(Json<Health>),
    /// Something does not; the body says what.
    #[oai(status = 503)]
    Unwell(Json<Health>),
}

pub(crate) struct HealthApi;

#[OpenApi(tag = "Part::System")]
impl HealthApi {
    /// Tell whether everything works
    ///
    /// Asks each thing that the process depends on; nothing is remembered from earlier.
    #[oai(path = "/health", method = "get", operation_id = "getHealth")]
    async fn health(&self, gateway: Data<&Gateway>) -> Answer {
        let health = Health::of(vec![database(&gateway).await, tree(&gateway).await]);
        match health.condition {
            Condition::Ok => Answer::Well(Json(health)),
            Condition::Failing => Answer::Unwell(Json(health)),
        }
    }
}

async fn database(gateway: &Gateway) -> Dependency {
    let trouble = match gateway.store.pending().await {
        Ok(missing) if missing.is_empty() => None,
        Ok(_) => Some("it is not migrated"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the database is unwell");
            Some("it does not answer")
        }
    };
    Dependency::of("database", trouble)
}

async fn tree(gateway: &Gateway) -> Dependency {
    let root = gateway.system.tree().await;
    let down: Vec<_> = root
        .children
        .iter()
        .filter(|group| group.status != Status::Running)
        .map(|group| &*group.name)
        .collect();
    let trouble = (!down.is_empty()).then(|| format!("not running: {}", down.join(", ")));
    Dependency::of("tree", trouble.as_deref())
}
