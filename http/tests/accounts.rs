//! The accounts of a project, as those who look after them would ask: what they may, how they come in, and which way they go.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use std::time::Duration;

use desk::{Answer, Desk};
use domain::account::{Event, Kind, Status};
use domain::disclosure::Label;
use domain::id::{AccountId, PeerId};
use domain::pacing::Limits;
use domain::time::Timestamp;
use persistence::setup::NewAccount;
use poem::http::Method;
use serde_json::{Value, json};

const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);

/// A desk with an account, and what is asked of its first project.
struct Office {
    desk: Desk,
    account: AccountId,
}

impl Office {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let account = NewAccount {
            kind: Kind::Person,
            telegram_id: Some(PeerId(77)),
            username: Some("editor".to_owned()),
            display_name: "The editors".to_owned(),
            session: None,
            status: Status::Active,
            label: Label::new("from the editors' assistant").unwrap(),
            label_verified_at: Some(MORNING),
            limits: Limits { daily: 30, gap: Duration::from_secs(60) },
        };
        let account = desk.store.create_accounts(desk.project, &[account]).await.unwrap()[0];
        Self { desk, account }
    }

    async fn ask(&self, method: Method, place: &str, body: Option<Value>) -> Answer {
        let path = format!("/api/v1/projects/{}{place}", self.desk.project);
        self.desk.ask_as(Some(&self.desk.owner), method, &path, body.as_ref()).await
    }

    async fn get(&self, place: &str) -> Answer {
        self.ask(Method::GET, place, None).await
    }

    async fn post(&self, place: &str, body: Value) -> Answer {
        self.ask(Method::POST, place, Some(body)).await
    }

    /// Asks something of the account.
    async fn of_account(&self, method: Method, place: &str, body: Option<Value>) -> Answer {
        self.ask(method, &format!("/accounts/{}{place}", self.account), body).await
    }
}

fn is(answer: &Answer, status: u16, kind: &str) {
    let got = (answer.status.as_u16(), answer.body["type"].as_str().unwrap_or_default().to_owned());
    assert_eq!(got, (status, format!("urn:beseda:{kind}")), "{}", answer.body);
}

fn done(answer: &Answer, status: u16) -> &Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    &answer.body
}

#[tokio::test]
async fn an_account_is_shown_changed_paused_and_let_work_again() {
    let office = Office::open().await;
    let shown = office.of_account(Method::GET, "", None).await;
    assert_eq!((&done(&shown, 200)["status"], &shown.body["way_back"]), (&json!("active"), &json!("none")));
    assert_eq!((&shown.body["daily_limit"], &shown.body["sent_today"]), (&json!(30), &json!(0)));
    let patch = json!({ "tags": ["night"], "daily_limit": 5, "label": "from the night desk" });
    let changed = office.of_account(Method::PATCH, "", Some(patch)).await;
    assert_eq!(done(&changed, 200)["tags"], json!(["night"]));
    assert!(changed.body.get("label_verified_at").is_none(), "another label is to be seen first");
    for wrong in [json!({ "daily_limit": 501 }), json!({ "min_gap_seconds": 1 }), json!({ "limit": 1 })] {
        let refused = office.of_account(Method::PATCH, "", Some(wrong)).await;
        assert_eq!(refused.status.as_u16() / 100, 4, "{}", refused.body);
    }
    let tagged = office.get("/accounts?tag=night&status=active").await;
    assert_eq!(done(&tagged, 200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(done(&office.get("/accounts?tag=day").await, 200)["items"], json!([]));

    let why = || Some(json!({ "why": "holidays" }));
    let paused = office.of_account(Method::POST, "/pause", why()).await;
    assert_eq!(
        (&done(&paused, 200)["status"], &paused.body["way_back"]),
        (&json!("paused"), &json!("resume"))
    );
    assert_eq!(paused.body["status_reason"], "holidays");
    let resumed = office.of_account(Method::POST, "/resume", why()).await;
    assert_eq!(done(&resumed, 200)["status"], "active");
    is(&office.of_account(Method::POST, "/resume", why()).await, 409, "wrong-state");
    let checked = office.of_account(Method::POST, "/check", None).await;
    assert!(done(&checked, 200).get("checked_at").is_none(), "Telegram was not there to ask");
}

#[tokio::test]
async fn a_wait_is_shown_with_its_end_and_no_way_around_it_is_offered() {
    let office = Office::open().await;
    let until = Timestamp::from_secs(4_000_000_000);
    let flood = Event::Flood(until);
    office.desk.store.account_event(office.account, flood, "FLOOD_WAIT", MORNING).await.unwrap();
    let waiting = office.of_account(Method::GET, "", None).await;
    assert_eq!(
        (&done(&waiting, 200)["status"], &waiting.body["way_back"]),
        (&json!("waiting"), &json!("wait"))
    );
    assert_eq!(waiting.body["status_reason"], "FLOOD_WAIT");
    assert!(waiting.body["wait_until"].as_str().unwrap().starts_with("2096-"));
    is(&office.of_account(Method::PUT, "/proxy", Some(json!({}))).await, 409, "wrong-state");
}

#[tokio::test]
async fn an_account_is_kept_out_of_a_channel_and_let_in_again() {
    let office = Office::open().await;
    let channel = office.desk.store.channels(office.desk.project, None, 1).await.unwrap()[0].channel;
    let block = json!({ "channel_id": channel.get(), "reason": "the editor asked" });
    let blocked = office.of_account(Method::POST, "/blocks", Some(block)).await;
    assert_eq!(done(&blocked, 200)["blocks"], 1);
    let list = office.of_account(Method::GET, "/blocks", None).await;
    assert_eq!(done(&list, 200)["items"][0]["reason"], "the editor asked");
    let nowhere = json!({ "channel_id": 9999, "reason": "x" });
    is(&office.of_account(Method::POST, "/blocks", Some(nowhere)).await, 404, "unknown-channel");
    done(&office.of_account(Method::DELETE, &format!("/blocks/{channel}"), None).await, 204);
    is(&office.of_account(Method::DELETE, &format!("/blocks/{channel}"), None).await, 404, "unknown-block");
}

#[tokio::test]
async fn proxies_are_added_one_by_one_and_by_the_list_and_their_passwords_are_never_shown() {
    let office = Office::open().await;
    let bad = office.post("/proxies", json!({ "address": "nowhere" })).await;
    is(&bad, 422, "invalid");
    assert_eq!(bad.body["errors"][0]["pointer"], "#/address");
    let address = "socks5://ann:open-sesame@one.example:1080";
    let added = office.post("/proxies", json!({ "name": "office", "address": address })).await;
    let id = done(&added, 201)["id"].as_i64().unwrap();
    assert_eq!(added.body["address"], "socks5://ann@one.example:1080");
    assert_eq!((&added.body["status"], &added.body["free_places"]), (&json!("unknown"), &json!(3)));

    let list = "two.example:1\nrubbish\nsocks5://ann:x@one.example:1080\ntwo.example:1 # again\n";
    let refused = office.post("/proxies/import", json!({ "list": list })).await;
    is(&refused, 422, "invalid");
    let lines: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["detail"].clone()).collect();
    assert!(lines.iter().any(|line| line.as_str().unwrap().starts_with("line 2:")), "{lines:?}");
    assert!(lines.iter().any(|line| line.as_str().unwrap().starts_with("line 4:")), "{lines:?}");
    let known = office.post("/proxies/import", json!({ "list": "socks5://ann:x@one.example:1080" })).await;
    assert_eq!(known.body["errors"][0]["detail"], "line 1: the project has this proxy already");
    let two =
        office.post("/proxies/import", json!({ "list": "two.example:1\nhttp://b:c@three.example:2" })).await;
    assert_eq!(done(&two, 200)["added"], 2);
    assert_eq!(
        done(&office.get("/proxies?status=unknown&limit=2").await, 200)["items"].as_array().unwrap().len(),
        2
    );

    let sent = office.of_account(Method::PUT, "/proxy", Some(json!({ "proxy_id": id }))).await;
    assert_eq!(done(&sent, 200)["proxy"], json!({ "id": id, "name": "office" }));
    is(&office.ask(Method::DELETE, &format!("/proxies/{id}"), None).await, 409, "in-use");
    let moved = json!({ "address": "http://ann:other-word@four.example:3" });
    let moved = office.ask(Method::PATCH, &format!("/proxies/{id}"), Some(moved)).await;
    assert_eq!(done(&moved, 200)["address"], "http://ann@four.example:3");
    let check = office.ask(Method::POST, &format!("/proxies/{id}/check"), None).await;
    assert_eq!((&done(&check, 200)["answered"], &check.body["proxy_id"]), (&json!(false), &json!(id)));
    let checks = office.ask(Method::POST, "/proxies/check", None).await;
    assert_eq!(done(&checks, 200)["items"].as_array().unwrap().len(), 3);
    let straight = office.of_account(Method::DELETE, "/proxy", None).await;
    assert!(done(&straight, 200).get("proxy").is_none());
    done(&office.ask(Method::DELETE, &format!("/proxies/{id}"), None).await, 204);
    is(&office.get(&format!("/proxies/{id}")).await, 404, "unknown-proxy");
    let told = office.get("/audit?action=proxy").await;
    for secret in ["sesame", "other-word"] {
        assert!(!told.body.to_string().contains(secret), "{}", told.body);
    }
}

#[tokio::test]
async fn a_login_says_where_it_is_and_belongs_to_its_project_alone() {
    let office = Office::open().await;
    for wrong in [json!({ "method": "phone" }), json!({ "method": "qr", "phone": "+49 30 901820" })] {
        let refused = office.post("/logins", wrong).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "#/phone", "{}", refused.body);
    }
    let begun = office.post("/logins", json!({ "method": "phone", "phone": "+49 30 901820" })).await;
    let login = done(&begun, 201)["id"].as_i64().unwrap();
    let place = format!("/logins/{login}");
    assert!(begun.headers["location"].to_str().unwrap().ends_with(&place));
    let told = async || {
        let answer = office.get(&place).await;
        (answer.headers, answer.body)
    };
    let what = "the login to fail: there is no Telegram";
    let (headers, body) =
        testkit::until(what, tokio::task::yield_now, told, |(_, body)| body["step"] == "failed").await;
    assert_eq!(headers["cache-control"], "no-store");
    assert!(body["failure"].as_str().unwrap().contains("cannot be reached"), "{body}");
    assert!(!body.to_string().contains("901820"), "what was typed is not shown");
    is(&office.post(&format!("{place}/code"), json!({ "code": "12345" })).await, 409, "wrong-state");
    is(&office.ask(Method::POST, &format!("{place}/qr"), None).await, 409, "wrong-state");
    let elsewhere = format!("/api/v1/projects/{}{place}", office.desk.other_project);
    is(&office.desk.ask(&elsewhere).await, 404, "unknown-login");
    is(&office.get("/logins/1").await, 404, "unknown-login");
    let needless = json!({ "method": "qr", "for_account_id": office.account.get() });
    is(&office.post("/logins", needless).await, 409, "wrong-state");
}

#[tokio::test]
async fn a_session_is_imported_only_by_whoever_confirms_it_and_is_never_repeated_in_an_answer() {
    let office = Office::open().await;
    let session =
        |confirmed: bool| json!({ "form": "telethon", "session": "1secret-rubbish", "confirmed": confirmed });
    let unconfirmed = office.post("/accounts/import", session(false)).await;
    assert_eq!(unconfirmed.body["errors"][0]["pointer"], "#/confirmed", "{}", unconfirmed.body);
    let refused = office.post("/accounts/import", session(true)).await;
    is(&refused, 422, "invalid");
    assert_eq!(refused.body["errors"][0]["pointer"], "#/session");
    assert!(!refused.body.to_string().contains("secret"), "{}", refused.body);
}
