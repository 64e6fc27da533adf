//! Who goes through which proxy.
//!
//! An account moves for one reason: its own proxy is down, and another one works. It moves only while it is active. An
//! account that waits, or that Telegram limited, froze or banned, stays where it is, and so does one that is paused or
//! must log in, because either may have come from such a condition. Nobody ever falls back to the direct way.

use std::collections::BTreeMap;

use super::{ACCOUNTS_PER_PROXY, Health, Status};
use crate::account::StatusName;
use crate::id::{AccountId, ProxyId};

/// The proxies of one project and the accounts that go through them.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Every proxy.
    pub places: Vec<Place>,
    /// Every account that goes through one.
    pub tenants: Vec<Tenant>,
}

/// A proxy.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which one.
    pub proxy: ProxyId,
    /// How it is.
    pub health: Health,
}

/// An account that goes through a proxy.
#[derive(Clone, Copy, Debug)]
pub struct Tenant {
    /// Which account.
    pub account: AccountId,
    /// Through which proxy.
    pub proxy: ProxyId,
    /// The account's condition.
    pub status: StatusName,
}

/// An account that is to go another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Which account.
    pub account: AccountId,
    /// Through which proxy it went.
    pub from: ProxyId,
    /// Through which it goes from now on.
    pub to: ProxyId,
}

/// The moves that are due, by account. The same snapshot gives the same moves, in whatever order it lists things. Whoever
/// finds no free place stays.
#[must_use]
pub fn reassign(snapshot: &Snapshot) -> Vec<Move> {
    let is_down = |proxy: ProxyId| {
        snapshot.places.iter().any(|place| place.proxy == proxy && place.health.status == Status::Down)
    };
    let mut stranded: Vec<_> = snapshot
        .tenants
        .iter()
        .filter(|tenant| tenant.status == StatusName::Active && is_down(tenant.proxy))
        .collect();
    stranded.sort_by_key(|tenant| tenant.account);
    let mut rooms = Rooms::of(snapshot);
    let moved = stranded.into_iter().map_while(|tenant| {
        let to = rooms.take()?;
        Some(Move { account: tenant.account, from: tenant.proxy, to })
    });
    moved.collect()
}

/// Through which proxy an account should go that has none: one that works, with the fewest accounts. `None` when there is
/// no free place.
#[must_use]
pub fn choose(snapshot: &Snapshot) -> Option<ProxyId> {
    Rooms::of(snapshot).take()
}

/// The proxies that work, with how many accounts each has.
struct Rooms(BTreeMap<ProxyId, usize>);

impl Rooms {
    fn of(snapshot: &Snapshot) -> Self {
        let working = snapshot.places.iter().filter(|place| place.health.works());
        let mut rooms: BTreeMap<_, _> = working.map(|place| (place.proxy, 0)).collect();
        for tenant in &snapshot.tenants {
            if let Some(taken) = rooms.get_mut(&tenant.proxy) {
                *taken += 1;
            }
        }
        Self(rooms)
    }

    /// Takes a place where most are free.
    fn take(&mut self) -> Option<ProxyId> {
        let (proxy, taken) = self.0.iter_mut().min_by_key(|(proxy, taken)| (**taken, **proxy))?;
        if *taken >= usize::from(ACCOUNTS_PER_PROXY) {
            return None;
        }
        *taken += 1;
        Some(*proxy)
    }
}
