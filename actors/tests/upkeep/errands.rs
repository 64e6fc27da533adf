//! Errands, by the tree and on a visit of one's own.

use std::sync::Arc;
use std::time::Duration;

use beseda_actors::{Client, Drive, Errand, ErrandError, Outcome, Records, Stepper, Visit, start_code};
use domain::account::StatusName;
use domain::consent::{Evidence, Scope};
use domain::id::{AccountId, ChannelId};
use domain::time::Clock as _;

use crate::town::Gate;
use crate::{DAY, Stage, start, start_driven};

fn add(link: &str) -> Errand {
    Errand::AddChannel { link: link.to_owned(), comment: true }
}

async fn added(stage: &Stage, link: &str) -> ChannelId {
    match stage.system.run_errand(stage.client(), &add(link)).await.unwrap() {
        Outcome::Added { channel, .. } => channel,
        other @ (Outcome::Verified { .. } | Outcome::Checked) => panic!("{other:?}"),
    }
}

testkit::on_every_database! {
    async fn an_added_channel_is_watched_at_once(db: &Database) {
        let stage = Stage::set(db).await;
        stage.town.open_channel("tram_news", 51);
        let channel = added(&stage, "https://t.me/tram_news/17").await;
        stage.pass(Duration::from_secs(10)).await;
        let tree = stage.system.tree().await;
        let name = format!("channel_watcher:{channel}");
        assert!(tree.walk().any(|node| node.name == name), "{name}");
        stage.system.stop().await.unwrap();
    }

    async fn a_link_that_leads_to_no_open_channel_is_refused_with_one_clear_error_and_changes_nothing(db: &Database) {
        let stage = Stage::set(db).await;
        stage.town.open_channel("tram_news", 51);
        stage.town.put_stumbling_blocks();
        let channel = added(&stage, "@tram_news").await;
        let before = stage.store.channels(stage.scene.project, None, 100).await.unwrap();
        let cases = [
            ("two words", "is no link to a chat"),
            ("t.me/nobody_there", "Telegram knows nobody there"),
            ("t.me/some_group", "leads to a group"),
            ("@some_person", "leads to a person or a bot"),
            ("t.me/silent_channel", "link a discussion group"),
            ("t.me/private_channel", "let one of them join it"),
            ("t.me/tram_news", &format!("already, as channel {channel}")),
            ("t.me/slow_channel", "to wait 40 s"),
        ];
        for (link, words) in cases {
            let refused = stage.system.run_errand(stage.client(), &add(link)).await.unwrap_err().to_string();
            assert!(refused.contains(words) && refused.lines().count() == 1, "{link}: {refused}");
        }
        assert_eq!(stage.store.channels(stage.scene.project, None, 100).await.unwrap(), before);
        let statuses = stage.store.accounts_health(stage.scene.project, None, 10).await.unwrap();
        let waiting = statuses.iter().filter(|health| health.status.name() == StatusName::Waiting).count();
        assert_eq!(waiting, 1, "a wait belongs to the account that was asked, and no other is asked instead");
        let read_only = Errand::AddChannel { link: "t.me/silent_channel".to_owned(), comment: false };
        stage.pass(Duration::from_secs(60)).await;
        stage.system.run_errand(stage.client(), &read_only).await.unwrap();
        stage.system.stop().await.unwrap();
    }

    async fn a_code_in_the_description_proves_a_consent_and_may_be_removed_afterwards(db: &Database) {
        let stage = Stage::set(db).await;
        let (store, client) = (&stage.store, stage.client());
        stage.town.open_channel("tram_news", 51);
        stage.town.plot().administrator = false;
        let channel = added(&stage, "@tram_news").await;
        let wanted = Errand::VerifyChannel { channel, scope: Scope::Comment, until: None };
        let refused = stage.system.run_errand(client, &wanted).await.unwrap_err();
        assert!(matches!(refused, ErrandError::NotProven { .. }), "{refused}");

        let code = start_code(store, client, channel, Scope::Comment, 5, stage.now()).await.unwrap();
        let refused = stage.system.run_errand(client, &wanted).await.unwrap_err();
        assert!(matches!(refused, ErrandError::CodeAbsent), "{refused}");
        stage.town.describe("tram_news", &format!("Trams and trains. {}", code.reveal()));
        let other = Errand::VerifyChannel { channel, scope: Scope::Index, until: None };
        let refused = stage.system.run_errand(client, &other).await.unwrap_err();
        assert!(matches!(refused, ErrandError::NotProven { .. }), "a code is for one scope: {refused}");
        let proven = stage.system.run_errand(client, &wanted).await.unwrap();
        assert!(matches!(proven, Outcome::Verified { evidence: Evidence::DescriptionCode, .. }), "{proven:?}");

        stage.town.describe("tram_news", "Trams and trains");
        stage.pass(DAY * 3).await;
        let standing = store.standing_consents(client.project, stage.now()).await.unwrap();
        assert!(standing.iter().any(|standing| standing.channel == channel && standing.scope == Scope::Comment));
        let again = stage.system.run_errand(client, &wanted).await.unwrap_err();
        assert!(matches!(again, ErrandError::NotProven { .. }), "a code is used once: {again}");
        let stranger = Client { project: domain::id::ProjectId(999), ..client };
        assert!(matches!(stage.system.run_errand(stranger, &wanted).await, Err(ErrandError::Store(_))));
        stage.system.stop().await.unwrap();
    }

    async fn a_command_beside_a_service_gets_its_answer_from_it_and_alone_it_asks_itself(db: &Database) {
        let stage = Stage::set(db).await;
        stage.town.open_channel("tram_news", 51);
        stage.town.open_channel("bus_news", 52);
        for account in &stage.scene.accounts {
            stage.store.keep_session(*account, &b"a session".to_vec().into()).await.unwrap();
        }
        stage.system.clone().stop().await.unwrap();
        let service = start_driven(Drive::Live, "one", &stage.store, &stage.town, &stage.clock, DAY).await.unwrap();
        let command = db.open_again().await;
        let gate = Arc::new(Gate(stage.town.clone()));
        let client = stage.client();
        let visit = Visit::begin(Records::of(command.clone()), gate.clone(), stage.clock.clone(), client.project).await.unwrap();
        assert!(visit.is_none(), "the service holds the accounts");

        let ask = async |errand: &Errand| {
            let question = serde_json::to_string(errand).unwrap();
            let left = command.leave_errand(client.project, client.user, &question, stage.clock.now()).await.unwrap();
            let stepper = Stepper::new(&service, stage.clock.clone());
            let answer = testkit::until(
                "an answer",
                async || {
                    stepper.advance(stage.clock.now() + Duration::from_secs(1));
                    testkit::tokio::task::yield_now().await;
                },
                async || command.fetch_answer(left).await.unwrap(),
                Option::is_some,
            )
            .await;
            serde_json::from_str::<Result<Outcome, String>>(&answer.unwrap()).unwrap()
        };
        assert!(matches!(ask(&add("@tram_news")).await, Ok(Outcome::Added { .. })));
        let refused = ask(&add("@tram_news")).await.unwrap_err();
        assert!(refused.contains("watches this channel already"), "{refused}");
        assert_eq!(ask(&Errand::CheckAccount { account: stage.scene.accounts[0] }).await, Ok(Outcome::Checked));
        let stranger = ask(&Errand::CheckAccount { account: AccountId(999) }).await.unwrap_err();
        assert!(stranger.contains("there is no such account"), "{stranger}");
        service.stop().await.unwrap();

        let visit = Visit::begin(Records::of(command.clone()), gate, stage.clock.clone(), client.project).await.unwrap().unwrap();
        assert!(matches!(visit.run(client, &add("@bus_news")).await, Ok(Outcome::Added { .. })));
        assert_eq!(visit.run(client, &Errand::CheckAccount { account: stage.scene.accounts[0] }).await.unwrap(), Outcome::Checked);
        let again = start("one", &stage.store, &stage.town, &stage.clock, DAY).await;
        if let Ok(service) = again {
            crate::pass(&[&service], &stage.clock, Duration::ZERO).await;
            assert_eq!(stage.town.connected(), 2, "on a shared database it runs, without what the visit holds");
            service.stop().await.unwrap();
        }
        visit.end().await.unwrap();
        assert_eq!((stage.town.connected(), stage.town.most()), (0, 1));
        command.close().await.unwrap();
    }
}
