//! The end of a project: at once for everybody, step by step for the database, and nothing of it left.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::access::ProjectRole;
use domain::account::Status;
use domain::id::{PeerId, ProjectId};
use domain::job::JobKind;
use domain::time::Timestamp;
use persistence::audit::AuditFilter;
use persistence::outbox::Actor;
use persistence::people::Erased;
use persistence::proxies::NewProxy;
use persistence::queue::Claim;
use persistence::setup::{NewProject, Role};
use persistence::{Dialect, Store, StoreError};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use testkit::{Database, Line, Scene, Sketch, seen_message};

use crate::schema::raw;

/// A project that has seen and said something, with a secret or two.
async fn busy_project(store: &Store, number: i64) -> Scene {
    let sketch = Sketch { number, channels: 3, accounts: 3, ..Sketch::default() };
    let scene = Scene::new(store, &sketch).await.unwrap();
    let mut line = Line::default();
    for message in 1..=4 {
        let post = scene.post(0, message, "Spring is here", scene.now);
        store.record_posts(&[post], scene.now).await.unwrap();
    }
    line.plan(store, &scene, scene.now).await.unwrap();
    line.write(store, scene.now).await.unwrap();
    let asked = seen_message(70, 1, PeerId(42), "When?", scene.now);
    let asked = persistence::watching::RecordMessages { channel: scene.channels[0], messages: vec![asked] };
    store.record_thread_messages(&[asked], scene.now).await.unwrap();
    store.keep_session(scene.accounts[0], &b"a session".to_vec().into()).await.unwrap();
    let proxy = NewProxy { name: None, address: "http://ann:hunter2@two.example:8080".parse().unwrap() };
    store.create_proxies(scene.project, &[proxy], Actor::User(scene.user), scene.now).await.unwrap();
    scene
}

async fn count(raw: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(raw.get_database_backend(), sql.to_owned());
    raw.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// How many rows each table has that a project has a part in, without the audit log and the table of projects itself.
async fn rows(db: &Database) -> BTreeMap<String, i64> {
    let raw = raw(db).await;
    let tables = match db.store().dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        Dialect::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
    };
    let tables = Statement::from_string(raw.get_database_backend(), tables);
    let mut counted = BTreeMap::new();
    for row in raw.query_all_raw(tables).await.unwrap() {
        let table: String = row.try_get_by_index(0).unwrap();
        if !["audit_log", "users", "seaql_migrations"].contains(&table.as_str()) {
            let rows = count(&raw, &format!("SELECT count(*) FROM {table}")).await;
            counted.insert(table, rows);
        }
    }
    counted
}

async fn erase_all(store: &Store, limit: u32) -> u32 {
    for steps in 1.. {
        match store.erase_some(limit).await.unwrap() {
            Erased::Rows(rows) => assert!(rows > 0),
            Erased::Project(_) => return steps,
            Erased::Nothing => panic!("nothing is being deleted"),
        }
    }
    0
}

testkit::on_every_database! {
    async fn a_deleted_project_is_gone_at_once_and_its_rows_follow_step_by_step(db: &Database) {
        let store = db.store();
        let kept = busy_project(store, 1).await;
        let before = rows(db).await;
        let scene = busy_project(store, 2).await;
        let accounts = store.delete_project(scene.project, "Project", scene.user, scene.now).await.unwrap();
        assert_eq!(accounts, scene.accounts);
        let gone = store.project(scene.user, scene.project).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "project", .. })), "{gone:?}");
        assert!(!store.project_exists(scene.project).await.unwrap());
        assert_eq!(store.standing(scene.user, Role::Admin, scene.project).await.unwrap(), None);
        assert!(store.list_projects(scene.user, true, None, 9).await.unwrap().iter().all(|p| p.id != scene.project));
        for account in &scene.accounts {
            let locked = store.account_to_run(*account).await.unwrap().unwrap();
            assert_eq!((locked.telegram_id, locked.status), (None, Status::NeedsLogin));
        }
        let sealed = "SELECT count(*) FROM accounts WHERE session_sealed IS NOT NULL";
        assert_eq!(count(&raw(db).await, sealed).await, 1, "the other project's");
        assert!(store.channels_to_watch(None, 99).await.unwrap().iter().all(|ch| ch.project != scene.project));
        let open = store.proxies_to_probe(Some(scene.project)).await.unwrap();
        assert!(open.iter().all(|proxy| proxy.address.credentials.is_none()));

        let steps = erase_all(store, 2).await;
        assert!(steps > 8, "{steps} steps of two rows each");
        assert_eq!(rows(db).await, before, "whatever the project had is gone, and nothing else");
        assert_eq!(store.erase_some(2).await.unwrap(), Erased::Nothing);
        assert!(store.project_exists(kept.project).await.unwrap());
    }

    async fn only_its_own_name_deletes_a_project_and_the_name_is_free_afterwards(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        for wrong in ["", "project", "Project ", "Projekt"] {
            let refused = store.delete_project(scene.project, wrong, scene.user, scene.now).await;
            assert!(matches!(refused, Err(StoreError::NotConfirmed { .. })), "{wrong:?}: {refused:?}");
        }
        let owner = store.standing(scene.user, Role::Member, scene.project).await.unwrap();
        assert_eq!(owner, Some(ProjectRole::Owner));
        store.delete_project(scene.project, "Project", scene.user, scene.now).await.unwrap();
        let again = store.delete_project(scene.project, "Project", scene.user, scene.now).await;
        assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
        let next = NewProject {
            owner: scene.user,
            name: "Project".to_owned(),
            zone: domain::time::Zone::UTC,
            approval: domain::policy::Approval::Manual,
            label: scene.label.clone(),
        };
        store.add_project(&next, Actor::User(scene.user), scene.now).await.unwrap();
    }

    async fn who_deleted_a_project_can_be_read_when_everything_of_it_is_gone(db: &Database) {
        let store = db.store();
        let scene = busy_project(store, 1).await;
        store.delete_project(scene.project, "Project", scene.user, scene.now).await.unwrap();
        erase_all(store, 1000).await;
        let kept = store.list_audit(None, &AuditFilter::default(), None, 99).await.unwrap();
        let entry = &kept.iter().find(|listed| listed.entry.action == "project.deleted").unwrap().entry;
        assert_eq!((entry.actor, entry.project), (Actor::User(scene.user), None));
        assert_eq!((entry.subject.clone(), entry.detail.as_str()), (format!("project:{}", scene.project), r#"{"name":"Project"}"#));
        let of_project = store.list_audit(Some(scene.project), &AuditFilter::default(), None, 99).await.unwrap();
        assert!(of_project.is_empty(), "{of_project:?}");
    }

    async fn nothing_is_left_to_do_for_a_project_that_is_gone(db: &Database) {
        let store = db.store();
        let scene = busy_project(store, 1).await;
        store.delete_project(scene.project, "Project", scene.user, scene.now).await.unwrap();
        erase_all(store, 1000).await;
        let claim = Claim { node: "n", limit: 99, kinds: &JobKind::ALL, lease: Duration::from_secs(9) };
        let much_later: Timestamp = scene.now + Duration::from_secs(400 * 24 * 3600);
        let left = store.claim(&claim, much_later).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(store.projects_to_plan().await.unwrap(), Vec::<ProjectId>::new());
    }
}
