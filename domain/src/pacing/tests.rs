//! Slots against the rules they keep, by example and against a plain search of the whole window.

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const NEVER_QUIET: QuietHours = QuietHours { from: 0, to: 0 };
const AWAKE: Policy = Policy { quiet: NEVER_QUIET, ..Policy::BALANCED };
const LIMITS: Limits = Limits { daily: 30, gap: Duration::from_secs(60) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn window(from: i64, to: i64) -> Window {
    Window { from: at(from), to: at(to) }
}

fn ledger(moments: &[i64], zone: Zone) -> Ledger {
    let mut ledger = Ledger::default();
    moments.iter().for_each(|moment| ledger.book(at(*moment), zone));
    ledger
}

fn zones() -> impl Strategy<Value = Zone> {
    prop_oneof!["UTC", "Europe/Moscow", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Havana"]
        .prop_map(|name| name.parse().unwrap())
}

#[test]
fn an_opener_leaves_inside_the_policys_window_and_not_in_the_past() {
    let policy = Policy { window_from_s: 300, window_to_s: 3600, ..AWAKE };
    assert_eq!(Window::of_opener(at(0), &policy, at(10)), Some(window(300, 3600)));
    assert_eq!(Window::of_opener(at(0), &policy, at(1000)), Some(window(1000, 3600)));
    assert_eq!(Window::of_opener(at(0), &policy, at(3600)), None);
}

#[test]
fn an_answer_to_a_question_at_night_leaves_in_the_morning() {
    let policy = Policy { quiet: QuietHours { from: 23 * 60, to: 8 * 60 }, ..AWAKE };
    let asked_at = at(2 * HOUR);
    let morning = Window::of_answer(asked_at, &policy, Zone::UTC, asked_at);
    assert_eq!(morning, Some(window(8 * HOUR + 120, 9 * HOUR)));
    let noon = at(12 * HOUR);
    assert_eq!(Window::of_answer(noon, &policy, Zone::UTC, noon), Some(window(12 * HOUR + 120, 13 * HOUR)));
    assert_eq!(Window::of_answer(noon, &policy, Zone::UTC, at(13 * HOUR)), None);
}

#[test]
fn slots_lean_to_the_beginning_of_the_window() {
    let drawn = |lean: f64| {
        let policy = Policy { lean, ..AWAKE };
        let early = (0..2000).filter(|seed| {
            let slot =
                find_slot(window(0, 8000), &policy, &LIMITS, &Ledger::default(), Zone::UTC, Seed(*seed));
            slot.unwrap() < at(1000)
        });
        early.count()
    };
    assert!((180..320).contains(&drawn(1.0)), "an eighth of the uniform ones: {}", drawn(1.0));
    assert!((900..1100).contains(&drawn(3.0)), "half of those that lean by 3: {}", drawn(3.0));
}

#[test]
fn slots_do_not_gather_at_the_end_of_quiet_hours() {
    let policy = Policy { quiet: QuietHours { from: 0, to: 60 }, lean: 1.0, ..AWAKE };
    let window = window(0, 3 * HOUR);
    let first_minute = (0..1000).filter(|seed| {
        let slot = find_slot(window, &policy, &LIMITS, &Ledger::default(), Zone::UTC, Seed(*seed)).unwrap();
        slot < at(HOUR + 60)
    });
    assert!(first_minute.count() < 30);
}

#[test]
fn the_only_free_second_is_found() {
    let booked: Vec<i64> = (0..=100).filter(|second| *second != 50).map(|second| second * 60).collect();
    let limits = Limits { daily: 1000, ..LIMITS };
    let slot = find_slot(window(0, 6000), &AWAKE, &limits, &ledger(&booked, Zone::UTC), Zone::UTC, Seed(1));
    assert_eq!(slot, Ok(at(3000)));
    let full: Vec<i64> = (0..=100).map(|second| second * 60).collect();
    let slot = find_slot(window(0, 6000), &AWAKE, &limits, &ledger(&full, Zone::UTC), Zone::UTC, Seed(1));
    assert_eq!(slot, Err(NoSlot::Occupied));
}

#[test]
fn a_day_that_is_used_up_gives_way_to_the_next_or_to_none() {
    let limits = Limits { daily: 2, ..LIMITS };
    let used = ledger(&[HOUR, 2 * HOUR], Zone::UTC);
    let slot = |to| find_slot(window(20 * HOUR, to), &AWAKE, &limits, &used, Zone::UTC, Seed(3));
    assert!(slot(DAY + HOUR).unwrap() >= at(DAY));
    assert_eq!(slot(23 * HOUR), Err(NoSlot::LimitReached));
}

#[test]
fn days_are_those_of_the_project() {
    let moscow: Zone = "Europe/Moscow".parse().unwrap();
    let limits = Limits { daily: 1, ..LIMITS };
    let used = ledger(&[20 * HOUR], moscow);
    let slot = find_slot(window(21 * HOUR, 22 * HOUR), &AWAKE, &limits, &used, moscow, Seed(3));
    assert!(slot.is_ok(), "21:00 UTC is the next day in Moscow");
}

#[test]
fn forgetting_keeps_the_day_whole() {
    let mut ledger = ledger(&[0, HOUR, DAY, DAY + HOUR, 2 * DAY], Zone::UTC);
    ledger.forget_before(at(DAY + HOUR));
    assert_eq!(ledger.booked_on(Zone::UTC.day(at(DAY))), 2);
    assert_eq!(ledger.moments.len(), 2);
    ledger.forget_before(at(4 * DAY));
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn a_campaign_pauses_at_five_refusals_of_a_hundred() {
    assert!(!should_pause(4, 100) && should_pause(5, 100));
    assert!(!should_pause(1, 1) && !should_pause(4, 10), "attempts not made yet count as good");
    assert!(should_pause(5, 5));
    assert!(!should_pause(9, 200) && should_pause(10, 200));
}

proptest! {
    #[test]
    fn a_slot_keeps_window_quiet_hours_day_and_gap(
        zone in zones(), from in 1_700_000_000..1_800_000_000_i64, length in 2..3 * DAY,
        (quiet_from, quiet_to) in (0..1440_u16, 0..1440_u16), lean in 1.0..10.0,
        daily in 0..6_u32, gap in 0..7200_u64, offsets in prop::collection::vec(-DAY..4 * DAY, 0..12),
        seed in any::<u64>(),
    ) {
        let policy = Policy { quiet: QuietHours { from: quiet_from, to: quiet_to }, lean, ..Policy::SAFE };
        let limits = Limits { daily, gap: Duration::from_secs(gap) };
        let booked: Vec<i64> = offsets.iter().map(|offset| from + offset).collect();
        let ledger = ledger(&booked, zone);
        let window = window(from, from + length);
        let slot = find_slot(window, &policy, &limits, &ledger, zone, Seed(seed));
        prop_assert_eq!(slot, find_slot(window, &policy, &limits, &ledger, zone, Seed(seed)));
        if let Ok(slot) = slot {
            prop_assert!(window.from <= slot && slot <= window.to);
            prop_assert_eq!(slot, slot.round_up(GRAIN));
            prop_assert!(!policy.quiet.covers(slot, zone));
            prop_assert!(ledger.booked_on(zone.day(slot)) < daily);
            for moment in booked {
                prop_assert!(slot.since(at(moment)) + at(moment).since(slot) >= limits.gap);
            }
        }
    }

    #[test]
    fn a_slot_is_missed_only_when_there_is_none(
        from in 0..DAY, length in 2..HOUR, quiet_from in 0..1440_u16, quiet_to in 0..1440_u16,
        daily in 0..4_u32, gap in 0..900_u64, offsets in prop::collection::vec(-HOUR..2 * HOUR, 0..8),
    ) {
        let policy = Policy { quiet: QuietHours { from: quiet_from, to: quiet_to }, ..Policy::SAFE };
        let limits = Limits { daily, gap: Duration::from_secs(gap) };
        let booked: Vec<i64> = offsets.iter().map(|offset| from + offset).collect();
        let ledger = ledger(&booked, Zone::UTC);
        let free = |second: i64| {
            !policy.quiet.covers(at(second), Zone::UTC)
                && ledger.booked_on(Zone::UTC.day(at(second))) < daily
                && booked.iter().all(|moment| moment.abs_diff(second) >= gap)
        };
        let slot = find_slot(window(from, from + length), &policy, &limits, &ledger, Zone::UTC, Seed(9));
        prop_assert_eq!(slot.is_ok(), (from..=from + length).any(free));
    }

    #[test]
    fn a_filled_day_never_passes_its_limits(seed in any::<u64>(), daily in 1..20_u32, gap in 1..3600_u64) {
        let limits = Limits { daily, gap: Duration::from_secs(gap) };
        let mut ledger = Ledger::default();
        for n in 0..40 {
            let window = window(n * 900, DAY - 1);
            if let Ok(slot) = find_slot(window, &AWAKE, &limits, &ledger, Zone::UTC, Seed(seed).derive("n", n)) {
                ledger.book(slot, Zone::UTC);
            }
        }
        let moments: Vec<_> = ledger.moments.iter().copied().collect();
        prop_assert!(moments.len() <= daily as usize);
        prop_assert!(moments.windows(2).all(|pair| pair[1].since(pair[0]) >= limits.gap));
    }
}
