//! A campaign rehearsed: with what the planner would read, and without a trace.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::id::PeerId;
use domain::planning::{Cue, Rehearsed, rehearse};
use domain::policy::CampaignStatus;
use domain::seed::Seed;
use persistence::outbox::Actor;
use persistence::watching::RecordMessages;
use persistence::{Dialect, StoreError};
use sea_orm::{ConnectionTrait as _, Database as Connector, DatabaseConnection, Statement};
use testkit::{Database, Line, Scene, Sketch, seen_message};

use super::{comments, editor, neighbours};

/// Everything that stands in every table.
async fn everything(db: &Database) -> BTreeMap<String, String> {
    let connection = Connector::connect(db.config().url.as_str()).await.unwrap();
    let sqlite = db.store().dialect() == Dialect::Sqlite;
    let tables = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    } else {
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut all = BTreeMap::new();
    for table in texts(&connection, tables, "name").await {
        let rows = if sqlite {
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns = texts(&connection, &columns, "name").await;
            let row: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            format!("SELECT {} AS line FROM \"{table}\"", row.join(" || ',' || "))
        } else {
            format!("SELECT t::text AS line FROM \"{table}\" t")
        };
        let mut rows = texts(&connection, &rows, "line").await;
        rows.sort_unstable();
        all.insert(table, rows.join("\n"));
    }
    connection.close().await.unwrap();
    all
}

async fn texts(connection: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by(column).unwrap()).collect()
}

testkit::on_every_database! {
    async fn a_rehearsal_takes_what_the_planner_takes_and_leaves_every_table_as_it_was(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        for message in 1..=3 {
            store.record_posts(&[scene.post(0, message, "News", scene.now)], scene.now).await.unwrap();
        }
        let asked = seen_message(100, 3, PeerId(9), "When does it open?", scene.now);
        let messages = RecordMessages { channel: scene.channels[0], messages: vec![asked] };
        store.record_thread_messages(&[messages], scene.now).await.unwrap();
        let planned = line.plan(store, &scene, scene.now).await.unwrap();
        assert_eq!(planned.len(), 4, "three openers and an answer");

        let before = everything(db).await;
        assert!(before["comments"].lines().count() == 4 && before.len() > 20, "the tables are seen");
        let later = scene.now + Duration::from_secs(30 * 24 * 3600);
        let rehearsal = store.rehearsal(scene.project, scene.campaign, 10, later).await.unwrap();
        let acted = rehearse(rehearsal.desk.clone(), scene.campaign, &rehearsal.cues, later, line.seed);
        assert_eq!(everything(db).await, before);

        let plans: Vec<_> = acted
            .iter()
            .map(|acted| match acted {
                Rehearsed::Write(plan) => (Some(plan.account), Some(plan.window.from), Some(plan.due_at)),
                other @ (Rehearsed::Skip(_) | Rehearsed::Yield(_)) => panic!("{other:?}"),
            })
            .collect();
        let mut really: Vec<_> = comments(store, scene.project)
            .await
            .into_iter()
            .map(|comment| (comment.account, comment.window_from, comment.due_at))
            .collect();
        let mut rehearsed = plans.clone();
        really.sort();
        rehearsed.sort();
        assert_eq!(rehearsed, really, "the same chance decides the same");
        assert!(rehearsal.labels.values().eq([&scene.label]));
        assert_eq!(rehearsal.titles.values().collect::<Vec<_>>(), ["Channel 0"]);
        assert_eq!(rehearsal.repertoire.unwrap().templates.len(), 2);
    }

    async fn a_rehearsal_sees_the_latest_posts_of_the_campaigns_channels_alone(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 2, ..Sketch::default() }).await;
        for (message, index) in [(1, 0), (2, 0), (3, 1)] {
            store.record_posts(&[here.post(index, message, "News", here.now)], here.now).await.unwrap();
        }
        store.record_posts(&[there.post(0, 9, "Elsewhere", here.now)], here.now).await.unwrap();
        let by = Actor::User(here.user);
        store.set_campaign_status(here.project, here.campaign, CampaignStatus::Off, by, here.now).await.unwrap();
        let cues = async |posts| {
            let rehearsal = store.rehearsal(here.project, here.campaign, posts, here.now).await.unwrap();
            rehearsal.cues.iter().map(Cue::channel).collect::<Vec<_>>()
        };
        assert_eq!(cues(10).await.len(), 3);
        assert_eq!(cues(1).await, [here.channels[1]]);
        let playlist = store.add_playlist(editor(&here), "Local", "", &here.channels[1..]).await.unwrap();
        let coverage = persistence::catalogue::Coverage { playlists: vec![playlist], ..Default::default() };
        let removed = persistence::catalogue::Coverage { channels: here.channels.clone(), ..Default::default() };
        store.cover(editor(&here), here.campaign, &coverage, &removed, None).await.unwrap();
        assert_eq!(cues(10).await, [here.channels[1]], "through the playlist");

        let rehearsal = store.rehearsal(here.project, here.campaign, 10, here.now).await.unwrap();
        let acted = rehearse(rehearsal.desk, here.campaign, &rehearsal.cues, here.now, Seed(1));
        assert!(matches!(acted[..], [Rehearsed::Write(_)]), "although it is off: {acted:?}");
        let foreign = store.rehearsal(there.project, here.campaign, 10, here.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "campaign", .. })));
    }
}
