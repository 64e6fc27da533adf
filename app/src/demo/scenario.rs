//! What a demo plays: which world, for how long, and who takes part in it.
//!
//! Two thirds of it follow from the command line, the rest is chosen so that something of everything happens: three
//! campaigns with different presets, channels without consent, an owner who takes consent back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::disclosure::Label;
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use simulator::{ExportWorld, FaultPlan, Limits, Source, WorldPlan};

use crate::cli::{DemoArgs, Faults};
use crate::error::AppError;

/// 1 September 2026, 03:00 in Moscow: the first hours are quiet, so the first comments come in the morning.
const START: Timestamp = Timestamp::from_secs(1_788_220_800);

/// The line under every comment of the demo.
const LABEL: &str = "От команды канала, с помощником · the channel's team, with an assistant";

/// Of ten channels this many agree to comments.
const CONSENTING_OF_TEN: u32 = 9;

/// What a demo plays.
pub(crate) struct Scenario {
    /// The world.
    pub(crate) plan: WorldPlan,
    /// Where its posts come from.
    pub(crate) source: Source,
    /// When it stops publishing; what is under way then is still finished.
    pub(crate) until: Timestamp,
    /// The owner of this channel takes consent back at this time.
    pub(crate) withdrawal: Option<(u32, Timestamp)>,
    /// Where the project's days are.
    pub(crate) zone: Zone,
    /// Where the decisions' randomness begins.
    pub(crate) seed: Seed,
}

impl Scenario {
    /// The scenario that the command line asks for.
    ///
    /// # Errors
    /// When an export cannot be replayed.
    pub(crate) fn of(args: &DemoArgs) -> Result<Self, AppError> {
        match &args.world {
            Some(file) => Self::replayed(args, file),
            None => Self::generated(args),
        }
    }

    fn generated(args: &DemoArgs) -> Result<Self, AppError> {
        let plan = plan(args, START, args.channels)?;
        let length = Duration::from_secs(u64::from(args.days) * 24 * 3600);
        let until = START + length;
        let plan = WorldPlan { publishes_until: Some(until), ..plan };
        let withdrawal = (plan.consenting > 1).then(|| (0, START + length / 2));
        Ok(Self { source: Source::Generated, until, withdrawal, ..Self::around(args, plan) })
    }

    fn replayed(args: &DemoArgs, file: &Path) -> Result<Self, AppError> {
        let export = ExportWorld::load(file, moscow())?;
        let (Some(first), Some(last)) = (export.first_at(), export.last_at()) else {
            return Err(AppError::EmptyExport(file.to_owned()));
        };
        let start = first - Duration::from_secs(60);
        let plan = plan(args, start, export.channels())?;
        let until = last + Duration::from_secs(1);
        Ok(Self { source: Source::Export(Arc::new(export)), until, ..Self::around(args, plan) })
    }

    fn around(args: &DemoArgs, plan: WorldPlan) -> Self {
        Self {
            zone: plan.limits.zone,
            until: plan.start,
            plan,
            source: Source::Generated,
            withdrawal: None,
            seed: Seed(args.seed).derive("decisions", 0),
        }
    }

    /// The label that every comment carries.
    pub(crate) const fn label(&self) -> &Label {
        &self.plan.label
    }
}

fn plan(args: &DemoArgs, start: Timestamp, channels: u32) -> Result<WorldPlan, AppError> {
    let label = Label::new(LABEL).map_err(AppError::Label)?;
    let zone = moscow();
    let faults = match args.faults {
        Faults::None => FaultPlan::none(),
        Faults::Some => FaultPlan::some(),
        Faults::Many => FaultPlan::many(),
    };
    Ok(WorldPlan {
        channels,
        // Eight posts a day ask for some six comments; an account may write thirty.
        accounts: (channels * 2 / 5).max(2),
        consenting: (channels * CONSENTING_OF_TEN).div_ceil(10),
        limits: Limits { daily: 30, gap: Duration::from_secs(60), zone },
        faults,
        ..WorldPlan::new(Seed(args.seed), start, label)
    })
}

/// Where the demo's people live, and where exports without a zone were made.
fn moscow() -> Zone {
    "Europe/Moscow".parse().unwrap_or(Zone::UTC)
}
