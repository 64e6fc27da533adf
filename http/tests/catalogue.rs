//! What is written where, asked as a client would: from a voice to a campaign that was tried out and switched on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use std::time::Duration;

use desk::{Answer, Desk};
use domain::account::{Kind, Status};
use domain::consent::{Evidence, Scope};
use domain::disclosure::Label;
use domain::id::{ChannelId, EventId, PeerId};
use domain::pacing::Limits;
use domain::time::Timestamp;
use persistence::setup::{NewAccount, NewConsent};
use poem::http::Method;
use serde_json::{Value, json};

const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);

/// A desk, and what is asked of its first project.
struct Office {
    desk: Desk,
    /// The only channel of the first project.
    channel: i64,
    /// An account of the first project that may write and is assigned nowhere.
    account: i64,
}

impl Office {
    /// A desk whose channel's owner agreed to comments, with an account that could write them.
    async fn open() -> Self {
        let desk = Desk::open().await;
        let channel = desk.store.channels(desk.project, None, 1).await.unwrap()[0].channel;
        let consent = NewConsent {
            channel,
            scope: Scope::Comment,
            evidence: Evidence::Written,
            detail: "agreed".to_owned(),
            expires_at: None,
        };
        desk.store.grant_consents(desk.project, &[consent], desk.people.owner, MORNING).await.unwrap();
        let account = NewAccount {
            kind: Kind::Person,
            telegram_id: Some(PeerId(77)),
            username: None,
            display_name: "The editors".to_owned(),
            session: None,
            status: Status::Active,
            label: Label::new("from the editors' assistant").unwrap(),
            label_verified_at: Some(MORNING),
            limits: Limits { daily: 30, gap: Duration::from_secs(60) },
        };
        let account = desk.store.create_accounts(desk.project, &[account]).await.unwrap()[0].get();
        Self { desk, channel: channel.get(), account }
    }

    fn path(&self, place: &str) -> String {
        format!("/api/v1/projects/{}{place}", self.desk.project)
    }

    async fn get(&self, place: &str) -> Answer {
        self.desk.ask(&self.path(place)).await
    }

    async fn post(&self, place: &str, body: Value) -> Answer {
        self.send(Method::POST, place, Some(body)).await
    }

    async fn send(&self, method: Method, place: &str, body: Option<Value>) -> Answer {
        self.desk.ask_as(Some(&self.desk.owner), method, &self.path(place), body.as_ref()).await
    }

    async fn patch(&self, place: &str, if_match: Option<&str>, body: Value) -> Answer {
        let path = self.path(place);
        let token = format!("Bearer {}", self.desk.owner);
        let mut request = self.desk.client.patch(&path).header("authorization", token).body_json(&body);
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        Desk::answer(&path, request).await
    }

    /// A voice with a template for openers, and a campaign in it that covers the channel through a playlist.
    async fn campaign(&self) -> (i64, i64) {
        let voice = made(&self.post("/voices", json!({ "name": "The editors", "language": "en" })).await);
        let template = json!({ "intent": "opener", "body": "{Good|Fine}: {$sentence}" });
        made(&self.post(&format!("/voices/{voice}/templates"), template).await);
        let playlist = json!({ "name": "Transport", "channel_ids": [self.channel] });
        let playlist = made(&self.post("/playlists", playlist).await);
        let wanted = json!({ "account_ids": [self.account], "channel_ids": [self.channel] });
        assert_eq!(fine(&self.post("/assignments", wanted).await)["applied"], 1);
        let campaign = json!({
            "name": "Spring", "mode": "new_posts", "preset": "boost", "voice_id": voice,
            "playlist_ids": [playlist], "account_ids": [self.account],
        });
        (made(&self.post("/campaigns", campaign).await), voice)
    }
}

fn fine(answer: &Answer) -> &Value {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    &answer.body
}

/// The id of what was made.
fn made(answer: &Answer) -> i64 {
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let id = answer.body["id"].as_i64().unwrap();
    assert!(answer.headers["location"].to_str().unwrap().ends_with(&format!("/{id}")));
    id
}

fn refused<'a>(answer: &'a Answer, status: u16, kind: &str) -> &'a Value {
    let got = (answer.status.as_u16(), answer.body["type"].as_str().unwrap_or_default());
    assert_eq!(got, (status, &*format!("urn:beseda:{kind}")), "{}", answer.body);
    &answer.body
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_campaign_is_made_tried_out_and_switched_on_over_the_api() {
    let office = Office::open().await;
    let (campaign, _) = office.campaign().await;
    let place = format!("/campaigns/{campaign}");
    let dry = office.post(&format!("{place}/dry-run"), json!({ "posts": 3 })).await;
    let items = fine(&dry)["items"].as_array().unwrap();
    assert_eq!(
        (items.len(), &dry.body["written"], &dry.body["skipped"]),
        (3, &json!(3), &json!(0)),
        "{}",
        dry.body
    );
    for item in items {
        assert_eq!(
            (&item["outcome"], &item["comment"]["account_id"]),
            (&json!("written"), &json!(office.account))
        );
        let text = item["comment"]["text"].as_str().unwrap();
        assert!(text.ends_with("\n\nfrom the editors' assistant"), "{text}");
        let moment = |name: &str| item["comment"][name].as_str().unwrap().to_owned();
        assert!(moment("window_from") <= moment("due_at") && moment("due_at") <= moment("window_to"));
    }

    assert_eq!(fine(&office.get(&place).await)["status"], "off");
    let on = office.send(Method::POST, &format!("{place}/on"), None).await;
    assert_eq!((&fine(&on)["status"], &on.body["policy"]["opener_share"]), (&json!("on"), &json!(1.0)));
    assert_eq!(fine(&office.get("/campaigns?status=on").await)["items"][0]["id"], campaign);
    assert_eq!(fine(&office.send(Method::POST, &format!("{place}/pause"), None).await)["status"], "paused");
    assert_eq!(fine(&office.send(Method::POST, &format!("{place}/off"), None).await)["status"], "off");
    let sum = office.get(&format!("{place}/statistics?since=2026-01-01T00:00:00Z")).await;
    assert_eq!((&fine(&sum)["sent"], &sum.body["outcomes"]), (&json!(0), &json!([])));
    let gone = office.send(Method::DELETE, &place, None).await;
    assert_eq!(gone.status.as_u16(), 204);
    refused(&office.get(&place).await, 404, "unknown-campaign");
}

#[tokio::test]
async fn a_dry_run_tells_nobody_and_writes_nothing() {
    let office = Office::open().await;
    let (campaign, _) = office.campaign().await;
    let store = &office.desk.store;
    let traces = async || {
        let counts = store.comment_counts(office.desk.project).await.unwrap();
        let events = store.events_after(EventId(0), 1000).await.unwrap();
        (counts, events, store.audit_entries(office.desk.project, 1000).await.unwrap())
    };
    let before = traces().await;
    fine(&office.post(&format!("/campaigns/{campaign}/dry-run"), json!({})).await);
    assert_eq!(traces().await, before);
}

#[tokio::test]
async fn a_dry_run_says_why_nothing_would_be_written() {
    let office = Office::open().await;
    let (campaign, _) = office.campaign().await;
    let place = format!("/channels/{}", office.channel);
    assert_eq!(fine(&office.send(Method::POST, &format!("{place}/pause"), None).await)["status"], "paused");
    let dry_run =
        async || office.post(&format!("/campaigns/{campaign}/dry-run"), json!({ "posts": 1 })).await;
    let dry = dry_run().await;
    assert_eq!(fine(&dry)["items"][0]["reason"], "no_campaign", "{}", dry.body);
    assert_eq!(fine(&office.send(Method::POST, &format!("{place}/resume"), None).await)["status"], "active");
    let standing = fine(&office.get(&format!("{place}/consents")).await)["items"][0]["id"].clone();
    let ended = office.send(Method::POST, &format!("{place}/consents/{standing}/revoke"), None).await;
    assert!(fine(&ended)["consent"]["revoked_at"].is_string());
    let dry = dry_run().await;
    assert_eq!((&fine(&dry)["items"][0]["reason"], &dry.body["skipped"]), (&json!("no_consent"), &json!(1)));
    assert_eq!(fine(&office.get(&place).await)["consents"], json!([]));
}

#[tokio::test]
async fn whoever_changes_a_campaign_a_voice_or_a_template_says_which_version_they_saw() {
    let office = Office::open().await;
    let (campaign, voice) = office.campaign().await;
    let template = fine(&office.get(&format!("/voices/{voice}/templates")).await)["items"][0]["id"].clone();
    let changes = [
        (format!("/campaigns/{campaign}"), "", json!({ "preset": "safe", "voice_id": null })),
        (
            format!("/campaigns/{campaign}"),
            "/coverage",
            json!({ "remove": { "account_ids": [office.account] } }),
        ),
        (format!("/voices/{voice}"), "", json!({ "label": "the editors", "rules": ["Asks."] })),
        (format!("/voices/{voice}/templates/{template}"), "", json!({ "intent": "answer" })),
    ];
    for (place, part, change) in changes {
        let seen = tag(&office.get(&place).await);
        let change_it =
            async |if_match| office.patch(&format!("{place}{part}"), if_match, change.clone()).await;
        refused(&change_it(None).await, 428, "version-required");
        refused(&change_it(Some("\"77\"")).await, 412, "changed");
        let changed = change_it(Some(&seen)).await;
        fine(&changed);
        assert_ne!(tag(&changed), seen, "{place}");
        assert_eq!(tag(&changed), tag(&office.get(&place).await), "{place}");
        refused(&change_it(Some(&seen)).await, 412, "changed");
    }
    let campaign = office.get(&format!("/campaigns/{campaign}")).await;
    assert_eq!((&fine(&campaign)["preset"], &campaign.body["accounts"]), (&json!("safe"), &json!(0)));
    assert!(campaign.body.get("voice_id").is_none());
    let listed = office.get(&format!("/voices/{voice}/templates?intent=answer")).await;
    assert_eq!(fine(&listed)["items"][0]["id"], template);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_field_by_field() {
    let office = Office::open().await;
    let (_, voice) = office.campaign().await;
    let templates = format!("/voices/{voice}/templates");
    let quiet = json!({ "from": 0, "to": 0 });
    let policy = json!({
        "opener_share": 0.5, "window_from_s": 60, "window_to_s": 60, "lean": 1, "quiet": quiet,
        "answers_per_post": 1, "answers_per_reader": 1,
    });
    let campaign = json!({ "name": "New", "mode": "answers", "preset": "custom", "policy": policy });
    let both = json!({ "intent": "opener", "post_id": 1, "text": "x" });
    let cases = [
        (&*templates, json!({ "intent": "opener", "body": "Ёж\n{да|нет" }), "#/body", "line 2, column 1"),
        (
            &*format!("/voices/{voice}/preview"),
            json!({ "intent": "opener", "text": "x", "body": "a}" }),
            "#/body",
            "\\}",
        ),
        (&*format!("/voices/{voice}/preview"), both, "#/text", "either"),
        ("/campaigns", campaign, "#/policy", "window_to_s"),
        (
            "/voices",
            json!({ "name": "New", "language": "en", "label": "two\nlines" }),
            "#/label",
            "single line",
        ),
        ("/channels", json!({ "link": "https://example.org/tram" }), "#/link", "does not lead to Telegram"),
    ];
    for (place, body, pointer, words) in cases {
        let answer = office.post(place, body).await;
        let error = &refused(&answer, 422, "invalid")["errors"][0];
        assert_eq!(error["pointer"], pointer, "{place}");
        assert!(error["detail"].as_str().unwrap().contains(words), "{place}: {error}");
    }
    let unknown = office.post("/playlists", json!({ "name": "New", "colour": "red" })).await;
    assert!([400, 422].contains(&unknown.status.as_u16()), "{}", unknown.body);
}

#[tokio::test]
async fn a_voice_is_tried_out_on_a_post_or_on_a_text() {
    let office = Office::open().await;
    let (_, voice) = office.campaign().await;
    let preview = format!("/voices/{voice}/preview");
    let on_text = json!({ "intent": "opener", "text": "The line opens. On Monday.", "samples": 50 });
    let mut texts: Vec<_> = fine(&office.post(&preview, on_text).await)["items"].as_array().unwrap().clone();
    texts.sort_by_key(ToString::to_string);
    let label = "\n\nfrom the editors' assistant";
    assert_eq!(texts, [format!("Fine: The line opens{label}"), format!("Good: The line opens{label}")]);

    let post = fine(&office.get(&format!("/channels/{}/posts", office.channel)).await)["items"][0].clone();
    let body = json!({ "intent": "opener", "post_id": post["id"], "body": "{a|b}{c|d} {$channel}" });
    let on_post = office.post(&preview, body).await;
    assert_eq!(fine(&on_post)["ways"], 4);
    assert!(on_post.body["items"][0].as_str().unwrap().contains("Tram news"), "{}", on_post.body);
    let silent = json!({ "intent": "answer", "text": "x", "question": "When?" });
    assert_eq!(
        fine(&office.post(&preview, silent).await)["items"],
        json!([]),
        "there is no template for answers"
    );
}

#[tokio::test]
async fn what_telegram_alone_knows_is_refused_as_things_stand_while_no_account_can_ask() {
    let office = Office::open().await;
    let add = office.post("/channels", json!({ "link": "@tram_news" })).await;
    refused(&add, 409, "wrong-state");
    let place = format!("/channels/{}", office.channel);
    refused(&office.post(&format!("{place}/verify"), json!({ "scope": "read" })).await, 409, "wrong-state");
    let code = office.post(&format!("{place}/codes"), json!({ "scope": "read" })).await;
    assert_eq!(code.status.as_u16(), 201, "{}", code.body);
    assert!(code.body["code"].as_str().unwrap().starts_with("beseda-"));
    assert_eq!(code.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn channels_playlists_and_accounts_are_brought_together_and_apart() {
    let office = Office::open().await;
    let (campaign, _) = office.campaign().await;
    let channel = format!("/channels/{}", office.channel);
    let playlist = fine(&office.get("/playlists").await)["items"][0].clone();
    let of_playlist = office.get(&format!("/channels?playlist_id={}", playlist["id"])).await;
    let listed = &fine(&of_playlist)["items"][0];
    assert_eq!(
        (&listed["id"], &listed["reading"]["gaps"], &listed["accounts"]),
        (&json!(office.channel), &json!(0), &json!(1))
    );
    let accounts = office.get(&format!("{channel}/accounts")).await;
    assert_eq!(fine(&accounts)["items"][0]["id"], office.account);
    assert_eq!(fine(&office.get(&format!("{channel}/gaps")).await)["items"], json!([]));
    for (kind, id) in [("playlists", playlist["id"].clone()), ("accounts", json!(office.account))] {
        let covered = office.get(&format!("/campaigns/{campaign}/{kind}")).await;
        assert_eq!(fine(&covered)["items"][0]["id"], id, "{kind}");
    }
    assert_eq!(fine(&office.get(&format!("/campaigns/{campaign}/channels")).await)["items"], json!([]));

    let place = format!("/playlists/{}", playlist["id"]);
    let emptied = office.send(Method::DELETE, &format!("{place}/channels/{}", office.channel), None).await;
    assert_eq!(emptied.status.as_u16(), 204);
    let filled = office.post(&format!("{place}/channels"), json!({ "channel_ids": [office.channel] })).await;
    assert_eq!(fine(&filled)["channels"], 1);
    let renamed = office.send(Method::PATCH, &place, Some(json!({ "name": "Trams" }))).await;
    assert_eq!(
        (&fine(&renamed)["name"], &fine(&office.get(&place).await)["name"]),
        (&json!("Trams"), &json!("Trams"))
    );
    let taken = office.post("/playlists", json!({ "name": "Trams" })).await;
    refused(&taken, 409, "taken");
    assert_eq!(office.send(Method::DELETE, &place, None).await.status.as_u16(), 204);
    let out = format!("{channel}/accounts/{}", office.account);
    assert_eq!(office.send(Method::DELETE, &out, None).await.status.as_u16(), 204);
    refused(&office.send(Method::DELETE, &out, None).await, 404, "unknown-assignment");
    let full = json!({ "account_ids": [office.account, 999], "channel_ids": [office.channel] });
    let report = office.post("/assignments", full).await;
    let refusals = json!([{ "account_id": 999, "channel_id": office.channel, "reason": "unknown_account" }]);
    assert_eq!((&fine(&report)["applied"], &report.body["refused"]), (&json!(1), &refusals));
}

#[tokio::test]
async fn what_stands_in_another_project_is_unknown_in_this_one() {
    let office = Office::open().await;
    let (campaign, voice) = office.campaign().await;
    let playlist = fine(&office.get("/playlists").await)["items"][0]["id"].clone();
    let channel = ChannelId(office.channel);
    let cases = [
        (format!("/channels/{channel}"), "unknown-channel"),
        (format!("/channels/{channel}/posts"), "unknown-channel"),
        (format!("/channels/{channel}/gaps"), "unknown-channel"),
        (format!("/channels/{channel}/accounts"), "unknown-channel"),
        (format!("/channels/{channel}/consents"), "unknown-channel"),
        (format!("/playlists/{playlist}"), "unknown-playlist"),
        (format!("/campaigns/{campaign}"), "unknown-campaign"),
        (format!("/campaigns/{campaign}/channels"), "unknown-campaign"),
        (format!("/campaigns/{campaign}/statistics"), "unknown-campaign"),
        (format!("/voices/{voice}"), "unknown-voice"),
        (format!("/voices/{voice}/templates"), "unknown-voice"),
        (format!("/voices/{voice}/templates/1"), "unknown-template"),
    ];
    for (place, kind) in cases {
        let elsewhere = format!("/api/v1/projects/{}{place}", office.desk.other_project);
        refused(&office.desk.ask(&elsewhere).await, 404, kind);
    }
    for (place, kind) in [
        (format!("/channels/{channel}/pause"), "unknown-channel"),
        (format!("/campaigns/{campaign}/on"), "unknown-campaign"),
    ] {
        let elsewhere = format!("/api/v1/projects/{}{place}", office.desk.other_project);
        let answer = office.desk.ask_as(Some(&office.desk.owner), Method::POST, &elsewhere, None).await;
        refused(&answer, 404, kind);
    }
}

#[tokio::test]
async fn what_was_made_is_listed_got_and_deleted() {
    let office = Office::open().await;
    let (campaign, voice) = office.campaign().await;
    let presets = office.get("/presets").await;
    let names: Vec<_> =
        fine(&presets)["items"].as_array().unwrap().iter().map(|item| &item["preset"]).collect();
    assert_eq!(names, ["safe", "balanced", "boost"]);
    let template = fine(&office.get(&format!("/voices/{voice}/templates")).await)["items"][0]["id"].clone();
    let template = format!("/voices/{voice}/templates/{template}");
    assert_eq!(fine(&office.get(&template).await)["intent"], "opener");
    assert_eq!(office.send(Method::DELETE, &template, None).await.status.as_u16(), 204);
    refused(&office.get(&template).await, 404, "unknown-template");

    let place = format!("/voices/{voice}");
    refused(&office.send(Method::DELETE, &place, None).await, 409, "in-use");
    let deleted = office.send(Method::DELETE, &format!("/campaigns/{campaign}"), None).await;
    assert_eq!(deleted.status.as_u16(), 204);
    assert_eq!(office.send(Method::DELETE, &place, None).await.status.as_u16(), 204);
    for list in ["/voices", "/campaigns"] {
        assert_eq!(fine(&office.get(list).await)["items"], json!([]), "{list}");
    }
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_a_cursor_fits_its_own_list_alone() {
    let office = Office::open().await;
    for name in ["one", "two", "three"] {
        made(&office.post("/playlists", json!({ "name": name })).await);
        made(&office.post("/voices", json!({ "name": name, "language": "en" })).await);
    }
    let first = office.get("/playlists?limit=2").await;
    let names = |answer: &Answer| -> Vec<String> {
        let items = fine(answer)["items"].as_array().unwrap();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&first), ["three", "two"]);
    let next = first.body["next"].as_str().unwrap();
    let last = office.get(&format!("/playlists?limit=2&after={next}")).await;
    assert_eq!((names(&last), last.body.get("next")), (vec!["one".to_owned()], None));
    for foreign in [format!("/voices?after={next}"), format!("/channels?after={next}")] {
        refused(&office.get(&foreign).await, 400, "bad-cursor");
    }
}
