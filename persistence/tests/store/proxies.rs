//! Proxies: what is kept of them, and that nobody gets a place who must not have it.

use std::time::Duration;

use domain::account::Event;
use domain::event::EventType;
use domain::id::{AccountId, EventId, ProjectId, ProxyId};
use domain::proxy::{Health, Status};
use domain::time::Timestamp;
use persistence::outbox::Actor;
use persistence::proxies::{ListedProxy, NewProxy, Probed, ProxyChange, Way};
use persistence::{Dialect, Store, StoreError};
use sea_orm::ConnectionTrait as _;
use secrecy::ExposeSecret as _;
use testkit::{Scene, Sketch};

async fn scene(store: &Store, accounts: i64) -> Scene {
    Scene::new(store, &Sketch { accounts, ..Sketch::default() }).await.unwrap()
}

async fn add(store: &Store, scene: &Scene, addresses: &[&str]) -> Result<Vec<ProxyId>, StoreError> {
    let new: Vec<_> =
        addresses.iter().map(|text| NewProxy { name: None, address: text.parse().unwrap() }).collect();
    store.create_proxies(scene.project, &new, Actor::User(scene.user), scene.now).await
}

/// Looks at proxies, and sees that Telegram answers behind them or does not.
async fn look(store: &Store, proxies: &[ProxyId], answers: bool, now: Timestamp) {
    let answer = || if answers { Ok(Duration::from_millis(40)) } else { Err("it is gone".to_owned()) };
    let probed: Vec<_> = proxies.iter().map(|proxy| Probed { proxy: *proxy, answer: answer() }).collect();
    store.record_probes(&probed, now).await.unwrap();
}

async fn fail(store: &Store, proxies: &[ProxyId], now: Timestamp) {
    for _ in 0..3 {
        look(store, proxies, false, now).await;
    }
}

async fn send(
    store: &Store,
    scene: &Scene,
    account: AccountId,
    way: Way<'_>,
) -> Result<Option<ProxyId>, StoreError> {
    store.send_account(scene.project, account, way, Actor::User(scene.user), scene.now).await
}

/// How many accounts go through each proxy.
async fn accounts(store: &Store, project: ProjectId) -> Vec<u8> {
    store.list_proxies(project).await.unwrap().iter().map(|proxy| proxy.accounts).collect()
}

const ONE: &str = "socks5://one.example:1080";
const TWO: &str = "http://ann:hunter2@two.example:8080";

testkit::on_every_database! {
    async fn a_proxy_that_goes_down_and_one_that_comes_back_are_told_of_once(db: &Database) {
        let store = db.store();
        let scene = scene(store, 0).await;
        let ids = add(store, &scene, &[ONE, TWO]).await.unwrap();
        look(store, &ids, true, scene.now).await;
        for _ in 0..2 {
            fail(store, &ids[..1], scene.now).await;
        }
        look(store, &ids, true, scene.now).await;
        look(store, &ids, true, scene.now).await;
        let told = store.events_after(EventId(0), 100).await.unwrap();
        let told = told.iter().filter(|event| event.subject.proxy.is_some());
        let told: Vec<_> = told.map(|event| (event.kind, event.subject.proxy, event.project)).collect();
        let (proxy, project) = (Some(ids[0]), Some(scene.project));
        assert_eq!(told, [(EventType::ProxyDown, proxy, project), (EventType::ProxyUp, proxy, project)]);
    }

    async fn a_proxy_is_listed_without_its_password_and_entered_with_it(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        let ids = add(store, &scene, &[ONE, TWO, "[::1]:1:bob:p:w"]).await.unwrap();
        let listed = store.list_proxies(scene.project).await.unwrap();
        let names: Vec<_> = listed.iter().map(|proxy| proxy.name.as_str()).collect();
        assert_eq!(names, [ONE, "http://ann@two.example:8080", "socks5://bob@[::1]:1"]);
        assert_eq!(listed.iter().map(|proxy| proxy.id).collect::<Vec<_>>(), ids);
        assert!(!format!("{listed:?}").contains("hunter2"));
        let to_probe = store.proxies_to_probe(Some(scene.project)).await.unwrap();
        let password = |index: usize| {
            to_probe[index].address.credentials.as_ref().map(|given| given.password.expose_secret().to_owned())
        };
        assert_eq!([password(0), password(1), password(2)], [None, Some("hunter2".into()), Some("p:w".into())]);

        let account = scene.accounts[0];
        let way = async || {
            let account = store.account_to_run(account).await.unwrap().unwrap();
            let proxy = account.proxy?;
            Some((proxy.to_string(), proxy.credentials.unwrap().password.expose_secret().to_owned()))
        };
        assert_eq!(way().await, None);
        assert_eq!(send(store, &scene, account, Way::Through(names[1])).await.unwrap(), Some(ids[1]));
        assert_eq!(way().await, Some((names[1].to_owned(), "hunter2".to_owned())));
        assert_eq!(send(store, &scene, account, Way::Direct).await.unwrap(), None);
        assert_eq!(way().await, None);
    }

    async fn of_a_list_with_a_proxy_that_is_there_already_nothing_is_taken(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        add(store, &scene, &[ONE]).await.unwrap();
        let refused = add(store, &scene, &[TWO, ONE]).await;
        assert!(matches!(refused, Err(StoreError::Taken { .. })), "{refused:?}");
        assert_eq!(accounts(store, scene.project).await.len(), 1);
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        add(store, &other, &[ONE]).await.unwrap();
        let foreign = store.send_account(scene.project, other.accounts[0], Way::Direct, Actor::System, scene.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "account", .. })), "{foreign:?}");
        let foreign = send(store, &scene, scene.accounts[0], Way::Through(TWO)).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "proxy", .. })), "{foreign:?}");
    }

    async fn what_was_seen_of_a_proxy_is_kept(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        let ids = add(store, &scene, &[ONE, TWO]).await.unwrap();
        look(store, &ids[..1], true, scene.now).await;
        fail(store, &ids[1..], scene.now).await;
        let listed = store.list_proxies(scene.project).await.unwrap();
        let seen = |proxy: &ListedProxy| (proxy.health, proxy.latency, proxy.last_error.clone(), proxy.last_check_at);
        let working = Health { status: Status::Up, failures: 0 };
        assert_eq!(seen(&listed[0]), (working, Some(Duration::from_millis(40)), None, Some(scene.now)));
        let gone = Health { status: Status::Down, failures: 3 };
        assert_eq!(seen(&listed[1]), (gone, None, Some("it is gone".to_owned()), Some(scene.now)));
        let unknown = Probed { proxy: ProxyId(999_999), answer: Ok(Duration::ZERO) };
        assert!(store.record_probes(&[unknown], scene.now).await.unwrap().is_empty());
    }

    async fn a_proxy_has_room_for_three_accounts_however_many_ask_at_once(db: &Database) {
        let store = db.store();
        let scene = scene(store, 12).await;
        let proxies = add(store, &scene, &[ONE, TWO]).await.unwrap();
        look(store, &proxies, true, scene.now).await;
        let other = db.open_again().await;
        let asking = scene.accounts.iter().enumerate().map(|(index, account)| {
            let (store, scene, account) = (if index % 2 == 0 { store.clone() } else { other.clone() }, scene.clone(), *account);
            let way = if index % 3 == 0 { Way::AnyProxy } else { Way::Through(ONE) };
            tokio::spawn(async move { send(&store, &scene, account, way).await })
        });
        let mut given = 0;
        for asked in asking.collect::<Vec<_>>() {
            match asked.await.unwrap() {
                Ok(Some(_)) => given += 1,
                Err(StoreError::NoSeat { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        let seats = accounts(store, scene.project).await;
        assert_eq!(seats[0], 3, "{seats:?}");
        assert!(seats[1] <= 3 && usize::from(seats[0] + seats[1]) == given, "{seats:?}, {given} given");
        other.close().await.unwrap();
    }

    async fn the_database_itself_refuses_a_fourth_account_on_a_proxy(db: &Database) {
        let store = db.store();
        let scene = scene(store, 4).await;
        let proxy = add(store, &scene, &[ONE]).await.unwrap()[0];
        let raw = crate::schema::raw(db).await;
        let sit = |account: usize, seat: &str| {
            format!("UPDATE accounts SET proxy_id = {proxy}, proxy_seat = {seat} WHERE id = {}", scene.accounts[account])
        };
        for (account, seat) in [(0, "1"), (1, "2"), (2, "3")] {
            raw.execute_unprepared(&sit(account, seat)).await.unwrap();
        }
        for seat in ["1", "2", "3", "4", "0", "NULL"] {
            assert!(raw.execute_unprepared(&sit(3, seat)).await.is_err(), "{seat}");
        }
        assert_eq!(accounts(store, scene.project).await, [3]);
    }

    async fn a_proxy_that_accounts_go_through_is_not_removed(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        add(store, &scene, &[ONE]).await.unwrap();
        send(store, &scene, scene.accounts[0], Way::Through(ONE)).await.unwrap();
        let remove = async || store.delete_proxy(scene.project, ONE, Actor::System, scene.now).await;
        let refused = remove().await;
        assert!(matches!(refused, Err(StoreError::ProxyInUse { accounts: 1, .. })), "{refused:?}");
        send(store, &scene, scene.accounts[0], Way::Direct).await.unwrap();
        remove().await.unwrap();
        let gone = remove().await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "proxy", .. })), "{gone:?}");
    }

    async fn an_account_leaves_a_proxy_that_is_down_unless_telegram_said_something_to_it(db: &Database) {
        let store = db.store();
        let scene = scene(store, 6).await;
        let more = add(store, &scene, &["a.example:1", "b.example:1", "c.example:1"]).await.unwrap();
        for (index, account) in scene.accounts.iter().enumerate() {
            let name = ["socks5://a.example:1", "socks5://b.example:1"][index / 3];
            send(store, &scene, *account, Way::Through(name)).await.unwrap();
        }
        let later = scene.now + Duration::from_secs(60);
        let events = [Event::Limit, Event::Freeze, Event::Flood(later), Event::Pause, Event::Die];
        for (account, event) in scene.accounts.iter().zip(events) {
            store.account_event(*account, event, "in a test", scene.now).await.unwrap();
        }
        fail(store, &more[..2], scene.now).await;
        assert_eq!(store.reassign_proxies(later).await.unwrap(), [], "no proxy works");
        look(store, &more[2..], true, scene.now).await;
        let moves = store.reassign_proxies(later).await.unwrap();
        let moved: Vec<_> = moves.iter().map(|step| (step.account, step.from, step.to)).collect();
        assert_eq!(moved, [(scene.accounts[5], more[1], more[2])]);
        assert_eq!(accounts(store, scene.project).await, [3, 1, 1], "the dead gave their seat back");
        let audited = store.audit_entries(scene.project, 1).await.unwrap();
        assert_eq!(audited[0].detail, format!("proxy:{}, because proxy:{} is down", more[2], more[1]));
        for (account, refused) in scene.accounts.iter().zip([true, true, true, false, true, false]) {
            let outcome = send(store, &scene, *account, Way::AnyProxy).await;
            assert_eq!(matches!(outcome, Err(StoreError::AccountStays { .. })), refused, "{outcome:?}");
        }
    }

    async fn two_who_move_accounts_at_once_move_each_of_them_once(db: &Database) {
        let store = db.store();
        let scene = scene(store, 9).await;
        let lost = add(store, &scene, &["a.example:1", "b.example:1", "c.example:1"]).await.unwrap();
        for (index, account) in scene.accounts.iter().enumerate() {
            let name = ["socks5://a.example:1", "socks5://b.example:1", "socks5://c.example:1"][index / 3];
            send(store, &scene, *account, Way::Through(name)).await.unwrap();
        }
        let found = add(store, &scene, &["d.example:1", "e.example:1"]).await.unwrap();
        look(store, &found, true, scene.now).await;
        fail(store, &lost, scene.now).await;
        let other = db.open_again().await;
        let (ours, theirs) = tokio::join!(store.reassign_proxies(scene.now), other.reassign_proxies(scene.now));
        let mut moved: Vec<_> = ours.unwrap().into_iter().chain(theirs.unwrap()).map(|step| step.account).collect();
        moved.sort_unstable();
        assert_eq!(moved, scene.accounts[..6], "as many as there were places");
        assert_eq!(accounts(store, scene.project).await, [0, 0, 3, 3, 3]);
        other.close().await.unwrap();
    }

    async fn a_project_leaves_with_its_proxies(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        add(store, &scene, &[TWO]).await.unwrap();
        send(store, &scene, scene.accounts[0], Way::Through("http://ann@two.example:8080")).await.unwrap();
        let raw = crate::schema::raw(db).await;
        if store.dialect() == Dialect::Sqlite {
            raw.execute_unprepared("PRAGMA foreign_keys = ON").await.unwrap();
        }
        raw.execute_unprepared(&format!("DELETE FROM projects WHERE id = {}", scene.project)).await.unwrap();
        assert!(store.proxies_to_probe(None).await.unwrap().is_empty());
    }

    async fn a_proxy_gets_another_name_and_address_and_is_looked_at_anew(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        let (account, by) = (scene.accounts[0], Actor::User(scene.user));
        let ids = add(store, &scene, &[ONE, TWO]).await.unwrap();
        look(store, &ids, true, scene.now).await;
        let address = |text: &str| Some(text.parse().unwrap());
        let entered = address("http://bob:open%20sesame@three.example:81");
        let change = ProxyChange { name: Some("home".into()), address: entered };
        store.update_proxy(scene.project, ids[0], &change, by, scene.now).await.unwrap();
        let shown = store.proxy(scene.project, ids[0]).await.unwrap();
        assert_eq!((shown.name.as_str(), shown.address.as_str()), ("home", "http://bob@three.example:81"));
        assert_eq!((shown.health, shown.last_check_at), (Health::default(), None));
        let password = async || {
            let open = store.proxies_to_probe(Some(scene.project)).await.unwrap();
            open[0].address.credentials.as_ref().map(|given| given.password.expose_secret().to_owned())
        };
        assert_eq!(password().await.as_deref(), Some("open sesame"));
        send(store, &scene, account, Way::Over(ids[0])).await.unwrap();
        let open = ProxyChange { address: address("three.example:81"), ..ProxyChange::default() };
        store.update_proxy(scene.project, ids[0], &open, by, scene.now).await.unwrap();
        assert_eq!(password().await, None);
        let taken = ProxyChange { name: Some("home".into()), ..ProxyChange::default() };
        let refused = store.update_proxy(scene.project, ids[1], &taken, by, scene.now).await;
        assert!(matches!(refused, Err(StoreError::Taken { .. })), "{refused:?}");
        let used = store.remove_proxy(scene.project, ids[0], by, scene.now).await;
        assert!(matches!(used, Err(StoreError::ProxyInUse { accounts: 1, .. })), "{used:?}");
        store.remove_proxy(scene.project, ids[1], by, scene.now).await.unwrap();
        let left = store.proxies_page(scene.project, None, None, 9).await.unwrap();
        assert_eq!(left.iter().map(|proxy| proxy.id).collect::<Vec<_>>(), [ids[0]]);
        let kept = store.audit_entries(scene.project, 9).await.unwrap();
        assert!(kept.iter().all(|entry| !entry.detail.contains("sesame")), "{kept:?}");
    }

    async fn a_proxy_of_another_project_is_none(db: &Database) {
        let store = db.store();
        let scene = scene(store, 1).await;
        let ids = add(store, &scene, &[ONE]).await.unwrap();
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let missing = |answer: Result<(), StoreError>| {
            assert!(matches!(answer, Err(StoreError::NotFound { what: "proxy", .. })), "{answer:?}");
        };
        let (by, change) = (Actor::User(other.user), ProxyChange::default());
        missing(store.proxy(other.project, ids[0]).await.map(drop));
        missing(store.update_proxy(other.project, ids[0], &change, by, other.now).await);
        missing(store.remove_proxy(other.project, ids[0], by, other.now).await);
        missing(send(store, &other, other.accounts[0], Way::Over(ids[0])).await.map(drop));
        assert!(store.proxies_page(other.project, None, None, 9).await.unwrap().is_empty());
        let up = store.proxies_page(scene.project, Some(Status::Up), None, 9).await.unwrap();
        assert!(up.is_empty(), "it was not looked at");
    }
}
