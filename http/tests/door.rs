//! The door: tokens, browser sessions, repeated requests, and what keeps one caller from taking everything.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use std::num::NonZeroU32;

use actors::clock::SystemClock;
use beseda_http::Settings;
use desk::{Answer, Desk};
use domain::access::{Scope, Scopes};
use domain::id::PeerId;
use domain::time::Clock as _;
use persistence::access::{Confirmed, Credential, Visitor};
use persistence::people::UserChange;
use poem::http::Method;
use serde_json::{Value, json};

const TOKENS: &str = "/api/v1/tokens";

fn wish(name: &str, scopes: &[&str]) -> Value {
    json!({ "name": name, "scopes": scopes })
}

/// Posts something with a header more.
async fn post_with(desk: &Desk, question: &str, header: (&str, &str), body: &Value) -> Answer {
    let request = desk.client.post(question).header("authorization", format!("Bearer {}", desk.owner));
    Desk::answer(question, request.header(header.0, header.1).body_json(body)).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn kind(answer: &Answer) -> (u16, String) {
    let name = answer.body["type"].as_str().unwrap_or_default();
    (answer.status.as_u16(), name.strip_prefix("urn:beseda:").unwrap_or_default().to_owned())
}

fn problem(status: u16, name: &str) -> (u16, String) {
    (status, name.to_owned())
}

#[tokio::test]
async fn a_token_is_shown_once_opens_until_it_is_revoked_and_is_nothing_afterwards() {
    let desk = Desk::open().await;
    let made = desk.ask_as(Some(&desk.owner), Method::POST, TOKENS, Some(&wish("export", &["write"]))).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(header(&made, "cache-control"), "no-store");
    let token = made.body["token"].as_str().unwrap();
    let me = desk.ask_as(Some(token), Method::GET, "/api/v1/me", None).await;
    assert_eq!((&me.body["username"], &me.body["scopes"]), (&json!("owner"), &json!(["read", "write"])));

    let list = desk.ask(TOKENS).await;
    let listed = &list.body["items"][0];
    assert_eq!(listed["name"], "export");
    assert!(token.starts_with(listed["prefix"].as_str().unwrap()) && !list.body.to_string().contains(token));
    assert!(listed["revoked_at"].is_null());

    let place = header(&made, "location").to_owned();
    assert_eq!(desk.ask_as(Some(token), Method::DELETE, &place, None).await.status.as_u16(), 403);
    assert_eq!(desk.ask_as(Some(&desk.owner), Method::DELETE, &place, None).await.status.as_u16(), 204);
    assert_eq!(
        kind(&desk.ask_as(Some(token), Method::GET, "/api/v1/me", None).await),
        problem(401, "unauthorized")
    );
    assert!(desk.ask(TOKENS).await.body["items"][0]["revoked_at"].is_string());
    let strangers = desk.token(desk.people.stranger, Scopes::ALL, None).await;
    let refused = desk.ask_as(Some(&strangers), Method::DELETE, &place, None).await;
    assert_eq!(kind(&refused), problem(404, "unknown-token"));
}

#[tokio::test]
async fn a_token_never_allows_more_than_what_made_it() {
    let desk = Desk::open().await;
    let here = desk.token(desk.people.owner, Scopes::ALL, Some(desk.project)).await;
    let ask =
        async |token: &str, body: Value| desk.ask_as(Some(token), Method::POST, TOKENS, Some(&body)).await;

    let made = ask(&here, wish("here", &["read"])).await;
    let elsewhere = format!("/api/v1/projects/{}/posts", desk.other_project);
    let token = made.body["token"].as_str().unwrap();
    assert_eq!(
        kind(&desk.ask_as(Some(token), Method::GET, &elsewhere, None).await),
        problem(404, "unknown-project")
    );
    let mut other = wish("there", &["read"]);
    other["project_id"] = desk.other_project.get().into();
    assert_eq!(kind(&ask(&here, other).await), problem(404, "unknown-project"));
    let writer = desk.token(desk.people.owner, Scopes::of([Scope::Write]), None).await;
    assert_eq!(kind(&ask(&writer, wish("more", &["admin"])).await), problem(403, "forbidden"));
}

#[tokio::test]
async fn a_wish_that_cannot_be_says_what_is_wrong_with_it() {
    let desk = Desk::open().await;
    let ask = async |body: Value| desk.ask_as(Some(&desk.owner), Method::POST, TOKENS, Some(&body)).await;
    for body in [json!({}), json!([]), json!(null), wish("", &["read"]), wish("x", &["everything"])] {
        assert_eq!(kind(&ask(body.clone()).await), problem(422, "invalid"), "{body}");
    }
    let mut unknown = wish("x", &["read"]);
    unknown["colour"] = "red".into();
    assert_eq!(kind(&ask(unknown).await), problem(422, "invalid"));
    let broken = desk.client.post(TOKENS).header("authorization", format!("Bearer {}", desk.owner));
    let broken = broken.content_type("application/json").body(&b"{\"name\": \"\xff\"}"[..]);
    assert_eq!(kind(&Desk::answer(TOKENS, broken).await), problem(400, "bad-request"));
    let form = desk.client.post(TOKENS).header("authorization", format!("Bearer {}", desk.owner));
    let form = form.content_type("text/plain").body("name=x");
    assert_eq!(kind(&Desk::answer(TOKENS, form).await), problem(415, "unsupported-media-type"));
}

#[tokio::test]
async fn what_is_posted_twice_with_one_key_is_done_once() {
    let desk = Desk::open().await;
    let key = ("idempotency-key", "make-one");
    let first = post_with(&desk, TOKENS, key, &wish("once", &["read"])).await;
    assert_eq!(first.status.as_u16(), 201);
    let again = post_with(&desk, TOKENS, key, &wish("once", &["read"])).await;
    assert_eq!(kind(&again), problem(409, "answer-not-kept"), "a secret is not kept to be repeated");
    let other = post_with(&desk, TOKENS, key, &wish("twice", &["read"])).await;
    assert_eq!(kind(&other), problem(422, "key-reused"));
    let made = desk.ask(TOKENS).await.body["items"].as_array().unwrap().len();
    assert_eq!(made, 2, "the desk's own and one more");

    let key = ("idempotency-key", "refuse");
    let refused = post_with(&desk, TOKENS, key, &wish("", &["read"])).await;
    let repeated = post_with(&desk, TOKENS, key, &wish("", &["read"])).await;
    assert_eq!((kind(&refused), kind(&repeated)), (problem(422, "invalid"), problem(422, "invalid")));
    assert_eq!(header(&repeated, "idempotency-replayed"), "true");
    assert_eq!(repeated.body, refused.body, "the very answer");
    let bad = post_with(&desk, TOKENS, ("idempotency-key", ""), &wish("x", &["read"])).await;
    assert_eq!(kind(&bad), problem(400, "bad-request"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let desk = Desk::open().await;
    let large = "x".repeat(1024 * 1024);
    let refused = post_with(&desk, TOKENS, ("x-x", "x"), &wish(&large, &["read"])).await;
    assert_eq!(kind(&refused), problem(413, "too-large"));
    let stranger = desk.client.post(TOKENS).body_json(&wish(&large[..20_000], &["read"]));
    assert_eq!(kind(&Desk::answer(TOKENS, stranger).await), problem(413, "too-large"));
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is() {
    let slow = Settings { requests_per_second: NonZeroU32::MIN, ..Settings::default() };
    let desk = Desk::serving(slow).await;
    for left in (0..10).rev() {
        let answer = desk.ask("/api/v1/me").await;
        assert_eq!(answer.status.as_u16(), 200);
        assert_eq!(
            (header(&answer, "ratelimit-limit"), header(&answer, "ratelimit-remaining")),
            ("10", &*left.to_string())
        );
    }
    let refused = desk.ask("/api/v1/me").await;
    assert_eq!(kind(&refused), problem(429, "too-many-requests"));
    assert_eq!(header(&refused, "retry-after"), "1");
    let viewer = desk.token(desk.people.viewer, Scopes::ALL, None).await;
    assert_eq!(desk.ask_as(Some(&viewer), Method::GET, "/api/v1/me", None).await.status.as_u16(), 200);
}

#[tokio::test]
async fn an_answer_names_its_trace_and_a_problem_too() {
    let desk = Desk::open().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request =
        desk.client.get("/api/v1/me").header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let answer = Desk::answer("/api/v1/me", request).await;
    assert_eq!(header(&answer, "x-trace-id"), trace);
    assert!(header(&answer, "traceparent").starts_with(&format!("00-{trace}-")));
    assert_eq!(answer.body["instance"], format!("urn:trace:{trace}"));
    assert_eq!(header(&desk.ask("/api/v1/me").await, "x-trace-id").len(), 32);
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_who_takes_it() {
    let desk = Desk::open().await;
    for way in ["zstd", "gzip"] {
        let response = desk.client.get("/openapi.json").header("accept-encoding", way).send().await.0;
        assert_eq!(response.header("content-encoding"), Some(way));
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
        let packed = response.into_body().into_bytes().await.unwrap();
        assert!(packed.len() * 4 < beseda_http::openapi().len(), "{way}: {}", packed.len());
    }
    let small = desk.client.get("/health").header("accept-encoding", "gzip").send().await.0;
    assert_eq!(small.header("content-encoding"), None);
}

#[tokio::test]
async fn only_the_configured_sites_may_ask_from_a_browser() {
    let settings = Settings { origins: vec!["https://tools.example".into()], ..Settings::default() };
    let desk = Desk::serving(settings).await;
    for (origin, allowed) in [("https://tools.example", true), ("https://evil.example", false)] {
        let request = desk.client.options(TOKENS).header("origin", origin);
        let response = request.header("access-control-request-method", "POST").send().await.0;
        let answered = response.header("access-control-allow-origin");
        assert_eq!(answered == Some(origin), allowed, "{origin}: {answered:?}");
        assert_eq!(response.header("access-control-allow-credentials"), None);
    }
}

/// A browser: it keeps the cookies it is given.
struct Browser<'a> {
    desk: &'a Desk,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn new(desk: &'a Desk) -> Self {
        Self { desk, cookies: Vec::new() }
    }

    async fn ask(&mut self, method: Method, question: &str, own: bool, body: Option<&Value>) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.desk.client.request(method, question).header("cookie", cookies.join("; "));
        if own {
            request = request.header("x-requested-with", "desk").header("sec-fetch-site", "same-origin");
        }
        if let Some(body) = body {
            request = request.body_json(body);
        }
        let answer = Desk::answer(question, request).await;
        if let Some((name, rest)) = header(&answer, "set-cookie").split_once('=') {
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value));
        }
        answer
    }

    async fn poll(&mut self) -> Value {
        self.ask(Method::GET, "/api/v1/auth/telegram/poll", true, None).await.body["status"].clone()
    }
}

const ANN: PeerId = PeerId(77);

async fn with_bot() -> Desk {
    let settings = Settings {
        bot: Some("desk_bot".into()),
        public_url: Some("https://desk.example".into()),
        ..Settings::default()
    };
    let desk = Desk::serving(settings).await;
    let change = UserChange { telegram_id: Some(Some(ANN)), ..UserChange::default() };
    let by = persistence::outbox::Actor::System;
    desk.store.update_user(desk.people.owner, &change, by, SystemClock.now()).await.unwrap();
    desk
}

/// What the bot does when somebody opens the link.
async fn open_link(desk: &Desk, begun: &Answer, telegram_id: PeerId) -> (Confirmed, String) {
    let link = begun.body["link"].as_str().unwrap();
    let token = Credential::shown(link.split_once("?start=").unwrap().1);
    let visitor = Visitor { telegram_id, username: None };
    (desk.system.confirm_login(&token, &visitor, SystemClock.now()).await.unwrap(), token.code())
}

#[tokio::test]
async fn a_browser_comes_in_through_the_bot_once_and_goes_out_again() {
    let desk = with_bot().await;
    let (mut browser, mut other) = (Browser::new(&desk), Browser::new(&desk));
    let begun = browser.ask(Method::POST, "/api/v1/auth/telegram/token", true, None).await;
    assert!(begun.body["link"].as_str().unwrap().starts_with("https://t.me/desk_bot?start="));
    assert!(header(&begun, "set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure"));
    assert_eq!(browser.poll().await, "waiting");
    assert_eq!(open_link(&desk, &begun, PeerId(5)).await.0, Confirmed::Unknown, "nobody whom we know");
    let (confirmed, code) = open_link(&desk, &begun, ANN).await;
    assert_eq!(
        (confirmed, code.as_str()),
        (Confirmed::As(desk.people.owner), begun.body["code"].as_str().unwrap())
    );
    assert_eq!(open_link(&desk, &begun, ANN).await.0, Confirmed::TooLate, "a link is good once");
    assert_eq!(other.poll().await, "over", "another browser is not let in by it");
    assert_eq!(browser.poll().await, "done");
    assert_eq!(browser.poll().await, "over", "a login is good once");

    let me = browser.ask(Method::GET, "/api/v1/me", false, None).await;
    assert_eq!(me.body["username"], "owner");
    let patch = json!({ "display_name": "Ann" });
    let foreign = browser.ask(Method::PATCH, "/api/v1/me", false, Some(&patch)).await;
    assert_eq!(kind(&foreign), problem(403, "foreign-site"), "a form of another site");
    let own = browser.ask(Method::PATCH, "/api/v1/me", true, Some(&patch)).await;
    assert_eq!((own.status.as_u16(), &own.body["display_name"]), (200, &json!("Ann")));

    let session = browser.cookies.clone();
    assert_eq!(browser.ask(Method::POST, "/api/v1/auth/logout", true, None).await.status.as_u16(), 204);
    browser.cookies = session;
    let ended = browser.ask(Method::GET, "/api/v1/me", false, None).await;
    assert_eq!(kind(&ended), problem(401, "unauthorized"), "the cookie opens nothing any more");
}

#[tokio::test]
async fn without_a_bot_nobody_begins_a_login() {
    let desk = Desk::open().await;
    let begun = Browser::new(&desk).ask(Method::POST, "/api/v1/auth/telegram/token", true, None).await;
    assert_eq!(kind(&begun), problem(503, "unavailable"));
}
