//! The schema: built once, refused when it is newer, and a second guard over the states.

use domain::account::StatusName;
use domain::comment::{SkipReason, StateName};
use persistence::review::CommentFilter;
use persistence::{Dialect, Store, StoreError};
use sea_orm::{ConnectionTrait as _, Database as Connector, DatabaseConnection};
use serde::Serialize;
use testkit::{Database, Scene, Sketch};

pub(crate) async fn raw(db: &Database) -> DatabaseConnection {
    Connector::connect(db.config().url.as_str()).await.unwrap()
}

fn names(values: &[impl Serialize]) -> Vec<String> {
    values.iter().map(|value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()).collect()
}

/// Every reason, by a match that does not compile when one is missing.
fn every_reason() -> Vec<SkipReason> {
    use SkipReason as R;
    let all = vec![
        R::NoConsent,
        R::CommentsClosed,
        R::NoCampaign,
        R::ProjectPaused,
        R::NothingToSay,
        R::TooOld,
        R::NotChosen,
        R::NoAccount,
        R::LimitReached,
        R::NoSlot,
        R::PostDeleted,
        R::NotAQuestion,
        R::OwnMessage,
        R::EnoughAnswers,
        R::NothingWritten,
        R::ConsentRevoked,
        R::Cancelled,
        R::Unlabelled,
    ];
    for reason in &all {
        match reason {
            R::NoConsent
            | R::CommentsClosed
            | R::NoCampaign
            | R::ProjectPaused
            | R::NothingToSay
            | R::TooOld => {}
            R::NotChosen | R::NoAccount | R::LimitReached | R::NoSlot | R::PostDeleted | R::NotAQuestion => {}
            R::OwnMessage | R::EnoughAnswers | R::NothingWritten | R::ConsentRevoked => {}
            R::Cancelled | R::Unlabelled => {}
        }
    }
    all
}

/// The values that a column's CHECK lists, from the text of the migration that defined it last.
fn listed(table: &str, column: &str) -> Vec<String> {
    let (created, altered) = (format!("CREATE TABLE {table} ("), format!("ALTER TABLE {table} "));
    let of_table =
        migrations::definitions().filter(|text| text.starts_with(&created) || text.starts_with(&altered));
    let list = of_table.filter_map(|text| text.split(&format!("({column} IN (")).nth(1)).last().unwrap();
    let list = list.split("))").next().unwrap();
    list.split(',').map(|name| name.trim().trim_matches('\'').to_owned()).collect()
}

#[test]
fn the_checks_list_exactly_the_domains_names() {
    use domain::{account, comment, consent, job, planning, policy};
    assert_eq!(listed("comments", "state"), names(&StateName::ALL));
    assert_eq!(listed("comments", "reason"), names(&every_reason()));
    assert_eq!(listed("accounts", "status"), names(&StatusName::ALL));
    let intents = [comment::Intent::Opener, comment::Intent::Answer, comment::Intent::FollowUp];
    assert_eq!(listed("comments", "intent"), names(&intents));
    assert_eq!(listed("templates", "intent"), names(&intents));
    assert_eq!(listed("accounts", "kind"), names(&[account::Kind::Person, account::Kind::Bot]));
    let scopes = [consent::Scope::Comment, consent::Scope::Read, consent::Scope::Index];
    assert_eq!(listed("consents", "scope"), names(&scopes));
    assert_eq!(listed("consent_codes", "scope"), names(&scopes));
    use consent::Evidence as E;
    assert_eq!(listed("consents", "evidence"), names(&[E::TelegramAdmin, E::DescriptionCode, E::Written]));
    use policy::ProjectStatus as P;
    assert_eq!(listed("projects", "status"), names(&[P::Active, P::Paused, P::Archived]));
    assert_eq!(listed("projects", "approval"), names(&[policy::Approval::Manual, policy::Approval::ByRule]));
    use policy::CampaignStatus as C;
    assert_eq!(listed("campaigns", "status"), names(&[C::On, C::Paused, C::Off]));
    assert_eq!(listed("campaigns", "mode"), names(&[policy::Mode::NewPosts, policy::Mode::Answers]));
    use policy::Preset;
    let presets = [Preset::Safe, Preset::Balanced, Preset::Boost, Preset::Custom];
    assert_eq!(listed("campaigns", "preset"), names(&presets));
    use domain::proxy;
    assert_eq!(listed("proxies", "scheme"), names(&[proxy::Scheme::Socks5, proxy::Scheme::Http]));
    assert_eq!(listed("proxies", "status"), names(&proxy::Status::ALL));
    use domain::webhook;
    assert_eq!(listed("webhooks", "status"), names(&webhook::Status::ALL));
    assert_eq!(listed("webhook_deliveries", "state"), names(&webhook::DeliveryState::ALL));
    use planning::Author;
    assert_eq!(listed("thread_messages", "author"), names(&[Author::Ours, Author::Channel, Author::Reader]));
    assert_eq!(
        job::JobKind::ALL.map(job::JobKind::as_str).map(str::to_owned).to_vec(),
        names(&job::JobKind::ALL)
    );
}

testkit::on_every_database! {
    async fn migrating_again_changes_nothing(db: &Database) {
        assert_eq!(db.store().migrate().await.unwrap().names, Vec::<String>::new());
        assert_eq!(db.store().pending().await.unwrap(), Vec::<String>::new());
    }

    async fn a_database_of_a_newer_version_is_refused(db: &Database) {
        let insert = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)";
        raw(db).await.execute_unprepared(insert).await.unwrap();
        let newer = |refused: Result<(), StoreError>| match refused {
            Err(StoreError::Newer { unknown }) => assert_eq!(unknown, ["m9999_future"]),
            other => panic!("{other:?}"),
        };
        newer(Store::open(db.config()).await.map(drop));
        newer(db.store().migrate().await.map(drop));
    }

    async fn the_database_itself_refuses_a_second_opener_and_a_state_that_does_not_exist(db: &Database) {
        let store = db.store();
        let (scene, _, _) = crate::scene_with_scheduled_comment(store, &Sketch::default()).await;
        let raw = raw(db).await;
        let copy = |intent: &str, state: &str| format!(
            "INSERT INTO comments (project_id, channel_id, post_id, intent, state, created_at)
             SELECT project_id, channel_id, post_id, '{intent}', '{state}', 0 FROM comments"
        );
        for (intent, state) in [("opener", "planned"), ("answer", "planned"), ("opener", "imagined")] {
            let refused = raw.execute_unprepared(&copy(intent, state)).await;
            assert!(refused.is_err(), "a second {intent} that is {state}");
        }
        for unsigned in ["signed_text = NULL", "label = NULL", "random_id = NULL", "state = 'sent'", "reason = 'too_old'"] {
            let refused = raw.execute_unprepared(&format!("UPDATE comments SET {unsigned}")).await;
            assert!(refused.is_err(), "a scheduled comment with {unsigned}");
        }
        assert_eq!(store.list_comments(scene.project, &CommentFilter::default(), None, 10).await.unwrap().len(), 1);
    }

    async fn deleting_a_project_deletes_all_that_is_its_own(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = crate::scene_with_scheduled_comment(store, &Sketch::default()).await;
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        line.send(store, due).await.unwrap();
        let raw = raw(db).await;
        if store.dialect() == Dialect::Sqlite {
            raw.execute_unprepared("PRAGMA foreign_keys = ON").await.unwrap();
        }
        raw.execute_unprepared(&format!("DELETE FROM projects WHERE id = {}", scene.project)).await.unwrap();
        assert!(store.list_comments(scene.project, &CommentFilter::default(), None, 10).await.unwrap().is_empty());
        assert_eq!(store.post_count(scene.project).await.unwrap(), 0);
        assert!(store.project_exists(other.project).await.unwrap());
        let accounts = store.accounts_to_run(None, 10).await.unwrap();
        assert!(accounts.iter().all(|account| account.project == other.project));
    }

    async fn names_that_are_taken_are_said_to_be(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let again = Scene::new(store, &Sketch::default()).await;
        assert!(matches!(again, Err(StoreError::Taken { operation: "create a user", .. })), "{again:?}");
        let consent = persistence::setup::NewConsent {
            channel: scene.channels[0],
            scope: domain::consent::Scope::Comment,
            evidence: domain::consent::Evidence::Written,
            detail: String::new(),
            expires_at: None,
        };
        let twice = store.grant_consents(scene.project, std::slice::from_ref(&consent), scene.user, scene.now).await;
        assert!(matches!(twice, Err(StoreError::Taken { .. })), "{twice:?}");
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let foreign = store.grant_consents(other.project, &[consent], other.user, other.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "channel", .. })), "{foreign:?}");
    }
}
