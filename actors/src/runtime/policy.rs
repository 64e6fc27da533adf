//! Supervision as data: who stands below whom, and what happens when one of them crashes.
//!
//! Every budget is a child's own. One account in a crash loop uses up its own restarts and then rests; its siblings are
//! never touched, however many there are. What Telegram does to an account is not a crash and never comes here.

use std::collections::VecDeque;
use std::time::Duration;

use domain::time::Timestamp;
use serde::Serialize;

/// What an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the folders of the same name say what each does")]
pub enum Kind {
    Root,
    Proxies,
    ProxyPool,
    Accounts,
    Account,
    Channels,
    ChannelWatcher,
    Planners,
    CommentPlanner,
    Writers,
    Writer,
    Observers,
    Observer,
    Queue,
    Dispatcher,
    Rescuer,
    Pruner,
    Logins,
    Login,
    Upkeep,
    Heartbeat,
    Inspector,
    Clerk,
    Webhooks,
    Deliverer,
    Events,
    Relay,
}

/// What happens when a child crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The child.
    pub child: Kind,
    /// Whom it stands below.
    pub parent: Kind,
    /// It is restarted at most this often within [`Self::window`]; then it rests.
    pub restarts: usize,
    /// The window of the budget.
    pub window: Duration,
    /// The wait before the first restart of a window; doubled for each further one.
    pub backoff: Duration,
    /// How long it rests when the budget is used up; then it begins anew.
    pub rest: Duration,
    /// How long it may take to finish what it has in hand when the tree stops.
    pub grace: Duration,
}

const fn policy(child: Kind, parent: Kind, restarts: usize, rest_s: u64, grace_s: u64) -> Policy {
    Policy {
        child,
        parent,
        restarts,
        window: Duration::from_secs(60),
        backoff: Duration::from_millis(200),
        rest: Duration::from_secs(rest_s),
        grace: Duration::from_secs(grace_s),
    }
}

/// The whole tree. Supervisors hold no work, so they come back at once and often.
pub const TABLE: [Policy; 26] = [
    policy(Kind::Proxies, Kind::Root, 10, 10, 10),
    policy(Kind::ProxyPool, Kind::Proxies, 5, 60, 5),
    policy(Kind::Accounts, Kind::Root, 10, 10, 20),
    policy(Kind::Account, Kind::Accounts, 5, 300, 15),
    policy(Kind::Channels, Kind::Root, 10, 10, 10),
    policy(Kind::ChannelWatcher, Kind::Channels, 5, 300, 5),
    policy(Kind::Planners, Kind::Root, 10, 10, 10),
    policy(Kind::CommentPlanner, Kind::Planners, 5, 60, 5),
    policy(Kind::Writers, Kind::Root, 10, 10, 10),
    policy(Kind::Writer, Kind::Writers, 5, 60, 5),
    policy(Kind::Observers, Kind::Root, 10, 10, 10),
    policy(Kind::Observer, Kind::Observers, 5, 60, 5),
    policy(Kind::Queue, Kind::Root, 10, 10, 10),
    policy(Kind::Dispatcher, Kind::Queue, 10, 10, 5),
    policy(Kind::Rescuer, Kind::Queue, 10, 10, 5),
    policy(Kind::Pruner, Kind::Queue, 5, 300, 5),
    policy(Kind::Logins, Kind::Root, 10, 10, 10),
    policy(Kind::Login, Kind::Logins, 5, 60, 5),
    policy(Kind::Upkeep, Kind::Root, 10, 10, 10),
    policy(Kind::Heartbeat, Kind::Upkeep, 10, 10, 5),
    policy(Kind::Inspector, Kind::Upkeep, 5, 300, 5),
    policy(Kind::Clerk, Kind::Upkeep, 5, 60, 5),
    policy(Kind::Webhooks, Kind::Root, 10, 10, 10),
    policy(Kind::Deliverer, Kind::Webhooks, 10, 10, 5),
    policy(Kind::Events, Kind::Root, 10, 10, 5),
    policy(Kind::Relay, Kind::Events, 10, 10, 5),
];

impl Kind {
    /// The name in the tree, on metrics and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "beseda",
            Self::Proxies => "proxies",
            Self::ProxyPool => "proxy_pool",
            Self::Accounts => "accounts",
            Self::Account => "account",
            Self::Channels => "channels",
            Self::ChannelWatcher => "channel_watcher",
            Self::Planners => "planners",
            Self::CommentPlanner => "comment_planner",
            Self::Writers => "writers",
            Self::Writer => "writer",
            Self::Observers => "observers",
            Self::Observer => "observer",
            Self::Queue => "queue",
            Self::Dispatcher => "dispatcher",
            Self::Rescuer => "rescuer",
            Self::Pruner => "pruner",
            Self::Logins => "logins",
            Self::Login => "login",
            Self::Upkeep => "upkeep",
            Self::Heartbeat => "heartbeat",
            Self::Inspector => "inspector",
            Self::Clerk => "clerk",
            Self::Webhooks => "webhooks",
            Self::Deliverer => "deliverer",
            Self::Events => "events",
            Self::Relay => "relay",
        }
    }

    /// The policy under which it works.
    ///
    /// # Panics
    /// For the root, which has none: when it ends, the process does. A test asks for every other.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test holds that the table has a row for everybody but the root"
    )]
    pub fn policy(self) -> Policy {
        *TABLE.iter().find(|policy| policy.child == self).expect("everybody but the root has a policy")
    }
}

/// When a child came back, as far as its window reaches.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<Timestamp>);

/// What a supervisor does about a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Restart(Duration),
    Rest(Duration),
}

impl History {
    /// Judges a crash at `now` and counts it.
    pub(super) fn crash(&mut self, policy: &Policy, now: Timestamp) -> Verdict {
        while self.0.front().is_some_and(|first| now.since(*first) >= policy.window) {
            self.0.pop_front();
        }
        if self.0.len() >= policy.restarts {
            self.0.clear();
            return Verdict::Rest(policy.rest);
        }
        let doubled = policy.backoff.saturating_mul(1 << self.0.len().min(16));
        self.0.push_back(now);
        Verdict::Restart(doubled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYBODY: [Kind; 26] = [
        Kind::Proxies,
        Kind::ProxyPool,
        Kind::Accounts,
        Kind::Account,
        Kind::Channels,
        Kind::ChannelWatcher,
        Kind::Planners,
        Kind::CommentPlanner,
        Kind::Writers,
        Kind::Writer,
        Kind::Observers,
        Kind::Observer,
        Kind::Queue,
        Kind::Dispatcher,
        Kind::Rescuer,
        Kind::Pruner,
        Kind::Logins,
        Kind::Login,
        Kind::Upkeep,
        Kind::Heartbeat,
        Kind::Inspector,
        Kind::Clerk,
        Kind::Webhooks,
        Kind::Deliverer,
        Kind::Events,
        Kind::Relay,
    ];

    #[test]
    fn a_child_that_keeps_crashing_backs_off_and_then_rests() {
        let policy = Kind::Account.policy();
        let mut history = History::default();
        let now = Timestamp::from_secs(1000);
        let waits: Vec<_> = (0..5).map(|_| history.crash(&policy, now)).collect();
        let expected: Vec<_> =
            [200, 400, 800, 1600, 3200].map(|ms| Verdict::Restart(Duration::from_millis(ms))).into();
        assert_eq!(waits, expected);
        assert_eq!(history.crash(&policy, now), Verdict::Rest(policy.rest));
        assert_eq!(history.crash(&policy, now + policy.rest), Verdict::Restart(policy.backoff));
    }

    #[test]
    fn crashes_that_lie_apart_never_use_up_the_budget() {
        let policy = Kind::Account.policy();
        let mut history = History::default();
        for minute in 0..100 {
            let now = Timestamp::from_secs(minute * 61);
            assert_eq!(history.crash(&policy, now), Verdict::Restart(policy.backoff));
        }
    }

    #[test]
    fn everybody_but_the_root_has_exactly_one_policy_below_a_parent_of_the_table() {
        for kind in EVERYBODY {
            assert_eq!(kind.policy().child, kind);
        }
        for policy in &TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.child == policy.child).count(), 1);
            assert!(policy.parent == Kind::Root || TABLE.iter().any(|other| other.child == policy.parent));
        }
        assert!(!TABLE.iter().any(|policy| policy.child == Kind::Root));
    }
}
