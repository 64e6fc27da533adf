//! The transactions around a send, and what must hold one back.

use std::time::Duration;

use domain::account::{Event, StatusName};
use domain::comment::{SkipReason, StateName};
use domain::id::{MessageId, PeerId};
use domain::job::JobKind;
use domain::policy::{CampaignStatus, Policy, ProjectStatus};
use domain::time::{Timestamp, Zone};
use persistence::observing::Seen;
use persistence::outbox::Actor;
use persistence::queue::Lease;
use persistence::sending::{Aim, Begun, Block, SendOutcome, SendResult, Thread};
use persistence::{Store, StoreError};
use sea_orm::{ConnectionTrait as _, Database as Connector};
use testkit::{Line, Scene, Sketch};

use super::{only_comment, scene_with_scheduled_comment};

/// Begins the only send that is due, and ends it with `result`.
async fn send_with(store: &Store, line: &Line, result: SendResult, now: Timestamp) -> Vec<Option<StateName>> {
    let begun = line.begin(store, now).await.unwrap();
    assert!(matches!(begun[0].2, Begun::Send(_)), "{:?}", begun[0].2);
    let outcome = SendOutcome { lease: begun[0].0, comment: begun[0].1, result, block: None };
    store.finish_sends(&line.node, &[outcome], now).await.unwrap()
}

testkit::on_every_database! {
    async fn a_pause_holds_a_comment_that_is_due_and_its_end_lets_it_go(db: &Database) {
        let store = db.store();
        // Due early in its window, so that three holds fit.
        let policy = Policy { lean: 10.0, ..Sketch::default().policy };
        let sketch = Sketch { policy, ..Sketch::default() };
        let (scene, mut line, mut now) = scene_with_scheduled_comment(store, &sketch).await;
        for hold in 0..3 {
            let switch = async |on: bool, now| match hold {
                0 => store.set_system_paused(!on, Actor::System, now).await,
                1 => {
                    let status = if on { ProjectStatus::Active } else { ProjectStatus::Paused };
                    store.set_project_status(scene.project, status, Actor::User(scene.user), now).await
                }
                _ => {
                    let status = if on { CampaignStatus::On } else { CampaignStatus::Paused };
                    store.set_campaign_status(scene.project, scene.campaign, status, Actor::System, now).await
                }
            };
            switch(false, now).await.unwrap();
            let begun = line.begin(store, now).await.unwrap();
            let Begun::Deferred(until) = begun[0].2 else { panic!("{:?} was not held", begun[0].2) };
            assert!(until > now);
            assert_eq!(only_comment(store, scene.project).await.state, StateName::Scheduled);
            switch(true, now).await.unwrap();
            now = until;
        }
        assert_eq!(line.send(store, now).await.unwrap().len(), 1);
        let audited = store.audit_entries(scene.project, 10).await.unwrap();
        assert_eq!(audited.len(), 4, "each switch of the project and its campaign is in the audit log");
    }

    async fn a_revoked_consent_skips_what_waits_and_purges_its_texts(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        assert_eq!(store.revoke_consent(scene.project, scene.consents[0], due).await.unwrap(), 1);
        assert_eq!(store.revoke_consent(scene.project, scene.consents[0], due).await.unwrap(), 0);
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reason), (StateName::Skipped, Some(SkipReason::ConsentRevoked)));
        assert_eq!(comment.signed_text, None);
        assert_eq!(line.send(store, due).await.unwrap().len(), 0);
    }

    async fn nobody_revokes_another_projects_consent(db: &Database) {
        let store = db.store();
        let (scene, line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let refused = store.revoke_consent(other.project, scene.consents[0], due).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "consent", .. })));
        assert!(matches!(line.begin(store, due).await.unwrap()[0].2, Begun::Send(_)));
    }

    async fn a_consent_that_ran_out_is_noticed_before_the_send(db: &Database) {
        let store = db.store();
        let (scene, line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let raw = Connector::connect(db.config().url.as_str()).await.unwrap();
        raw.execute_unprepared(&format!("UPDATE consents SET expires_at = {}", due.micros())).await.unwrap();
        assert!(matches!(line.begin(store, due).await.unwrap()[0].2, Begun::Settled));
        assert_eq!(only_comment(store, scene.project).await.reason, Some(SkipReason::ConsentRevoked));
    }

    async fn a_comment_whose_outcome_is_unknown_is_looked_for_before_anything_else(db: &Database) {
        let store = db.store();
        let (scene, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let retry_at = now + Duration::from_secs(10);
        let states = send_with(store, &line, SendResult::Unknown { retry_at }, now).await;
        assert_eq!(states, [Some(StateName::Unknown)]);
        assert!(line.begin(store, now).await.unwrap().is_empty(), "not before it is time");
        let begun = line.begin(store, retry_at).await.unwrap();
        let Begun::Send(ticket) = &begun[0].2 else { panic!("{:?}", begun[0].2) };
        assert!(ticket.again, "nothing may be written on it");
        let result = SendResult::Sent { message: MessageId(5), at: now };
        let outcome = SendOutcome { lease: begun[0].0, comment: begun[0].1, result, block: None };
        store.finish_sends(&line.node, &[outcome], retry_at).await.unwrap();
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.sent_at, comment.message), (StateName::Sent, Some(now), Some(MessageId(5))));
    }

    async fn the_thread_is_noted_before_the_call_and_told_to_whoever_looks(db: &Database) {
        let store = db.store();
        let (_, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let first = line.begin(store, now).await.unwrap();
        let (Begun::Send(ticket), lease) = (&first[0].2, first[0].0) else { panic!("{:?}", first[0].2) };
        assert_eq!((ticket.thread, ticket.again), (None, false));
        let thread = Thread { group: PeerId(77), root: MessageId(5) };
        let aim = Aim { lease, comment: ticket.comment, thread };
        assert_eq!(store.aim_sends(&line.node, &[aim]).await.unwrap(), [true]);
        let stale = Aim { lease: Lease { fence: lease.fence + 1, ..lease }, thread: Thread { root: MessageId(6), ..thread }, ..aim };
        assert_eq!(store.aim_sends(&line.node, &[stale]).await.unwrap(), [false]);
        assert_eq!(store.aim_sends("another", &[aim]).await.unwrap(), [false], "its job is this node's");

        store.release(&line.node).await.unwrap();
        let again = line.begin(store, now).await.unwrap();
        let Begun::Send(ticket) = &again[0].2 else { panic!("{:?}", again[0].2) };
        assert_eq!((ticket.thread, ticket.again), (Some(thread), true));
        let sent = SendResult::Sent { message: MessageId(9), at: now };
        let outcome = SendOutcome { lease: again[0].0, comment: ticket.comment, result: sent, block: None };
        store.finish_sends(&line.node, &[outcome], now).await.unwrap();
        let late = Aim { lease: again[0].0, ..aim };
        assert_eq!(store.aim_sends(&line.node, &[late]).await.unwrap(), [false], "what has an outcome goes nowhere");
    }

    async fn a_process_that_died_while_sending_is_followed_by_a_look_not_by_a_second_message(db: &Database) {
        let store = db.store();
        let (_, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let first = line.begin(store, now).await.unwrap();
        let (Begun::Send(ticket), lease) = (&first[0].2, first[0].0) else { panic!("{:?}", first[0].2) };
        assert!(!ticket.again);
        let later = now + Duration::from_secs(120);
        store.rescue(later).await.unwrap();
        let next = Line::new("next", 1);
        // The rescued job counts an attempt and may wait a little before the next.
        let later = store.next_due().await.unwrap().unwrap().max(later);
        let second = next.begin(store, later).await.unwrap();
        let Begun::Send(again) = &second[0].2 else { panic!("{:?}", second[0].2) };
        assert!(again.again && again.random_id == ticket.random_id);
        let result = SendResult::Sent { message: MessageId(5), at: now };
        let late = SendOutcome { lease, comment: first[0].1, result, block: None };
        assert_eq!(store.finish_sends(&line.node, &[late], later).await.unwrap(), [None], "the first worker lost it");
    }

    async fn a_refusal_is_final_and_blocks_where_it_says_so(db: &Database) {
        let store = db.store();
        let (scene, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let begun = line.begin(store, now).await.unwrap();
        let result = SendResult::Refused { code: "CHAT_WRITE_FORBIDDEN".to_owned() };
        let block = Some(Block { reason: "CHAT_WRITE_FORBIDDEN".to_owned(), until: None });
        let outcome = SendOutcome { lease: begun[0].0, comment: begun[0].1, result, block };
        store.finish_sends(&line.node, &[outcome], now).await.unwrap();
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.error_code.as_deref()), (StateName::Refused, Some("CHAT_WRITE_FORBIDDEN")));
        let recorded = store.record_posts(&[scene.post(0, 2, "Text", now)], now).await.unwrap();
        let snapshot = store.planning_snapshot(scene.project, &recorded[0].new, &[], now).await.unwrap();
        assert!(snapshot.desk.campaigns[0].speakers[&scene.channels[0]].is_empty());
    }

    async fn a_wait_brings_the_comment_back_when_it_is_over(db: &Database) {
        let store = db.store();
        let (scene, mut line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let until = now + Duration::from_secs(30);
        assert_eq!(send_with(store, &line, SendResult::Deferred { until }, now).await, [Some(StateName::Scheduled)]);
        store.account_event(scene.accounts[0], Event::Flood(until), "FLOOD_WAIT", now).await.unwrap();
        assert!(line.begin(store, now).await.unwrap().is_empty());
        let begun = line.begin(store, until - Duration::from_secs(1)).await.unwrap();
        assert!(begun.is_empty());
        assert_eq!(line.send(store, until).await.unwrap().len(), 1);
    }

    async fn an_attempt_that_wrote_nothing_is_tried_again_and_counted(db: &Database) {
        let store = db.store();
        let (_, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let until = now + Duration::from_secs(30);
        assert_eq!(send_with(store, &line, SendResult::Retry { until }, now).await, [Some(StateName::Scheduled)]);
        let claimed = line.claim(store, JobKind::SendComment, until).await.unwrap();
        assert_eq!(claimed[0].attempt, 2);
    }

    async fn what_it_answers_is_gone_so_the_reviewer_is_asked_again(db: &Database) {
        let store = db.store();
        let (_, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        assert_eq!(send_with(store, &line, SendResult::Void, now).await, [Some(StateName::Void)]);
        assert!(line.begin(store, now + Duration::from_secs(60)).await.unwrap().is_empty());
    }

    async fn an_account_never_sends_more_than_its_day_allows_nor_two_at_once(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        let posts: Vec<_> = (1..=3).map(|message| scene.post(0, message, "Text", scene.now)).collect();
        store.record_posts(&posts, scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        line.write(store, scene.now).await.unwrap();
        // They were planned while the day still had room.
        let raw = Connector::connect(db.config().url.as_str()).await.unwrap();
        raw.execute_unprepared("UPDATE accounts SET daily_limit = 2").await.unwrap();
        let now = scene.now + Duration::from_secs(3600);
        assert_eq!(line.send(store, now).await.unwrap().len(), 1, "one at a time");
        assert_eq!(line.send(store, now).await.unwrap().len(), 1);
        let third = line.begin(store, now).await.unwrap();
        let Begun::Deferred(until) = third[0].2 else { panic!("{:?}", third[0].2) };
        assert!(Zone::UTC.day(until) > Zone::UTC.day(now), "not before the next day");
    }

    async fn an_account_that_is_limited_stops(db: &Database) {
        let store = db.store();
        let (scene, line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let status = store.account_event(scene.accounts[0], Event::Limit, "PEER_FLOOD", now).await.unwrap();
        assert_eq!(status.name(), StatusName::Limited);
        assert!(matches!(line.begin(store, now).await.unwrap()[0].2, Begun::Deferred(_)));
        assert!(store.account_event(scene.accounts[0], Event::LogIn, "", now).await.is_err());
    }

    async fn too_many_refusals_pause_the_campaign(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 5, ..Sketch::default() }).await.unwrap();
        let mut line = Line::default();
        let posts: Vec<_> = (1..=5).map(|message| scene.post(0, message, "Text", scene.now)).collect();
        store.record_posts(&posts, scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        line.write(store, scene.now).await.unwrap();
        let now = scene.now + Duration::from_secs(3600);
        let mut refused = 0;
        while refused < 5 {
            let begun = line.begin(store, now).await.unwrap();
            let result = SendResult::Refused { code: "CHAT_RESTRICTED".to_owned() };
            let refusal = |(lease, comment, _): &(_, _, _)| SendOutcome {
                lease: *lease,
                comment: *comment,
                result: result.clone(),
                block: None,
            };
            let outcomes: Vec<_> = begun.iter().map(refusal).collect();
            assert!(!outcomes.is_empty());
            refused += store.finish_sends(&line.node, &outcomes, now).await.unwrap().len();
        }
        let recorded = store.record_posts(&[scene.post(0, 6, "Text", now)], now).await.unwrap();
        let snapshot = store.planning_snapshot(scene.project, &recorded[0].new, &[], now).await.unwrap();
        assert_eq!(snapshot.desk.campaigns[0].status, CampaignStatus::Paused, "5 of the latest 100 attempts");
    }

    async fn a_comment_that_was_removed_is_not_looked_at_again(db: &Database) {
        let store = db.store();
        let (scene, mut line, now) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        line.send(store, now).await.unwrap();
        let looks = domain::comment::LOOKS;
        let failed = Seen::Failed { error: "DISCONNECTED".to_owned(), retry_at: Some(now + looks[0] + looks[0]) };
        assert_eq!(line.look(store, &failed, now + looks[0]).await.unwrap(), [Some(StateName::Sent)]);
        let removed = line.look(store, &Seen::Removed, now + looks[0] + looks[0]).await.unwrap();
        assert_eq!(removed, [Some(StateName::Removed)]);
        assert_eq!(line.look(store, &Seen::Removed, now + looks[3] + looks[3]).await.unwrap(), []);
        assert_eq!(store.sent_comments(scene.project, None, 10).await.unwrap().len(), 1);
    }

    async fn a_window_that_closed_expires_its_comment(db: &Database) {
        let store = db.store();
        let (scene, mut line, _) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let closes = only_comment(store, scene.project).await.window_to.unwrap();
        assert_eq!(store.expire_comments(closes, 100).await.unwrap(), 0, "the last moment still belongs to it");
        let after = closes + Duration::from_secs(1);
        assert_eq!(store.expire_comments(after, 100).await.unwrap(), 1);
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Expired);
        assert_eq!(line.send(store, after).await.unwrap().len(), 0);
        assert!(line.begin(store, after).await.unwrap().is_empty(), "its job ended by itself");
    }
}
