//! How often one may ask: a bucket for each token or session, and one for each address of those who show none that is good.
//!
//! A bucket holds ten seconds' worth and fills steadily (GCRA, by `governor`). Every answer says in `RateLimit-Limit`,
//! `RateLimit-Remaining` and `RateLimit-Reset` (seconds until it is full) how it stands. The pace of strangers is slow, which
//! also bounds how fast anybody can try tokens.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::id::{TokenId, UserId};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use persistence::access::Shown;
use poem::http::{HeaderName, HeaderValue};
use poem::{Endpoint, IntoResponse as _, Request, Response};

use crate::auth::Arrival;
use crate::gateway::Gateway;
use crate::problem::Failure;

/// Seconds of the steady pace that may be used at once.
const BURST_SECONDS: u32 = 10;
/// Requests a second of an address whose callers show nothing that is good.
const STRANGERS: NonZeroU32 = NonZeroU32::new(20).unwrap(); // a constant: 0 would not compile
/// After so many requests, full buckets are forgotten: one that is not there is full.
const TIDY_EVERY: u64 = 4096;

static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Token(TokenId),
    Sessions(UserId),
    Address(Option<IpAddr>),
}

type Buckets<C> = RateLimiter<Key, DefaultKeyedStateStore<Key>, C, StateInformationMiddleware>;

type Plain<C> = RateLimiter<Key, DefaultKeyedStateStore<Key>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// All buckets.
pub(crate) struct Rates<C: Clock = MonotonicClock> {
    known: Buckets<C>,
    strangers: Buckets<C>,
    clock: C,
    asked: AtomicU64,
}

/// How a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    /// How much it holds.
    limit: u32,
    /// How much is left.
    remaining: u32,
    /// Until it is full again.
    reset: Duration,
    /// Until the next request is welcome, if this one is not.
    wait: Option<Duration>,
}

impl Rates {
    /// Buckets that fill with so many requests a second.
    pub(crate) fn per_second(requests: NonZeroU32) -> Self {
        Self::by(requests, MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn by(requests: NonZeroU32, clock: C) -> Self {
        let buckets = |pace: NonZeroU32| {
            let burst = pace.saturating_mul(NonZeroU32::MIN.saturating_add(BURST_SECONDS - 1));
            let quota = Quota::per_second(pace).allow_burst(burst);
            let plain: Plain<C> = RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone());
            plain.with_middleware::<StateInformationMiddleware>()
        };
        Self {
            known: buckets(requests),
            strangers: buckets(STRANGERS),
            asked: AtomicU64::new(0),
            clock: clock.clone(),
        }
    }

    fn take(&self, key: Key) -> Standing {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            for buckets in [&self.known, &self.strangers] {
                buckets.retain_recent();
                buckets.shrink_to_fit();
            }
        }
        let buckets = match key {
            Key::Token(_) | Key::Sessions(_) => &self.known,
            Key::Address(_) => &self.strangers,
        };
        match buckets.check_key(&key) {
            Ok(state) => {
                let (quota, remaining) = (state.quota(), state.remaining_burst_capacity());
                let limit = quota.burst_size().get();
                let reset = quota.replenish_interval() * limit.saturating_sub(remaining);
                Standing { limit, remaining, reset, wait: None }
            }
            Err(refused) => {
                let quota = refused.quota();
                let limit = quota.burst_size().get();
                let wait = Some(refused.wait_time_from(self.clock.now()));
                Standing { limit, remaining: 0, reset: quota.replenish_interval() * limit, wait }
            }
        }
    }
}

/// Answers those who do not ask too often.
pub(crate) async fn within<E: Endpoint<Output = Response>>(
    inside: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let Some(rates) = request.data::<Gateway>().map(|gateway| gateway.rates.clone()) else {
        return inside.call(request).await;
    };
    let standing = rates.take(key(&request));
    let mut response = match standing.wait {
        None => inside.call(request).await?,
        Some(wait) => Failure::too_many_requests(whole_seconds(wait)).into_response(),
    };
    let reset = whole_seconds(standing.reset);
    for (name, value) in
        [(&LIMIT, u64::from(standing.limit)), (&REMAINING, u64::from(standing.remaining)), (&RESET, reset)]
    {
        response.headers_mut().insert(name, HeaderValue::from(value));
    }
    Ok(response)
}

fn key(request: &Request) -> Key {
    match request.data::<Arrival>() {
        Some(Arrival::Known(caller)) => match caller.grant().shown {
            Shown::Token(token) => Key::Token(token),
            Shown::Session => Key::Sessions(caller.user()),
        },
        Some(Arrival::Nobody | Arrival::Refused(_) | Arrival::Unasked(_)) | None => {
            Key::Address(request.remote_addr().as_socket_addr().map(|address| address.ip()))
        }
    }
}

/// Rounded up, so that whoever waits as long is welcome.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const MINE: Key = Key::Token(TokenId(1));

    #[test]
    fn a_bucket_holds_ten_seconds_and_fills_steadily() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::by(NonZeroU32::new(2).unwrap(), clock.clone());
        for left in (0..20).rev() {
            let standing = rates.take(MINE);
            assert_eq!((standing.limit, standing.remaining, standing.wait), (20, left, None));
        }
        let refused = rates.take(MINE);
        assert_eq!(refused.wait.map(whole_seconds), Some(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!(rates.take(MINE).wait, None, "one more came in");
        assert!(rates.take(MINE).wait.is_some());
    }

    #[test]
    fn nobody_is_slowed_down_by_another_token_or_by_strangers() {
        let rates = Rates::by(NonZeroU32::new(1).unwrap(), FakeRelativeClock::default());
        while rates.take(MINE).wait.is_none() {}
        assert_eq!(rates.take(Key::Token(TokenId(2))).wait, None);
        while rates.take(Key::Address(None)).wait.is_none() {}
        assert_eq!(rates.take(Key::Sessions(UserId(1))).wait, None);
    }
}
