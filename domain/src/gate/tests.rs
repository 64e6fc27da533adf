//! Each rule of the gate by itself, at its edges, and all of them against random facts.

use proptest::prelude::*;

use super::*;

const NOON: Timestamp = Timestamp::from_secs(12 * 3600);

fn after(seconds: u64) -> Timestamp {
    NOON + Duration::from_secs(seconds)
}

/// Facts under which a comment leaves at noon.
fn ready() -> Facts {
    Facts {
        system_paused: false,
        project: ProjectStatus::Active,
        campaign: CampaignStatus::On,
        consent: true,
        account: Status::Active,
        labelled: true,
        limits: Limits { daily: 30, gap: Duration::from_secs(60) },
        sent_today: 3,
        last_sent_at: Some(NOON - Duration::from_secs(60)),
        another_in_flight: false,
        target: Target::Intact,
        approved: true,
        window: Window { from: NOON - Duration::from_secs(600), to: after(600) },
        quiet: QuietHours { from: 23 * 60, to: 8 * 60 },
        zone: Zone::UTC,
        again: false,
    }
}

fn held(until: Timestamp, why: Hold) -> Verdict {
    Verdict::Defer { until, why }
}

#[test]
fn a_comment_leaves_when_every_rule_allows_it() {
    assert_eq!(check(&ready(), NOON), Verdict::Send);
    assert_eq!(check(&Facts { last_sent_at: None, ..ready() }, NOON), Verdict::Send);
}

#[test]
fn each_rule_by_itself_holds_or_settles_it() {
    let recheck = NOON + RECHECK;
    let soon = after(20);
    for (facts, verdict) in [
        (Facts { system_paused: true, ..ready() }, held(recheck, Hold::SystemPaused)),
        (Facts { project: ProjectStatus::Paused, ..ready() }, held(recheck, Hold::ProjectPaused)),
        (Facts { project: ProjectStatus::Archived, ..ready() }, held(recheck, Hold::ProjectPaused)),
        (Facts { campaign: CampaignStatus::Paused, ..ready() }, held(recheck, Hold::CampaignPaused)),
        (Facts { campaign: CampaignStatus::Off, ..ready() }, held(recheck, Hold::CampaignPaused)),
        (
            Facts { account: Status::Paused { waits_until: None }, ..ready() },
            held(recheck, Hold::Account(StatusName::Paused)),
        ),
        (
            Facts { account: Status::NeedsLogin, ..ready() },
            held(recheck, Hold::Account(StatusName::NeedsLogin)),
        ),
        (Facts { account: Status::Limited, ..ready() }, held(recheck, Hold::Account(StatusName::Limited))),
        (Facts { account: Status::Frozen, ..ready() }, held(recheck, Hold::Account(StatusName::Frozen))),
        (Facts { account: Status::Dead, ..ready() }, Verdict::Skip(SkipReason::NoAccount)),
        (
            Facts { account: Status::Waiting { until: soon }, ..ready() },
            held(soon, Hold::Account(StatusName::Waiting)),
        ),
        (Facts { account: Status::Waiting { until: NOON }, ..ready() }, Verdict::Send),
        (Facts { consent: false, ..ready() }, Verdict::Skip(SkipReason::ConsentRevoked)),
        (Facts { target: Target::Gone, ..ready() }, Verdict::Skip(SkipReason::PostDeleted)),
        (Facts { target: Target::Changed, ..ready() }, Verdict::Void),
        (Facts { approved: false, ..ready() }, Verdict::Void),
        (Facts { labelled: false, ..ready() }, held(recheck, Hold::Unlabelled)),
        (Facts { another_in_flight: true, ..ready() }, held(NOON + IN_FLIGHT_RECHECK, Hold::InFlight)),
        (Facts { last_sent_at: Some(NOON), ..ready() }, held(after(60), Hold::Gap)),
    ] {
        assert_eq!(check(&facts, NOON), verdict, "{facts:?}");
    }
}

#[test]
fn a_window_is_kept_at_both_ends() {
    let facts = ready();
    assert_eq!(check(&facts, after(600)), Verdict::Send);
    assert_eq!(check(&facts, after(601)), Verdict::Expire);
    let early = facts.window.from - Duration::from_secs(1);
    let facts = Facts { last_sent_at: None, ..facts };
    assert_eq!(check(&facts, early), held(facts.window.from, Hold::TooEarly));
}

#[test]
fn a_used_day_ends_at_midnight_but_quiet_hours_last_until_the_morning() {
    let day = Facts { sent_today: 30, ..ready() };
    let morning = Timestamp::from_secs(32 * 3600);
    assert_eq!(check(&day, NOON), held(morning, Hold::DailyLimit));
    let never_quiet = Facts { quiet: QuietHours { from: 0, to: 0 }, ..day };
    assert_eq!(check(&never_quiet, NOON), held(Timestamp::from_secs(24 * 3600), Hold::DailyLimit));
    let quiet = Facts { quiet: QuietHours { from: 11 * 60, to: 13 * 60 }, ..ready() };
    assert_eq!(check(&quiet, NOON), held(Timestamp::from_secs(13 * 3600), Hold::QuietHours));
}

#[test]
fn an_unknown_outcome_is_looked_for_whatever_became_of_the_comment() {
    for facts in [
        Facts { consent: false, ..ready() },
        Facts { target: Target::Gone, ..ready() },
        Facts { window: Window { from: NOON, to: NOON }, ..ready() },
        Facts { account: Status::Limited, ..ready() },
        Facts { account: Status::Frozen, ..ready() },
        Facts { account: Status::Dead, ..ready() },
        Facts { labelled: false, ..ready() },
        Facts { another_in_flight: true, ..ready() },
        Facts { sent_today: 30, ..ready() },
    ] {
        assert_eq!(check(&Facts { again: true, ..facts }, after(1)), Verdict::Reconcile);
    }
}

#[test]
fn what_is_paused_is_not_even_looked_for() {
    let facts = Facts { again: true, system_paused: true, ..ready() };
    assert_eq!(check(&facts, NOON), held(NOON + RECHECK, Hold::SystemPaused));
    let facts = Facts { again: true, account: Status::NeedsLogin, ..ready() };
    assert_eq!(check(&facts, NOON), held(NOON + RECHECK, Hold::Account(StatusName::NeedsLogin)));
}

fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![
        4 => Just(Status::Active),
        1 => (-100..100_i64).prop_map(|offset| Status::Waiting { until: Timestamp::from_secs(NOON.secs() + offset) }),
        1 => prop_oneof![
            Just(Status::NeedsLogin), Just(Status::Limited), Just(Status::Frozen), Just(Status::Dead), Just(Status::Paused { waits_until: None }),
        ],
    ]
}

prop_compose! {
    fn rules()(
        system_paused in prop::bool::weighted(0.1),
        project in prop_oneof![6 => Just(ProjectStatus::Active), 1 => Just(ProjectStatus::Paused), 1 => Just(ProjectStatus::Archived)],
        campaign in prop_oneof![6 => Just(CampaignStatus::On), 1 => Just(CampaignStatus::Paused), 1 => Just(CampaignStatus::Off)],
        consent in prop::bool::weighted(0.9),
        target in prop_oneof![6 => Just(Target::Intact), 1 => Just(Target::Changed), 1 => Just(Target::Gone)],
        approved in prop::bool::weighted(0.9),
        labelled in prop::bool::weighted(0.9),
        another_in_flight in prop::bool::weighted(0.1),
        again in prop::bool::weighted(0.1),
    ) -> Facts {
        Facts { system_paused, project, campaign, consent, target, approved, labelled, another_in_flight, again, ..ready() }
    }
}

prop_compose! {
    fn any_facts()(
        facts in rules(), account in statuses(), daily in 1..5_u32, sent_today in 0..4_u32, gap in 0..300_u64,
        rested in proptest::option::of(0..300_u64), begins in -50..100_i64, lasts in 1..200_u64,
        (quiet_from, quiet_to) in prop_oneof![2 => Just((0, 0)), 1 => (0..1440_u16, 0..1440_u16)],
    ) -> Facts {
        let from = Timestamp::from_secs(NOON.secs() - begins);
        Facts {
            account,
            limits: Limits { daily, gap: Duration::from_secs(gap) },
            sent_today,
            last_sent_at: rested.map(|seconds| NOON - Duration::from_secs(seconds)),
            window: Window { from, to: from + Duration::from_secs(lasts) },
            quiet: QuietHours { from: quiet_from, to: quiet_to },
            ..facts
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_is_sent_against_any_rule(facts in any_facts()) {
        let paused = facts.system_paused
            || facts.project != ProjectStatus::Active
            || facts.campaign != CampaignStatus::On
            || facts.account.name() == StatusName::Paused;
        let able = match facts.account {
            Status::Active => true,
            Status::Waiting { until } => until <= NOON,
            Status::NeedsLogin | Status::Limited | Status::Frozen | Status::Dead | Status::Paused { .. } => false,
        };
        let allowed = !paused
            && able
            && facts.consent
            && facts.approved
            && facts.labelled
            && facts.target == Target::Intact
            && !facts.again
            && !facts.another_in_flight
            && facts.sent_today < facts.limits.daily
            && facts.last_sent_at.is_none_or(|last| NOON.since(last) >= facts.limits.gap)
            && !facts.quiet.covers(NOON, facts.zone)
            && facts.window.from <= NOON
            && NOON <= facts.window.to;
        let verdict = check(&facts, NOON);
        prop_assert_eq!(verdict == Verdict::Send, allowed);
        if paused {
            let deferred = matches!(verdict, Verdict::Defer { .. });
            prop_assert!(deferred, "a pause gave {:?}", verdict);
        }
    }

    #[test]
    fn a_deferral_ends_later_than_now_and_outside_quiet_hours_if_pace_is_its_cause(facts in any_facts()) {
        if let Verdict::Defer { until, why } = check(&facts, NOON) {
            prop_assert!(until > NOON);
            if matches!(why, Hold::QuietHours | Hold::DailyLimit | Hold::Gap) {
                prop_assert!(!facts.quiet.covers(until, facts.zone));
            }
        }
    }

    #[test]
    fn what_is_deferred_by_pace_may_leave_when_the_deferral_ends(facts in any_facts()) {
        if let Verdict::Defer { until, why: Hold::Gap } = check(&facts, NOON) {
            let later = Facts { window: Window { from: NOON, to: until }, ..facts };
            prop_assert_eq!(check(&later, until), Verdict::Send);
        }
    }
}
