//! Who is at the door: tokens, sessions, logins through the bot, repeated requests.

use std::time::Duration;

use domain::access::{ProjectRole, Scope, Scopes};
use domain::id::PeerId;
use domain::time::Timestamp;
use persistence::Store;
use persistence::access::{
    ANSWER_LIFE, Awaited, Confirmed, Credential, Earlier, KeptAnswer, LOGIN_LIFE, NewToken, RequestKey,
    SESSION_LIFE, Visitor,
};
use persistence::outbox::Actor;
use persistence::people::{UserChange, UserStatus};
use persistence::setup::Role;
use testkit::{Scene, Sketch};

/// 2026-03-02T09:00:00Z.
const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);

async fn token(store: &Store, scene: &Scene, expires_at: Option<Timestamp>) -> Credential {
    let scopes = Scopes::of([Scope::Write]);
    let token =
        NewToken { user: scene.user, project: Some(scene.project), name: "x".into(), scopes, expires_at };
    store.create_token(&token, Actor::User(scene.user), MORNING).await.unwrap().1
}

fn visitor(number: i64, username: Option<&str>) -> Visitor {
    Visitor { telegram_id: PeerId(number), username: username.map(str::to_owned) }
}

async fn block(store: &Store, scene: &Scene) {
    // Somebody else administers meanwhile: the last administrator cannot be blocked.
    store.appoint_admin("other", MORNING).await.unwrap();
    let change = UserChange { status: Some(UserStatus::Blocked), ..UserChange::default() };
    store.update_user(scene.user, &change, Actor::System, MORNING).await.unwrap();
}

testkit::on_every_database! {
    async fn a_token_grants_what_it_says_until_it_ends(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let end = MORNING + Duration::from_secs(60);
        let token = token(store, &scene, Some(end)).await;
        let grant = store.token_grant(&token, MORNING).await.unwrap().unwrap();
        assert_eq!((grant.user, grant.project), (scene.user, Some(scene.project)));
        assert!(grant.scopes.include(Scope::Write) && !grant.scopes.include(Scope::Approve));
        assert!(store.token_grant(&token, end).await.unwrap().is_none(), "though it is remembered");
        let made_up = Credential::shown("bsd_made-up");
        assert!(store.token_grant(&made_up, MORNING).await.unwrap().is_none());
        assert!(store.session_grant(&token, MORNING).await.unwrap().is_none(), "a token is no session");
    }

    async fn a_revoked_token_and_a_blocked_user_are_refused_at_once(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (first, second) = (token(store, &scene, None).await, token(store, &scene, None).await);
        for token in [&first, &second] {
            assert!(store.token_grant(token, MORNING).await.unwrap().is_some());
        }
        let listed = store.list_tokens(scene.user, None, None, 10).await.unwrap();
        assert_eq!(listed.len(), 2);
        let oldest = listed[1].id;
        store.revoke_token(scene.user, None, oldest, Actor::System, MORNING).await.unwrap();
        assert!(store.token_grant(&first, MORNING).await.unwrap().is_none());
        assert!(store.token_grant(&second, MORNING).await.unwrap().is_some());
        block(store, &scene).await;
        assert!(store.token_grant(&second, MORNING).await.unwrap().is_none());
    }

    async fn what_somebody_is_in_a_project_follows_from_their_membership(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let admin = store.appoint_admin("admin", MORNING).await.unwrap();
        let standing = async |user, role, project| store.standing(user, role, project).await.unwrap();
        assert_eq!(standing(scene.user, Role::Member, scene.project).await, Some(ProjectRole::Owner));
        assert_eq!(standing(admin, Role::Member, scene.project).await, None);
        assert_eq!(standing(admin, Role::Admin, scene.project).await, Some(ProjectRole::Owner));
        assert_eq!(standing(admin, Role::Admin, domain::id::ProjectId(999_999)).await, None);
    }

    async fn a_login_is_confirmed_by_a_user_and_taken_up_once(db: &Database) {
        let store = db.store();
        let user = store.appoint_admin("Ann", MORNING).await.unwrap();
        let asked = store.ask_login(MORNING).await.unwrap();
        assert!(matches!(store.await_login(&asked.browser, MORNING).await.unwrap(), Awaited::Waiting));
        let unknown = store.confirm_login(&asked.token, &visitor(5, Some("bob")), MORNING).await.unwrap();
        assert_eq!(unknown, Confirmed::Unknown);
        let confirmed = store.confirm_login(&asked.token, &visitor(7, Some("ann")), MORNING).await.unwrap();
        assert_eq!(confirmed, Confirmed::As(user), "by the username, however it is spelled");
        let again = store.confirm_login(&asked.token, &visitor(7, None), MORNING).await.unwrap();
        assert_eq!(again, Confirmed::TooLate, "known by the number from now on");

        let Awaited::In(session) = store.await_login(&asked.browser, MORNING).await.unwrap() else {
            panic!("nobody was let in");
        };
        assert!(matches!(store.await_login(&asked.browser, MORNING).await.unwrap(), Awaited::Over));
        assert_eq!(store.session_grant(&session, MORNING).await.unwrap().unwrap().user, user);
        assert!(store.session_grant(&session, MORNING + SESSION_LIFE).await.unwrap().is_none());
        store.end_session(&session).await.unwrap();
        assert!(store.session_grant(&session, MORNING).await.unwrap().is_none());
    }

    async fn a_login_ends_after_ten_minutes(db: &Database) {
        let store = db.store();
        store.appoint_admin("ann", MORNING).await.unwrap();
        let (late, ann) = (MORNING + LOGIN_LIFE, visitor(7, Some("ann")));
        let asked = store.ask_login(MORNING).await.unwrap();
        assert_eq!(store.confirm_login(&asked.token, &ann, late).await.unwrap(), Confirmed::TooLate);
        let asked = store.ask_login(MORNING).await.unwrap();
        assert!(matches!(store.confirm_login(&asked.token, &ann, MORNING).await.unwrap(), Confirmed::As(_)));
        assert!(matches!(store.await_login(&asked.browser, late).await.unwrap(), Awaited::Over));
        assert_eq!(store.prune_access(late + Duration::from_secs(1), 10).await.unwrap(), 2);
    }

    async fn a_key_is_taken_by_one_request_alone_and_tells_its_answer_for_a_day(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let key = RequestKey::of(scene.user, "key", &[b"/things", b"{}"]);
        let asked: Vec<_> = (0..8).map(|_| {
            let (store, key) = (store.clone(), key.clone());
            testkit::tokio::spawn(async move { store.take_key(&key, MORNING).await.unwrap() })
        }).collect();
        let mut taken = 0;
        for one in asked {
            match one.await.unwrap() {
                Earlier::Nothing => taken += 1,
                earlier @ (Earlier::Unanswered | Earlier::Answered(_) | Earlier::Another) => {
                    assert_eq!(earlier, Earlier::Unanswered);
                }
            }
        }
        assert_eq!(taken, 1);
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let answer = KeptAnswer { status: 201, headers, body: Some(b"{\"id\":1}".to_vec()) };
        store.keep_answer(&key, &answer).await.unwrap();
        assert_eq!(store.take_key(&key, MORNING).await.unwrap(), Earlier::Answered(answer));
        let other = RequestKey::of(scene.user, "key", &[b"/things", b"{\"a\":1}"]);
        assert_eq!(store.take_key(&other, MORNING).await.unwrap(), Earlier::Another);
        let later = MORNING + ANSWER_LIFE + Duration::from_secs(1);
        assert_eq!(store.take_key(&other, later).await.unwrap(), Earlier::Nothing, "a day later it is free");
    }

    async fn a_key_that_was_given_back_is_free_and_one_of_another_user_is_another(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let other = store.appoint_admin("other", MORNING).await.unwrap();
        let key = RequestKey::of(scene.user, "key", &[]);
        assert_eq!(store.take_key(&key, MORNING).await.unwrap(), Earlier::Nothing);
        store.give_key_back(&key).await.unwrap();
        assert_eq!(store.take_key(&key, MORNING).await.unwrap(), Earlier::Nothing);
        let theirs = RequestKey::of(other, "key", &[]);
        assert_eq!(store.take_key(&theirs, MORNING).await.unwrap(), Earlier::Nothing);
        let gone = store.prune_access(MORNING + ANSWER_LIFE + Duration::from_secs(1), 10).await.unwrap();
        assert_eq!(gone, 2);
    }
}
