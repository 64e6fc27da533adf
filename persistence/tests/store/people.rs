//! Users, projects and who is what in them: what each change does, what it leaves behind, and what is never taken away.

use domain::access::ProjectRole;
use domain::disclosure::Label;
use domain::id::{ProjectId, UserId};
use domain::policy::{Approval, ProjectStatus};
use domain::setting::Setting;
use domain::time::{Timestamp, Zone};
use persistence::audit::AuditFilter;
use persistence::outbox::Actor;
use persistence::people::{ProjectChange, User, UserChange, UserFilter, UserStatus, Who};
use persistence::setup::{Locale, NewProject, NewUser, Role};
use persistence::{Store, StoreError};
use testkit::{Scene, Sketch};

const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);

async fn user(store: &Store, name: &str, role: Role) -> User {
    let new = NewUser {
        telegram_id: None,
        username: Some(name.to_owned()),
        display_name: name.to_uppercase(),
        role,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    store.add_user(&new, Actor::System, NOW).await.unwrap()
}

fn new_project(owner: UserId, name: &str) -> NewProject {
    let label = Label::new("From the channel's team").unwrap();
    NewProject { owner, name: name.to_owned(), zone: Zone::UTC, approval: Approval::Manual, label }
}

async fn add(store: &Store, owner: UserId, name: &str) -> Result<ProjectId, StoreError> {
    let added = store.add_project(&new_project(owner, name), Actor::User(owner), NOW).await;
    added.map(|project| project.id)
}

/// What stands in the audit log, oldest first: who did what, and its detail.
async fn log(store: &Store, project: Option<ProjectId>) -> Vec<(Actor, String, String)> {
    let found = store.list_audit(project, &AuditFilter::default(), None, 100).await.unwrap();
    found.into_iter().rev().map(|l| (l.entry.actor, l.entry.action, l.entry.detail)).collect()
}

fn needed(answer: Result<impl std::fmt::Debug, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Needed { .. })), "{answer:?}");
}

testkit::on_every_database! {
    async fn users_are_listed_newest_first_and_by_what_they_are(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Admin).await;
        let boris = user(store, "boris", Role::Member).await;
        let vera = user(store, "vera", Role::Member).await;
        let listed = async |filter: UserFilter, before, limit| {
            let found = store.list_users(filter, before, limit).await.unwrap();
            found.into_iter().map(|user| user.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(UserFilter::default(), None, 2).await, [vera.id, boris.id]);
        assert_eq!(listed(UserFilter::default(), Some(boris.id), 2).await, [anna.id]);
        let admins = UserFilter { role: Some(Role::Admin), ..UserFilter::default() };
        assert_eq!(listed(admins, None, 9).await, [anna.id]);
        let block = UserChange { status: Some(UserStatus::Blocked), ..UserChange::default() };
        store.update_user(boris.id, &block, Actor::User(anna.id), NOW).await.unwrap();
        let blocked = UserFilter { status: Some(UserStatus::Blocked), ..UserFilter::default() };
        assert_eq!(listed(blocked, None, 9).await, [boris.id]);
        assert_eq!(store.user(anna.id).await.unwrap(), anna);
    }

    async fn a_change_of_a_user_says_what_became_different_and_who_did_it(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Admin).await;
        let boris = user(store, "boris", Role::Member).await;
        let change = UserChange {
            username: Some(None),
            zone: Some("Europe/Moscow".parse().unwrap()),
            project_quota: Some(Some(3)),
            ..UserChange::default()
        };
        let changed = store.update_user(boris.id, &change, Actor::User(anna.id), NOW).await.unwrap();
        assert_eq!(changed, store.user(boris.id).await.unwrap());
        assert_eq!((changed.username, changed.project_quota), (None, Some(3)));
        assert_eq!((changed.display_name.as_str(), changed.zone.name()), ("BORIS", "Europe/Moscow"));
        let last = log(store, None).await.pop().unwrap();
        let detail = r#"{"username":null,"timezone":"Europe/Moscow","project_quota":3}"#;
        assert_eq!(last, (Actor::User(anna.id), "user.updated".into(), detail.into()));
        let taken = UserChange { username: Some(Some("ANNA".into())), ..UserChange::default() };
        let refused = store.update_user(boris.id, &taken, Actor::System, NOW).await;
        assert!(matches!(refused, Err(StoreError::Taken { .. })), "{refused:?}");
        let nobody = store.update_user(UserId(999), &taken, Actor::System, NOW).await;
        assert!(matches!(nobody, Err(StoreError::NotFound { what: "user", .. })), "{nobody:?}");
    }

    async fn the_last_administrator_stays_however_somebody_tries(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Admin).await;
        let boris = user(store, "boris", Role::Admin).await;
        let by = Actor::User(anna.id);
        let demote = UserChange { role: Some(Role::Member), ..UserChange::default() };
        let block = UserChange { status: Some(UserStatus::Blocked), ..UserChange::default() };
        let other = db.open_again().await;
        let (first, second) = tokio::join!(
            store.update_user(anna.id, &demote, by, NOW),
            other.update_user(boris.id, &demote, by, NOW)
        );
        assert!(first.is_ok() != second.is_ok(), "one of the two stays: {first:?}, {second:?}");
        let last = if first.is_ok() { boris.id } else { anna.id };
        needed(store.update_user(last, &demote, by, NOW).await);
        needed(store.update_user(last, &block, by, NOW).await);
        needed(store.delete_user(last, by, NOW).await);
    }

    async fn a_user_on_whom_something_rests_is_not_deleted(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let boris = user(store, "boris", Role::Member).await;
        needed(store.delete_user(scene.user, Actor::System, NOW).await);
        store.add_member(scene.project, Who::User(boris.id), ProjectRole::Owner, scene.user, NOW).await.unwrap_err();
        store.add_member(scene.project, Who::Named("BORIS"), ProjectRole::Viewer, scene.user, NOW).await.unwrap();
        store.change_member(scene.project, boris.id, ProjectRole::Owner, scene.user, NOW).await.unwrap();
        needed(store.delete_user(scene.user, Actor::System, NOW).await);
        let vera = user(store, "vera", Role::Member).await;
        store.add_member(scene.project, Who::User(vera.id), ProjectRole::Editor, boris.id, NOW).await.unwrap();
        store.delete_user(vera.id, Actor::System, NOW).await.unwrap();
        let gone = store.member(scene.project, vera.id).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "member", .. })), "{gone:?}");
    }

    async fn somebody_sees_the_projects_they_belong_to_and_an_administrator_all(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Member).await;
        let boris = user(store, "boris", Role::Member).await;
        let first = add(store, anna.id, "first").await.unwrap();
        let second = add(store, boris.id, "second").await.unwrap();
        let seen = async |who, all| {
            let found = store.list_projects(who, all, None, 9).await.unwrap();
            found.into_iter().map(|project| (project.id, project.role)).collect::<Vec<_>>()
        };
        assert_eq!(seen(anna.id, false).await, [(first, Some(ProjectRole::Owner))]);
        assert_eq!(seen(anna.id, true).await, [(second, None), (first, Some(ProjectRole::Owner))]);
        store.add_member(second, Who::User(anna.id), ProjectRole::Reviewer, boris.id, NOW).await.unwrap();
        let both = [(second, Some(ProjectRole::Reviewer)), (first, Some(ProjectRole::Owner))];
        assert_eq!(seen(anna.id, false).await, both);
        let below = store.list_projects(anna.id, false, Some(second), 9).await.unwrap();
        assert_eq!(below.len(), 1);
        assert_eq!(below[0], store.project(anna.id, first).await.unwrap());
    }

    async fn a_change_made_on_a_project_that_is_another_by_now_is_refused(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Member).await;
        let project = add(store, anna.id, "first").await.unwrap();
        let rename = |name: &str| ProjectChange { name: Some(name.into()), ..ProjectChange::default() };
        let seen = store.project(anna.id, project).await.unwrap().version;
        let changed = store.update_project(project, Some(seen), &rename("trams"), anna.id, NOW).await.unwrap();
        assert_eq!(changed, store.project(anna.id, project).await.unwrap());
        assert_eq!((changed.name.as_str(), changed.version), ("trams", seen + 1));
        let late = store.update_project(project, Some(seen), &rename("buses"), anna.id, NOW).await;
        assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");
        let pause = ProjectChange { status: Some(ProjectStatus::Paused), ..ProjectChange::default() };
        let paused = store.update_project(project, None, &pause, anna.id, NOW).await.unwrap();
        assert_eq!((paused.name.as_str(), paused.status), ("trams", ProjectStatus::Paused));
        let told = log(store, Some(project)).await.pop().unwrap();
        assert_eq!(told, (Actor::User(anna.id), "project.updated".into(), r#"{"status":"paused"}"#.into()));
        add(store, anna.id, "buses").await.unwrap();
        let taken = store.update_project(project, None, &rename("buses"), anna.id, NOW).await;
        assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
    }

    async fn nobody_owns_more_projects_than_they_may_however_many_ask_at_once(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Admin).await;
        store.change_settings(None, &[(Setting::ProjectsPerUser, Some(2))], Actor::User(anna.id), NOW).await.unwrap();
        let other = db.open_again().await;
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..6 {
            let (store, id) = (if number % 2 == 0 { store.clone() } else { other.clone() }, anna.id);
            asking.spawn(async move { add(&store, id, &format!("project {number}")).await });
        }
        let answers = asking.join_all().await;
        let added = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(added, 2, "{answers:?}");
        let refused = answers.into_iter().find_map(Result::err).unwrap();
        assert!(matches!(refused, StoreError::QuotaReached { limit: 2, .. }), "{refused:?}");
        let own = UserChange { project_quota: Some(Some(3)), ..UserChange::default() };
        store.update_user(anna.id, &own, Actor::User(anna.id), NOW).await.unwrap();
        add(store, anna.id, "one more").await.unwrap();
        assert!(add(store, anna.id, "yet another").await.is_err());
    }

    async fn a_project_has_one_owner_who_makes_another_member_that_and_stays_as_an_editor(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Member).await;
        let boris = user(store, "boris", Role::Member).await;
        let project = add(store, anna.id, "first").await.unwrap();
        store.add_member(project, Who::Named("Boris"), ProjectRole::Viewer, anna.id, NOW).await.unwrap();
        let twice = store.add_member(project, Who::User(boris.id), ProjectRole::Editor, anna.id, NOW).await;
        assert!(matches!(twice, Err(StoreError::Taken { .. })), "{twice:?}");
        needed(store.remove_member(project, anna.id, anna.id, NOW).await);
        needed(store.change_member(project, anna.id, ProjectRole::Viewer, anna.id, NOW).await);
        store.change_member(project, boris.id, ProjectRole::Owner, anna.id, NOW).await.unwrap();
        let roles: Vec<_> = store
            .list_members(project, None, 9)
            .await
            .unwrap()
            .into_iter()
            .map(|member| (member.user, member.role))
            .collect();
        assert_eq!(roles, [(anna.id, ProjectRole::Editor), (boris.id, ProjectRole::Owner)]);
        assert_eq!(store.project(anna.id, project).await.unwrap().owner, boris.id);
        store.remove_member(project, anna.id, boris.id, NOW).await.unwrap();
        assert_eq!(store.list_members(project, None, 9).await.unwrap().len(), 1);
        let actions: Vec<_> = log(store, Some(project)).await.into_iter().map(|(_, action, _)| action).collect();
        let expected = ["project.added", "membership.added", "membership.updated", "membership.removed"];
        assert_eq!(actions, expected);
    }

    async fn what_somebody_may_changes_with_their_membership_at_once(db: &Database) {
        let store = db.store();
        let anna = user(store, "anna", Role::Member).await;
        let boris = user(store, "boris", Role::Member).await;
        let project = add(store, anna.id, "first").await.unwrap();
        let role = async || store.standing(boris.id, Role::Member, project).await.unwrap();
        assert_eq!(role().await, None);
        store.add_member(project, Who::User(boris.id), ProjectRole::Viewer, anna.id, NOW).await.unwrap();
        assert_eq!(role().await, Some(ProjectRole::Viewer));
        store.change_member(project, boris.id, ProjectRole::Editor, anna.id, NOW).await.unwrap();
        assert_eq!(role().await, Some(ProjectRole::Editor));
        store.remove_member(project, boris.id, anna.id, NOW).await.unwrap();
        assert_eq!(role().await, None);
    }
}
