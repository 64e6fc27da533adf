//! Each broken promise, planted once, is counted once and nowhere else.

use std::time::Duration;

use domain::disclosure::Label;
use domain::seed::Seed;

use super::*;
use crate::plan::Limits;

const CHANNEL: u32 = 1;

fn plan() -> WorldPlan {
    let limits = Limits { daily: 3, gap: Duration::from_secs(60), zone: "Europe/Moscow".parse().unwrap() };
    let label = Label::new("From the team").unwrap();
    WorldPlan { limits, consenting: 2, ..WorldPlan::new(Seed(1), Timestamp::EPOCH, label) }
}

/// A message that breaks no promise, the n-th of its kind: every one under a post of its own, two minutes after the last.
fn message(n: i64) -> Entry {
    let written = Written {
        account: WorldPlan::account_peer(0),
        channel: WorldPlan::channel_peer(CHANNEL),
        post: MessageId(n),
        message: MessageId(100 + n),
        random_id: RandomId(1_000 + n),
        answers: None,
        text: format!("Said {n}\n\nFrom the team"),
        answer_lost: false,
    };
    Entry { at: Timestamp::from_secs(n * 120), deed: Deed::Sent(written) }
}

fn changed(n: i64, change: impl FnOnce(&mut Written)) -> Entry {
    let Entry { at, deed: Deed::Sent(mut written) } = message(n) else { panic!("not a message") };
    change(&mut written);
    Entry { at, deed: Deed::Sent(written) }
}

fn judged(entries: &[Entry]) -> Verdict {
    let mut judge = Judge::new(plan());
    entries.iter().for_each(|entry| judge.observe(entry));
    judge.verdict()
}

#[test]
fn messages_that_keep_every_promise_are_only_counted() {
    let answer = changed(3, |it| it.answers = Some(MessageId(7)));
    let verdict = judged(&[message(1), message(2), answer]);
    assert_eq!(verdict, Verdict { sent: 3, answers: 1, ..Verdict::default() });
}

#[test]
fn a_repeated_random_id_is_a_duplicate() {
    let verdict = judged(&[message(1), changed(2, |it| it.random_id = RandomId(1_001))]);
    assert_eq!(verdict, Verdict { sent: 2, duplicates: 1, ..Verdict::default() });
}

#[test]
fn the_same_answer_to_the_same_message_is_a_duplicate() {
    let answer = |n| {
        changed(n, |it| {
            it.post = MessageId(1);
            it.answers = Some(MessageId(7));
            it.text = "Yes\n\nFrom the team".into();
        })
    };
    assert_eq!(
        judged(&[answer(1), answer(2)]),
        Verdict { sent: 2, answers: 2, duplicates: 1, ..Verdict::default() }
    );
}

#[test]
fn a_message_without_its_label_is_unlabelled() {
    let verdict = judged(&[changed(1, |it| it.text = "Said 1".into())]);
    assert_eq!(verdict, Verdict { sent: 1, unlabelled: 1, ..Verdict::default() });
}

#[test]
fn a_message_without_consent_is_unconsented_from_the_moment_it_was_taken_back() {
    let consent = |granted| {
        let channel = WorldPlan::channel_peer(CHANNEL);
        Entry {
            at: Timestamp::from_secs(130),
            deed: Deed::Consent { channel, scope: Scope::Comment, granted },
        }
    };
    let verdict = judged(&[message(1), consent(false), message(2), consent(true), message(3)]);
    assert_eq!(verdict, Verdict { sent: 3, unconsented: 1, ..Verdict::default() });

    let elsewhere = changed(1, |it| it.channel = WorldPlan::channel_peer(2));
    assert_eq!(judged(&[elsewhere]).unconsented, 1, "the plan lets only the first two channels consent");
}

#[test]
fn a_second_message_under_a_post_is_a_second_opener_whoever_wrote_it() {
    let second = changed(2, |it| {
        it.post = MessageId(1);
        it.account = WorldPlan::account_peer(1);
    });
    assert_eq!(judged(&[message(1), second]), Verdict { sent: 2, two_openers: 1, ..Verdict::default() });
}

#[test]
fn a_message_too_soon_or_beyond_the_day_violates_the_limits() {
    let mut soon = message(2);
    soon.at = Timestamp::from_secs(179);
    assert_eq!(judged(&[message(1), soon]), Verdict { sent: 2, limit_violations: 1, ..Verdict::default() });

    let day: Vec<Entry> = (1..=4).map(message).collect();
    assert_eq!(judged(&day), Verdict { sent: 4, limit_violations: 1, ..Verdict::default() });

    let mut next_day = message(4);
    next_day.at = Timestamp::from_secs(21 * 3600);
    assert_eq!(judged(&[message(1), message(2), message(3), next_day]).limit_violations, 0);
}

#[test]
fn an_answer_to_ourselves_is_counted() {
    let answer = changed(2, |it| {
        it.post = MessageId(1);
        it.answers = Some(MessageId(101));
    });
    assert_eq!(
        judged(&[message(1), answer]),
        Verdict { sent: 2, answers: 1, self_answers: 1, ..Verdict::default() }
    );
}

#[test]
fn what_lies_behind_the_horizon_is_forgotten() {
    let mut judge = Judge::new(plan());
    for n in 0..100 {
        let mut entry = message(n);
        entry.at = Timestamp::from_secs(n * 24 * 3600);
        judge.observe(&entry);
    }
    assert_eq!(judge.conversations.len(), 10);
    assert_eq!(judge.random_ids.len(), 10);
    assert_eq!(judge.verdict(), Verdict { sent: 100, ..Verdict::default() });
}

#[test]
fn whatever_world_and_product_do_not_share_is_lost() {
    let mut judge = Judge::new(plan());
    [message(1), message(2)].iter().for_each(|entry| judge.observe(entry));
    let channel = WorldPlan::channel_peer(CHANNEL);
    (1..=4).for_each(|id| judge.published(channel, MessageId(id)));
    judge.withdrawn(channel, MessageId(2));

    let claim =
        |n: i64| CommentClaim { channel, message: MessageId(100 + n), random_id: RandomId(1_000 + n) };
    let post = |id| PostClaim { channel, post: MessageId(id) };
    let all = [post(1), post(3), post(4)];
    assert_eq!(judge.compare([claim(2), claim(1)], all, []), Comparison::default());

    let missing = judge.compare([claim(1)], [post(1)], [post(4)]);
    assert_eq!(missing, Comparison { lost_messages: 1, lost_posts: 1, ..Comparison::default() });
    assert_eq!(missing.lost(), 2);

    let invented = judge.compare([claim(1), claim(2), claim(3)], all, []);
    assert_eq!(invented, Comparison { invented_messages: 1, ..Comparison::default() });

    let confused = CommentClaim { random_id: RandomId(5), ..claim(1) };
    assert_eq!(
        judge.compare([confused, claim(2)], all, []),
        Comparison { confused_channels: 1, ..Comparison::default() }
    );
}
