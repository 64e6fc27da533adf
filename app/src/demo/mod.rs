//! `beseda demo`: the whole product on a simulated Telegram.
//!
//! The same tree, Store and gateway as in service; only the port to Telegram leads into a simulated world, and the clock is
//! the demo's. Everything about the product's promises in the report comes from the world's own record.

mod doorway;
mod drive;
mod live;
mod people;
mod report;
mod scenario;
mod setup;
mod show;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::clock::{ScaledClock, SystemClock, Timer, VirtualClock};
use actors::{Drive, Ports, Probe, Records, Settings, System};
use domain::access::Scopes;
use domain::id::ProjectId;
use domain::time::{Clock, Timestamp};
use domain::webhook::Reach;
use http::{Gateway, HttpCourier, Listener};
use persistence::access::{Credential, NewToken};
use persistence::outbox::Actor;
use persistence::vault::{Vault, VaultKey};
use persistence::{DatabaseConfig, Durability, Store, StoreError};
use simulator::{Door, World};
use telegram::{Telegram, Unreached};
use tokio::task::JoinSet;
use writing::TemplateWriter;

use crate::cli::{DemoArgs, Report as Form, Speed};
use crate::config::{Config, DatabaseUrl};
use crate::console;
use crate::error::AppError;
use crate::signals::Signals;
use doorway::Doorway;
use drive::End;
use live::Live;
use people::People;
use report::Report;
use scenario::Scenario;
use show::Show;

/// Posts this young need not be known yet when the demo ends: their update may be late, their audit is still to come.
const NEWS: Duration = Duration::from_secs(2 * 3600);

/// What a demo's sessions are sealed with: they lead nowhere but into the simulated world.
const KEY: &[u8; 32] = b"the demo's accounts are not real";

/// Runs the demo and tells how it went.
///
/// # Errors
/// When the world, the database or the gateway's address cannot be used.
pub(crate) async fn run(args: &DemoArgs, config: &Config) -> Result<(), AppError> {
    let mut signals = Signals::listen()?;
    let listener = Listener::bind(args.listen).await?;
    let place = Place::of(args, config)?;
    let store = place.open().await?;
    let awake = match args.speed {
        Speed::Max => stay_awake(),
        Speed::Times(_) => JoinSet::new(),
    };
    // A task of its own, so that it runs among the actors instead of being woken across threads at every step.
    let playing = tokio::spawn({
        let (args, store) = (args.clone(), store.clone());
        async move { play(&args, &store, Some(listener), Stagehands::default(), &mut signals).await }
    });
    let report = playing.await.map_err(AppError::Task).flatten();
    drop(awake);
    store.close().await.map_err(AppError::at(&place.url))?;
    let report = report?;
    match args.report {
        Form::Text => console::say(&report.table()),
        Form::Json => console::say(&serde_json::to_string(&report).map_err(AppError::Report)?),
    }
}

/// Keeps a thread from falling asleep until what is returned is dropped. Where time never has to be waited for, it would
/// sleep only while the database works on a statement, and waking it takes about as long as that.
fn stay_awake() -> JoinSet<()> {
    let mut awake = JoinSet::new();
    awake.spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    awake
}

/// The clock of a demo.
enum DemoClock {
    Virtual(Arc<VirtualClock>),
    Scaled(Arc<ScaledClock>),
}

impl DemoClock {
    fn starting(start: Timestamp, speed: Speed) -> Self {
        match speed {
            Speed::Max => Self::Virtual(Arc::new(VirtualClock::starting(start))),
            Speed::Times(times) => Self::Scaled(Arc::new(ScaledClock::starting(start, times))),
        }
    }

    fn timer(&self) -> Arc<dyn Timer> {
        match self {
            Self::Virtual(clock) => clock.clone(),
            Self::Scaled(clock) => clock.clone(),
        }
    }

    fn now(&self) -> Timestamp {
        match self {
            Self::Virtual(clock) => clock.now(),
            Self::Scaled(clock) => clock.now(),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Virtual(clock) => clock.clone(),
            Self::Scaled(clock) => clock.clone(),
        }
    }
}

/// Who stands between the product and the world; tests put their own people there.
struct Stagehands {
    probe: Option<Arc<dyn Probe>>,
    telegram: fn(Door) -> Arc<dyn Telegram>,
}

impl Default for Stagehands {
    fn default() -> Self {
        Self { probe: None, telegram: |door| Arc::new(door) }
    }
}

/// A demo whose tree runs and whose time stands at its beginning, or where a killed one had come to.
struct Staged {
    scenario: Scenario,
    world: Arc<World>,
    clock: DemoClock,
    door: Arc<Doorway>,
    system: System,
    project: ProjectId,
}

impl Staged {
    async fn start(args: &DemoArgs, store: &Store, hands: Stagehands) -> Result<Self, AppError> {
        let scenario = Scenario::of(args)?;
        let world = Arc::new(match &args.record {
            Some(path) => World::open(scenario.plan.clone(), scenario.source.clone(), path)?,
            None => World::build(scenario.plan.clone(), scenario.source.clone()),
        });
        let start = world.last_time().max(scenario.plan.start);
        let clock = DemoClock::starting(start, args.speed);
        let door = Arc::new(Doorway::open(args.door, &world, &clock).await?);
        let project = setup::prepare(store, &world, &door, &scenario, start).await?;
        let records = Records::of(store.clone());
        let ports = Ports {
            telegram: door.telegram(&records, hands.telegram),
            records,
            // Nobody comes in during a demo.
            logins: Arc::new(Unreached),
            // Telegram is in this process here: no proxy leads there.
            probes: Arc::new(Unreached),
            writer: Arc::new(TemplateWriter),
            courier: Arc::new(HttpCourier::new(Reach::Public)?),
            clock: clock.timer(),
            probe: hands.probe,
        };
        let system = System::start(ports, settings(args, &scenario)).await?;
        Ok(Self { scenario, world, clock, door, system, project })
    }

    fn show(&self, store: &Store) -> Show {
        let (world, system) = (self.world.clone(), self.system.clone());
        Show {
            events: system.subscribe(),
            people: People::new(
                store.clone(),
                system.clone(),
                world.clone(),
                self.door.clone(),
                self.project,
                self.scenario.withdrawal,
            ),
            live: Live::new(self.scenario.plan.start, self.scenario.until),
            store: store.clone(),
            project: self.project,
            until: self.scenario.until,
            checked_at: self.clock.now(),
            system,
            world,
        }
    }
}

/// Plays the whole demo on an open Store.
async fn play(
    args: &DemoArgs,
    store: &Store,
    listener: Option<Listener>,
    hands: Stagehands,
    signals: &mut Signals,
) -> Result<Report, AppError> {
    let began = Instant::now();
    let staged = Staged::start(args, store, hands).await?;
    let (gateway, closing) = serve(listener, store, &staged.system).await?;
    let mut show = staged.show(store);
    let end = match &staged.clock {
        DemoClock::Virtual(clock) => drive::jump(&mut show, clock, &staged.door, signals).await,
        DemoClock::Scaled(clock) => drive::run(&mut show, clock, signals).await,
    };
    show.live.finish();
    let Staged { scenario: _, world, clock, door: _, system, project } = staged;
    let (waits, now) = (system.meters().detect_to_plan(), clock.now());
    drop(closing);
    system.stop().await?;
    if let Some(gateway) = gateway {
        gateway.await.map_err(AppError::Task)??;
    }
    let run = summary::Run {
        seed: args.seed,
        now,
        known_until: now - NEWS,
        complete: end? == End::Complete,
        waits,
        wall: began.elapsed(),
    };
    summary::report(store, &world, project, run).await
}

type Serving = tokio::task::JoinHandle<Result<(), http::HttpError>>;

/// Serves the gateway until the second part of the answer is dropped, and says how to come in.
async fn serve(
    listener: Option<Listener>,
    store: &Store,
    system: &System,
) -> Result<(Option<Serving>, tokio::sync::oneshot::Sender<()>), AppError> {
    let (closing, closed) = tokio::sync::oneshot::channel::<()>();
    let Some(listener) = listener else { return Ok((None, closing)) };
    let address = listener.address();
    console::say(&format!("the gateway is at http://{address}, its description at http://{address}/docs"))?;
    let token = show_in(store).await?;
    console::say(&format!("the token for it, good for a day: {}", token.expose()))?;
    let gateway = Gateway::new(store.clone(), system.clone());
    let stop = async move { drop(closed.await) };
    Ok((Some(tokio::spawn(listener.serve(gateway, stop))), closing))
}

/// A token for whoever tries the demo out: all that the project's owner may, by the machine's own time.
async fn show_in(store: &Store) -> Result<Credential, AppError> {
    let owner = store.find_projects(None).await?.first().map(|project| project.owner);
    let now = SystemClock.now();
    let token = NewToken {
        user: owner.ok_or(AppError::OccupiedDatabase)?,
        project: None,
        name: "demo".into(),
        scopes: Scopes::ALL,
        expires_at: Some(now + Duration::from_secs(24 * 3600)),
    };
    let (_, token) = store.create_token(&token, Actor::System, now).await?;
    Ok(token)
}

/// How the tree runs in a demo. What it does by the clock keeps its real pace when the clock is fast.
fn settings(args: &DemoArgs, scenario: &Scenario) -> Settings {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let defaults = Settings {
        seed: scenario.seed,
        audit_every: hours(12),
        connect_gap: Duration::ZERO,
        ..Settings::default()
    };
    match args.speed {
        Speed::Max => Settings {
            drive: Drive::Stepped,
            rescue_every: Duration::from_secs(600),
            inspect_every: hours(6),
            tenure: hours(7 * 24),
            ..defaults
        },
        Speed::Times(times) => {
            let real = |span: Duration| span.mul_f64(times.max(1.0));
            Settings {
                lease: real(defaults.lease),
                rescue_every: real(defaults.rescue_every),
                longest_nap: real(defaults.longest_nap),
                tenure: real(defaults.tenure),
                ..defaults
            }
        }
    }
}

/// Where a demo keeps everything.
struct Place {
    url: DatabaseUrl,
    max_connections: u32,
    /// Removed with everything in it when the demo ends.
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    fn of(args: &DemoArgs, config: &Config) -> Result<Self, AppError> {
        let max_connections = config.database.max_connections;
        if let Some(url) = &args.database {
            return Ok(Self { url: url.clone(), max_connections, _folder: None });
        }
        let folder = tempfile::Builder::new().prefix("beseda-demo-").tempdir().map_err(AppError::Folder)?;
        let file = folder.path().join("demo.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let url = url.parse().map_err(|_| AppError::OccupiedDatabase)?;
        Ok(Self { url, max_connections, _folder: Some(folder) })
    }

    /// Opens the database and brings its schema up to date. A demo need not survive a power cut.
    async fn open(&self) -> Result<Store, AppError> {
        let config = DatabaseConfig {
            url: self.url.expose().to_owned(),
            durability: Durability::Process,
            max_connections: self.max_connections,
        };
        let opened = async {
            let store = Store::connect(&config).await?;
            store.migrate().await?;
            store.unlock(Vault::new(vec![VaultKey::from_bytes(*KEY)])).await
        };
        match opened.await {
            Err(StoreError::Vault { .. }) => Err(AppError::OccupiedDatabase),
            opened => opened.map_err(AppError::at(&self.url)),
        }
    }
}
