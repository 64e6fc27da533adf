//! The way a demo's product takes into the world: in this process, or through a real client over MTProto on loopback.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use actors::Records;
use secrecy::SecretString;
use simulator::{Door, MtprotoDoor, World};
use telegram::grammers::{Grammers, Patience, Settings};
use telegram::{Session, Telegram};

use super::DemoClock;
use crate::cli::DoorKind;
use crate::error::AppError;

/// What client and door derive their keys from. It opens nothing but a simulated world.
const LOGIN_KEY: &str = "the demo's keys are no secret";

/// The doorway.
pub(crate) enum Doorway {
    /// The port itself, on the world.
    InProcess(Door),
    /// The adapter, grammers, loopback, a server, the world.
    Mtproto(Box<MtprotoDoor>),
}

impl Doorway {
    /// Opens the way that was asked for.
    ///
    /// # Errors
    /// When loopback has no port to listen on.
    pub(super) async fn open(
        kind: DoorKind,
        world: &Arc<World>,
        clock: &DemoClock,
    ) -> Result<Self, AppError> {
        match kind {
            DoorKind::InProcess => Ok(Self::InProcess(Door::new(world.clone(), clock.clock()))),
            DoorKind::Mtproto => {
                let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
                let opened =
                    MtprotoDoor::open(world.clone(), clock.clock(), anywhere, LOGIN_KEY.into()).await;
                Ok(Self::Mtproto(Box::new(opened.map_err(AppError::Simulator)?)))
            }
        }
    }

    /// The port's implementation that takes this way. `in_process` is what takes the short one.
    pub(super) fn telegram(
        &self,
        records: &Records,
        in_process: fn(Door) -> Arc<dyn Telegram>,
    ) -> Arc<dyn Telegram> {
        match self {
            Self::InProcess(door) => in_process(door.clone()),
            Self::Mtproto(door) => {
                let settings = Settings {
                    api_id: 1,
                    api_hash: SecretString::from("none is needed on loopback"),
                    servers: Some(vec![door.server()]),
                    patience: Patience::default(),
                };
                Arc::new(Grammers::new(settings, Arc::new(records.clone())))
            }
        }
    }

    /// The session of an account's latest login, for those who take this way.
    pub(crate) fn session(&self, world: &World, account: u32) -> Option<Session> {
        match self {
            Self::InProcess(_) => world.session(account),
            Self::Mtproto(door) => door.session(account),
        }
    }

    /// How much is under way between world and product.
    pub(crate) fn pending(&self) -> usize {
        match self {
            Self::InProcess(door) => door.pending(),
            Self::Mtproto(door) => door.pending(),
        }
    }
}
