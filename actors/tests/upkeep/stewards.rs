//! What follows in the tree when people add and delete projects, and change how long things are kept.

use std::time::Duration;

use domain::disclosure::Label;
use domain::id::{MessageId, PeerId};
use domain::policy::Approval;
use domain::setting::Setting;
use domain::time::Zone;
use persistence::audit::AuditFilter;
use persistence::outbox::Actor;
use persistence::people::Erased;
use persistence::setup::{NewChannel, NewProject};

use super::{DAY, HOUR, Stage};

testkit::on_every_database! {
    async fn a_deleted_project_loses_its_connections_and_its_rows_go_by_themselves(db: &Database) {
        let stage = Stage::set(db).await;
        let (project, user) = (stage.scene.project, stage.scene.user);
        assert_eq!(stage.town.connected(), 2);
        let refused = stage.system.delete_project(project, "project", user).await;
        assert!(refused.unwrap_err().to_string().contains("store"), "another name deletes nothing");
        stage.system.delete_project(project, "Project", user).await.unwrap();
        stage.pass(Duration::ZERO).await;
        assert_eq!(stage.town.connected(), 0);
        assert_eq!(stage.store.erase_some(1).await.unwrap(), Erased::Nothing, "it is all gone");
        let attempts = stage.town.plot().attempts;
        stage.pass(DAY * 2).await;
        assert_eq!(stage.town.plot().attempts, attempts, "nobody connects any more");
        stage.system.stop().await.unwrap();
    }

    async fn a_deletion_that_was_broken_off_goes_on_with_the_next_tidying(db: &Database) {
        let stage = Stage::set(db).await;
        let (project, user) = (stage.scene.project, stage.scene.user);
        stage.store.delete_project(project, "Project", user, stage.now()).await.unwrap();
        assert!(matches!(stage.store.erase_some(1).await.unwrap(), Erased::Rows(_)));
        stage.pass(DAY * 2).await;
        assert_eq!(stage.store.erase_some(1).await.unwrap(), Erased::Nothing);
        stage.system.stop().await.unwrap();
    }

    async fn a_project_that_is_added_while_the_tree_runs_has_a_planner_with_its_first_channel(db: &Database) {
        let stage = Stage::set(db).await;
        let planners = async || {
            let tree = stage.system.tree().await;
            let group = tree.children.into_iter().find(|group| group.name == "planners").unwrap();
            group.children.len()
        };
        let user = stage.scene.user;
        let new = NewProject {
            owner: user,
            name: "Another".to_owned(),
            zone: Zone::UTC,
            approval: Approval::Manual,
            label: Label::new("From the team").unwrap(),
        };
        let project = stage.store.add_project(&new, Actor::User(user), stage.now()).await.unwrap().id;
        let channel = NewChannel {
            telegram_id: PeerId(700),
            username: None,
            title: "Trams".to_owned(),
            about: String::new(),
            discussion: None,
            newest: MessageId(5),
            members: None,
        };
        let account = persistence::setup::NewAccount {
            kind: domain::account::Kind::Person,
            telegram_id: None,
            username: None,
            display_name: "Reader".to_owned(),
            session: None,
            status: domain::account::Status::NeedsLogin,
            label: new.label.clone(),
            label_verified_at: None,
            limits: domain::pacing::Limits { daily: 1, gap: Duration::ZERO },
        };
        let reader = stage.store.create_accounts(project, &[account]).await.unwrap()[0];
        stage.pass(Duration::ZERO).await;
        assert_eq!(planners().await, 1);
        stage.store.add_channel(project, &channel, reader, user, stage.now()).await.unwrap();
        stage.pass(Duration::ZERO).await;
        assert_eq!(planners().await, 2);
        stage.system.stop().await.unwrap();
    }

    async fn how_long_things_are_kept_can_be_set_while_the_tree_runs(db: &Database) {
        let stage = Stage::set(db).await;
        let by = Actor::User(stage.scene.user);
        let set = async |setting, value| {
            stage.store.change_settings(None, &[(setting, Some(value))], by, stage.now()).await.unwrap();
        };
        let old = async || {
            let before = AuditFilter { until: Some(stage.now() - DAY * 2), ..AuditFilter::default() };
            stage.store.list_audit(None, &before, None, 99).await.unwrap().len()
        };
        let days = stage.system.configured(Setting::RecordsDays);
        assert!(days > 4, "{days}");
        set(Setting::ChannelsPerProject, 9).await;
        stage.pass(DAY * 3).await;
        assert!(old().await > 0, "a week is the default");
        set(Setting::RecordsDays, 1).await;
        stage.pass(DAY + HOUR).await;
        assert_eq!(old().await, 0, "what is older than a day is gone");
        stage.system.stop().await.unwrap();
    }
}
