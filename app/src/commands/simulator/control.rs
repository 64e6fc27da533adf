//! What can be done to a simulated Telegram from outside, and what can be learned of it. docs/simulator.md shows it by example.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::consent::Scope;
use domain::id::PeerId;
use domain::time::Clock as _;
use http::Control;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::record::Intervention;
use simulator::{DoorFaults, MtprotoDoor, SendFault, World, WorldPlan};
use telegram::{TelegramError, import};

use super::clock::AheadClock;

/// What somebody may ask for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Somebody in the world does something.
    Intervene(Intervention),
    /// A channel's owner agrees to something, or takes it back.
    Consent { channel: PeerId, scope: Scope, granted: bool },
    /// A channel's owner changes its description.
    Describe { channel: PeerId, about: String },
    /// An account's owner gets a new session without a code.
    LogIn { account: u32 },
    /// An account's owner scans a QR code: the address in it, or its token.
    Scan { account: u32, token: String },
    /// The account's next send is written and its answer lost.
    LoseAnswer { account: u32 },
    /// The account's next call, of whatever method, ends with this error: `CODE NAME`.
    Answer { account: u32, error: String },
    /// What the door does wrong from now on.
    Faults(DoorFaults),
    /// Every connection is dropped.
    HangUp,
    /// Time passes.
    Pass { seconds: u64 },
}

/// The controls of a world and its door.
pub(super) struct Controls {
    pub(super) world: Arc<World>,
    pub(super) door: Arc<MtprotoDoor>,
    pub(super) clock: Arc<AheadClock>,
}

impl Controls {
    fn carry_out(&self, command: Command) -> Result<Value, String> {
        let (world, now) = (&self.world, self.clock.now());
        match command {
            Command::Intervene(intervention) => world.intervene(intervention, now),
            Command::Consent { channel, scope, granted: true } => world.grant_consent(channel, scope, now),
            Command::Consent { channel, scope, granted: false } => world.revoke_consent(channel, scope, now),
            Command::Describe { channel, about } => world.describe(channel, &about, now),
            Command::LogIn { account } => world.log_in(account, now),
            Command::Scan { account, token } => {
                let shown = token.rsplit("token=").next().unwrap_or_default();
                let bytes = URL_SAFE_NO_PAD.decode(shown.trim_end_matches('='));
                let counts = bytes.is_ok_and(|bytes: Vec<u8>| world.scan(&bytes, account, now));
                return if counts { Ok(json!({})) } else { Err("no such QR code counts now".to_owned()) };
            }
            Command::LoseAnswer { account } => world.script(account, SendFault::LoseAnswer),
            Command::Answer { account, error } => self.door.script(account, TelegramError::Other(error)),
            Command::Faults(faults) => self.door.set_faults(faults),
            Command::HangUp => self.door.hang_up(),
            Command::Pass { seconds } => self.clock.pass(Duration::from_secs(seconds)),
        }
        Ok(json!({}))
    }
}

impl Control for Controls {
    fn state(&self) -> Value {
        let (world, plan) = (&self.world, self.world.plan());
        let channel = |index| {
            json!({
                "id": WorldPlan::channel_peer(index),
                "group": WorldPlan::group_peer(index),
                "title": world.title(index),
                "published": world.published(index),
                "members": plan.speakers_of(index).collect::<Vec<_>>(),
            })
        };
        json!({
            "now": self.clock.now().rfc3339(),
            "address": self.door.address(),
            "label": plan.label,
            "accounts": plan.accounts,
            "channels": (0..plan.channels.min(100)).map(channel).collect::<Vec<_>>(),
            "verdict": world.verdict(),
            "trouble": world.trouble(),
            "faults": self.door.faults(),
            "counts": self.door.counts(),
        })
    }

    fn account(&self, index: u32) -> Option<Value> {
        let session = self.door.session(index).and_then(|session| import::to_telethon(&session).ok());
        (index < self.world.plan().accounts).then(|| {
            json!({
                "id": WorldPlan::account_peer(index),
                "phone": self.world.phone(index),
                "code": self.world.code(index),
                "password": self.world.password(index),
                "session": session.as_ref().map(|session| session.expose_secret()),
                "channels": self.world.plan().channels_of(index).map(WorldPlan::channel_peer).collect::<Vec<_>>(),
            })
        })
    }

    fn act(&self, command: Value) -> Result<Value, String> {
        let command = serde_json::from_value(command).map_err(|error| error.to_string())?;
        self.carry_out(command)
    }
}
