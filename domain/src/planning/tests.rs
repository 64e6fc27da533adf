//! Each reason against writing, the turns of accounts, and random desks whose rules every plan must keep.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::id::ConsentId;
use crate::policy::QuietHours;

const CHANNEL: ChannelId = ChannelId(1);
const NOW: Timestamp = Timestamp::from_secs(12 * 3600);
const LIMITS: Limits = Limits { daily: 30, gap: Duration::from_secs(60) };
const EAGER: Policy = Policy {
    opener_share: 1.0,
    window_from_s: 60,
    window_to_s: 3600,
    lean: 2.0,
    quiet: QuietHours { from: 23 * 60, to: 8 * 60 },
    answers_per_post: 3,
    answers_per_reader: 1,
};

fn campaign(id: i64, mode: Mode, speakers: &[i64]) -> Campaign {
    let speakers = speakers.iter().copied().map(AccountId).collect();
    Campaign {
        id: CampaignId(id),
        status: CampaignStatus::On,
        mode,
        policy: EAGER,
        speakers: BTreeMap::from([(CHANNEL, speakers)]),
    }
}

fn consent() -> Consent {
    Consent {
        id: ConsentId(1),
        channel: CHANNEL,
        scope: Scope::Comment,
        granted_at: Timestamp::EPOCH,
        expires_at: None,
        revoked_at: None,
    }
}

/// A project with one campaign and accounts 1 to 3, in which everything may be written.
fn desk() -> Desk {
    let account = || Account { status: Status::Active, labelled: true, limits: LIMITS };
    Desk {
        status: ProjectStatus::Active,
        zone: Zone::UTC,
        campaigns: vec![campaign(1, Mode::NewPosts, &[1, 2, 3])],
        consents: vec![consent()],
        accounts: (1..=3).map(|id| (AccountId(id), account())).collect(),
        ledgers: BTreeMap::new(),
        answered: Answered::default(),
    }
}

fn post(id: i64) -> Post {
    Post {
        id: PostId(id),
        channel: CHANNEL,
        published_at: NOW,
        text: "Вышло обновление".into(),
        comments_open: true,
        deleted: false,
    }
}

fn message(id: i64) -> ReaderMessage {
    ReaderMessage {
        id: ThreadMessageId(id),
        post: post(1),
        author: Author::Reader,
        reader: PeerId(100 + id),
        text: "Где скачать?".into(),
        sent_at: NOW,
        deleted: false,
        answers_under_post: 0,
        answers_to_reader: 0,
    }
}

fn open(post: &Post, desk: &mut Desk) -> Decision {
    opener(post, desk, NOW, Seed(1).derive("opener", post.id.get()))
}

fn reply(message: &ReaderMessage, desk: &mut Desk) -> Decision {
    answer(message, desk, NOW, Seed(1).derive("answer", message.id.get()))
}

fn plan(decision: Decision) -> Plan {
    match decision {
        Decision::Write(plan) => plan,
        Decision::Skip(reason) => panic!("skipped: {reason:?}"),
    }
}

fn with_accounts(change: impl Fn(&mut Account)) -> Desk {
    let mut desk = desk();
    desk.accounts.values_mut().for_each(change);
    desk
}

fn with_campaign(change: impl Fn(&mut Campaign)) -> Desk {
    let mut desk = desk();
    desk.campaigns.iter_mut().for_each(change);
    desk
}

#[test]
fn a_post_that_everything_allows_gets_an_opener_inside_its_window() {
    let mut desk = desk();
    let plan = plan(open(&post(1), &mut desk));
    assert_eq!(plan.campaign, CampaignId(1));
    assert_eq!(plan.window.from, NOW + Duration::from_secs(60));
    assert_eq!(plan.window.to, NOW + Duration::from_secs(3600));
    assert!(plan.window.from <= plan.due_at && plan.due_at <= plan.window.to);
    assert_eq!(desk.ledgers[&plan.account].booked_on(Zone::UTC.day(plan.due_at)), 1);
}

#[test]
fn each_reason_against_an_opener_is_named() {
    use SkipReason as Reason;
    let past = NOW - Duration::from_secs(3600);
    let quiet = QuietHours { from: 12 * 60, to: 14 * 60 };
    let revoked = Consent { revoked_at: Some(NOW), ..consent() };
    let elsewhere = Consent { channel: ChannelId(2), ..consent() };
    let read_only = Consent { scope: Scope::Read, ..consent() };
    for (post, mut desk, reason) in [
        (post(1), Desk { consents: vec![], ..desk() }, Reason::NoConsent),
        (post(1), Desk { consents: vec![revoked, elsewhere, read_only], ..desk() }, Reason::NoConsent),
        (post(1), Desk { status: ProjectStatus::Paused, ..desk() }, Reason::ProjectPaused),
        (post(1), Desk { status: ProjectStatus::Archived, ..desk() }, Reason::ProjectPaused),
        (Post { deleted: true, ..post(1) }, desk(), Reason::PostDeleted),
        (Post { comments_open: false, ..post(1) }, desk(), Reason::CommentsClosed),
        (Post { text: " \u{200b}".into(), ..post(1) }, desk(), Reason::NothingToSay),
        (post(1), Desk { campaigns: vec![], ..desk() }, Reason::NoCampaign),
        (post(1), with_campaign(|campaign| campaign.status = CampaignStatus::Paused), Reason::NoCampaign),
        (post(1), with_campaign(|campaign| campaign.mode = Mode::Answers), Reason::NoCampaign),
        (post(1), with_campaign(|campaign| campaign.speakers.clear()), Reason::NoCampaign),
        (Post { published_at: past, ..post(1) }, desk(), Reason::TooOld),
        (post(1), with_campaign(|campaign| campaign.policy.opener_share = 0.0), Reason::NotChosen),
        (post(1), with_accounts(|account| account.status = Status::Limited), Reason::NoAccount),
        (post(1), with_accounts(|account| account.labelled = false), Reason::Unlabelled),
        (
            post(1),
            with_campaign(|campaign| campaign.speakers = BTreeMap::from([(CHANNEL, vec![])])),
            Reason::NoAccount,
        ),
        (post(1), with_accounts(|account| account.limits.daily = 0), Reason::LimitReached),
        (post(1), with_campaign(|campaign| campaign.policy.quiet = quiet), Reason::NoSlot),
    ] {
        assert_eq!(open(&post, &mut desk), Decision::Skip(reason));
        assert!(desk.ledgers.is_empty(), "a skip books nothing");
    }
}

#[test]
fn each_reason_against_an_answer_is_named() {
    use SkipReason as Reason;
    let past = NOW - Duration::from_secs(3600);
    for (message, mut desk, reason) in [
        (ReaderMessage { author: Author::Ours, ..message(1) }, desk(), Reason::OwnMessage),
        (ReaderMessage { author: Author::Channel, ..message(1) }, desk(), Reason::OwnMessage),
        (ReaderMessage { text: "Спасибо!".into(), ..message(1) }, desk(), Reason::NotAQuestion),
        (ReaderMessage { deleted: true, ..message(1) }, desk(), Reason::PostDeleted),
        (
            ReaderMessage { post: Post { deleted: true, ..post(1) }, ..message(1) },
            desk(),
            Reason::PostDeleted,
        ),
        (
            ReaderMessage { post: Post { comments_open: false, ..post(1) }, ..message(1) },
            desk(),
            Reason::CommentsClosed,
        ),
        (message(1), Desk { consents: vec![], ..desk() }, Reason::NoConsent),
        (message(1), Desk { status: ProjectStatus::Paused, ..desk() }, Reason::ProjectPaused),
        (message(1), with_campaign(|campaign| campaign.status = CampaignStatus::Off), Reason::NoCampaign),
        (ReaderMessage { answers_under_post: 3, ..message(1) }, desk(), Reason::EnoughAnswers),
        (ReaderMessage { answers_to_reader: 1, ..message(1) }, desk(), Reason::EnoughAnswers),
        (ReaderMessage { sent_at: past, ..message(1) }, desk(), Reason::TooOld),
        (message(1), with_accounts(|account| account.status = Status::Dead), Reason::NoAccount),
        (message(1), with_accounts(|account| account.labelled = false), Reason::Unlabelled),
    ] {
        assert_eq!(reply(&message, &mut desk), Decision::Skip(reason));
    }
}

#[test]
fn answers_are_given_in_both_modes_and_need_no_text_in_the_post() {
    for mode in [Mode::NewPosts, Mode::Answers] {
        let mut desk = with_campaign(|campaign| campaign.mode = mode);
        let silent = ReaderMessage { post: Post { text: String::new(), ..post(1) }, ..message(1) };
        plan(reply(&silent, &mut desk));
    }
}

#[test]
fn caps_on_answers_hold_within_one_batch() {
    let mut desk = desk();
    let written = (1..=10).filter(|id| matches!(reply(&message(*id), &mut desk), Decision::Write(_)));
    assert_eq!(written.count(), 3, "answers under one post");
    let mut desk = self::desk();
    let same = |id| ReaderMessage { reader: PeerId(7), ..message(id) };
    let written = (1..=10).filter(|id| matches!(reply(&same(*id), &mut desk), Decision::Write(_)));
    assert_eq!(written.count(), 1, "answers to one reader");
}

#[test]
fn the_first_campaign_that_opens_in_the_channel_decides_alone() {
    let mut desk = desk();
    desk.campaigns = vec![
        campaign(1, Mode::Answers, &[1]),
        campaign(2, Mode::NewPosts, &[2]),
        campaign(3, Mode::NewPosts, &[3]),
    ];
    assert_eq!(plan(open(&post(1), &mut desk)).campaign, CampaignId(2));
    assert_eq!(plan(reply(&message(1), &mut desk)).campaign, CampaignId(1));
    desk.campaigns[1].policy.opener_share = 0.0;
    assert_eq!(open(&post(2), &mut desk), Decision::Skip(SkipReason::NotChosen));
}

#[test]
fn the_share_of_posts_is_kept() {
    let mut desk = with_campaign(|campaign| campaign.policy.opener_share = 0.4);
    desk.accounts
        .values_mut()
        .for_each(|account| account.limits = Limits { daily: 10_000, gap: Duration::ZERO });
    let opened = (0..2000).filter(|id| matches!(open(&post(*id), &mut desk), Decision::Write(_))).count();
    assert!((720..880).contains(&opened), "{opened} of 2000");
}

#[test]
fn accounts_share_the_day_in_proportion_to_their_limits() {
    let mut desk = desk();
    for (id, daily) in [(1, 40), (2, 20), (3, 20)] {
        let limits = Limits { daily, gap: Duration::ZERO };
        desk.accounts.insert(AccountId(id), Account { status: Status::Active, labelled: true, limits });
    }
    let mut spoken: BTreeMap<AccountId, u32> = BTreeMap::new();
    for id in 0..40 {
        *spoken.entry(plan(open(&post(id), &mut desk)).account).or_default() += 1;
    }
    assert_eq!(spoken, BTreeMap::from([(AccountId(1), 20), (AccountId(2), 10), (AccountId(3), 10)]));
}

#[test]
fn an_account_without_room_passes_the_post_on() {
    let mut desk = desk();
    desk.accounts.values_mut().for_each(|account| account.limits.daily = 1);
    let speakers: std::collections::BTreeSet<_> =
        (1..=3).map(|id| plan(open(&post(id), &mut desk)).account).collect();
    assert_eq!(speakers.len(), 3);
    assert_eq!(open(&post(4), &mut desk), Decision::Skip(SkipReason::LimitReached));
}

#[test]
fn a_waiting_account_speaks_after_its_wait_or_nobody_does() {
    let until = NOW + Duration::from_secs(1800);
    let mut desk = desk();
    desk.campaigns = vec![campaign(1, Mode::NewPosts, &[1])];
    desk.accounts
        .insert(AccountId(1), Account { status: Status::Waiting { until }, labelled: true, limits: LIMITS });
    assert!(plan(open(&post(1), &mut desk)).due_at >= until);
    let until = NOW + Duration::from_secs(7200);
    desk.accounts
        .insert(AccountId(1), Account { status: Status::Waiting { until }, labelled: true, limits: LIMITS });
    assert_eq!(open(&post(2), &mut desk), Decision::Skip(SkipReason::NoSlot));
}

fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![
        4 => Just(Status::Active),
        2 => (-3600..7200_i64).prop_map(|offset| Status::Waiting { until: Timestamp::from_secs(NOW.secs() + offset) }),
        1 => Just(Status::Limited),
        1 => Just(Status::Paused { waits_until: None }),
    ]
}

prop_compose! {
    /// Desks in which some things are allowed.
    fn desks()(
        active in prop::bool::weighted(0.9), consented in prop::bool::weighted(0.8), on in prop::bool::weighted(0.9),
        statuses in prop::collection::vec(statuses(), 3), limits in prop::collection::vec((0..4_u32, 0..1800_u64), 3),
        speakers in prop::sample::subsequence(vec![1, 2, 3], 0..=3), opener_share in prop_oneof![Just(1.0), 0.0..1.0],
        quiet in (0..1440_u16, 0..1440_u16), labelled in prop::collection::vec(prop::bool::weighted(0.8), 3),
    ) -> Desk {
        let mut desk = desk();
        if !active {
            desk.status = ProjectStatus::Paused;
        }
        if !consented {
            desk.consents.clear();
        }
        let parts = statuses.into_iter().zip(limits).zip(labelled);
        for (account, ((status, (daily, gap)), labelled)) in desk.accounts.values_mut().zip(parts) {
            *account = Account { status, labelled, limits: Limits { daily, gap: Duration::from_secs(gap) } };
        }
        let status = if on { CampaignStatus::On } else { CampaignStatus::Off };
        let policy = Policy { opener_share, quiet: QuietHours { from: quiet.0, to: quiet.1 }, ..EAGER };
        desk.campaigns = vec![Campaign { status, policy, ..campaign(1, Mode::NewPosts, &speakers) }];
        desk
    }
}

proptest! {
    #[test]
    fn whatever_is_planned_keeps_every_rule(desk in desks(), seed in any::<u64>(), length in 1..30_i64) {
        let mut after = desk.clone();
        let mut moments: BTreeMap<AccountId, Vec<Timestamp>> = BTreeMap::new();
        for id in 0..length {
            let subject = Seed(seed).derive("subject", id);
            let decision = if id % 2 == 0 {
                opener(&post(id), &mut after, NOW, subject)
            } else {
                answer(&ReaderMessage { post: post(id), ..message(id) }, &mut after, NOW, subject)
            };
            let Decision::Write(plan) = decision else { continue };
            prop_assert_eq!(desk.status, ProjectStatus::Active);
            prop_assert!(covers(&desk.consents, CHANNEL, Scope::Comment, NOW));
            prop_assert_eq!(desk.campaigns[0].status, CampaignStatus::On);
            prop_assert!(desk.campaigns[0].speakers[&CHANNEL].contains(&plan.account));
            let account = &desk.accounts[&plan.account];
            prop_assert!(account.status.takes_work() && account.labelled);
            prop_assert!(account.status.waits_until().is_none_or(|until| plan.due_at >= until));
            prop_assert!(plan.window.from <= plan.due_at && plan.due_at <= plan.window.to && NOW <= plan.due_at);
            prop_assert!(!desk.campaigns[0].policy.quiet.covers(plan.due_at, desk.zone));
            moments.entry(plan.account).or_default().push(plan.due_at);
        }
        for (account, mut moments) in moments {
            let limits = desk.accounts[&account].limits;
            moments.sort();
            prop_assert!(moments.windows(2).all(|pair| pair[1].since(pair[0]) >= limits.gap));
            let mut by_day: BTreeMap<_, u32> = BTreeMap::new();
            moments.iter().for_each(|at| *by_day.entry(desk.zone.day(*at)).or_default() += 1);
            prop_assert!(by_day.values().all(|count| *count <= limits.daily));
        }
    }

    #[test]
    fn work_never_moves_to_another_account_because_of_a_wait(
        desk in desks(), waiting in 1..=3_i64, wait in 0..7200_u64, seed in any::<u64>(),
    ) {
        let mut free = desk.clone();
        free.accounts.values_mut().for_each(|account| account.status = Status::Active);
        let mut waits = free.clone();
        let until = NOW + Duration::from_secs(wait);
        if let Some(account) = waits.accounts.get_mut(&AccountId(waiting)) {
            account.status = Status::Waiting { until };
        }
        let before = opener(&post(1), &mut free, NOW, Seed(seed));
        match opener(&post(1), &mut waits, NOW, Seed(seed)) {
            Decision::Write(plan) => prop_assert_eq!(plan.account, self::plan(before).account),
            Decision::Skip(_) => {}
        }
    }

    #[test]
    fn the_same_desk_time_and_seed_give_the_same_decision(desk in desks(), seed in any::<u64>()) {
        let decide = || opener(&post(1), &mut desk.clone(), NOW, Seed(seed));
        prop_assert_eq!(decide(), decide());
    }

    #[test]
    fn our_own_messages_are_never_answered(desk in desks(), ours in any::<bool>(), text in "\\PC*", seed in any::<u64>()) {
        let author = if ours { Author::Ours } else { Author::Channel };
        let own = ReaderMessage { author, text, ..message(1) };
        let decision = answer(&own, &mut desk.clone(), NOW, Seed(seed));
        prop_assert_eq!(decision, Decision::Skip(SkipReason::OwnMessage));
    }
}
