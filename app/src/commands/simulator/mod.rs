//! `beseda simulator`: a simulated Telegram as a process of its own, until somebody asks to stop.
//!
//! The world lives on the machine's time, ahead of it by what the control let pass. Its record, where there is one, outlives
//! the process, so either side can be killed and started again.

mod clock;
mod control;

use std::sync::Arc;
use std::time::Duration;

use actors::Traffic;
use actors::clock::{SystemClock, Timer as _};
use domain::disclosure::Label;
use domain::seed::Seed;
use domain::time::{Clock as _, Timestamp, Zone};
use http::Listener;
use secrecy::SecretString;
use simulator::{FaultPlan, Limits, MtprotoDoor, Source, World, WorldPlan, record};

use crate::cli::{Faults, SimulatorArgs};
use crate::config::Config;
use crate::console;
use crate::error::{AppError, ConfigError};
use crate::signals::Signals;
use clock::AheadClock;
use control::Controls;

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(args: &SimulatorArgs, config: &Config) -> Result<(), AppError> {
    let mut signals = Signals::listen()?;
    let login_key =
        config.telegram.login_key.as_ref().ok_or(ConfigError::Incomplete("telegram.login_key"))?;
    let login_key = SecretString::from(login_key.expose());
    let listener = Listener::bind(args.control).await?;
    let world = Arc::new(world(args)?);
    let clock = Arc::new(AheadClock::from(world.last_time()));
    let door = MtprotoDoor::open(world.clone(), clock.clone(), args.listen, login_key).await;
    let door = Arc::new(door.map_err(AppError::Simulator)?);
    console::say(&format!("Telegram is at {}, telegram.servers = \"2={}\"", door.address(), door.address()))?;
    console::say(&format!("its control is at http://{}", listener.address()))?;

    let happenings = tokio::spawn(happen(world.clone(), clock.clone()));
    let controls = Arc::new(Controls { world: world.clone(), door, clock: clock.clone() });
    let served = listener.serve_control(controls, signals.stop_asked()).await;
    happenings.abort();
    world.mark_time(clock.now());
    Ok(served?)
}

/// The world that is asked for, or the one that its record describes.
fn world(args: &SimulatorArgs) -> Result<World, AppError> {
    let began = match &args.record {
        Some(path) => record::begins_at(path)?,
        None => None,
    };
    let start = began.unwrap_or_else(|| Timestamp::from_secs(SystemClock.now().secs()));
    let faults = match args.faults {
        Faults::None => FaultPlan::none(),
        Faults::Some => FaultPlan::some(),
        Faults::Many => FaultPlan::many(),
    };
    let label = Label::new(&args.label).map_err(AppError::Label)?;
    let limits = Limits { daily: args.daily, gap: Duration::from_secs(args.gap), zone: Zone::UTC };
    let plan = WorldPlan {
        channels: args.channels,
        accounts: args.accounts,
        posts_per_day: args.posts_per_day,
        limits,
        faults,
        ..WorldPlan::new(Seed(args.seed), start, label)
    };
    Ok(match &args.record {
        Some(path) => World::open(plan, Source::Generated, path)?,
        None => World::build(plan, Source::Generated),
    })
}

/// Lets the world's own happenings happen when they are due.
async fn happen(world: Arc<World>, clock: Arc<AheadClock>) {
    let traffic = Traffic::new();
    loop {
        world.advance(clock.now());
        match world.next_event_at() {
            Some(at) => tokio::select! {
                () = clock.moved() => {}
                flight = SystemClock.until(clock.on_the_machine(at), &traffic) => drop(flight),
            },
            None => clock.moved().await,
        }
    }
}
