//! Every route, asked as a client would ask: what it answers when all is well, and the problem it answers when it is not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use desk::Desk;
use domain::access::Scopes;
use poem::http::{Method, StatusCode};
use serde_json::Value;

/// One question to a path of the description and what must come back. `{project}` stands for the project of the test's desk.
struct Case {
    path: &'static str,
    question: &'static str,
    status: u16,
    /// The end of a problem's `type`; empty for an answer that is none.
    problem: &'static str,
    /// Whether an administrator of the installation asks, and not the project's owner.
    admin: bool,
}

const fn fine(path: &'static str, question: &'static str) -> Case {
    Case { path, question, status: 200, problem: "", admin: false }
}

const fn by_admin(path: &'static str, question: &'static str) -> Case {
    Case { path, question, status: 200, problem: "", admin: true }
}

const fn wrong(path: &'static str, question: &'static str, status: u16, problem: &'static str) -> Case {
    Case { path, question, status, problem, admin: false }
}

const POSTS: &str = "/api/v1/projects/{project_id}/posts";
const COMMENTS: &str = "/api/v1/projects/{project_id}/comments";

const CASES: &[Case] = &[
    fine("/health", "/health"),
    by_admin("/api/v1/system/tree", "/api/v1/system/tree"),
    fine(POSTS, "/api/v1/projects/{project}/posts"),
    fine(POSTS, "/api/v1/projects/{project}/posts?limit=200"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?after=c1", 400, "bad-cursor"),
    wrong(POSTS, "/api/v1/projects/999999/posts", 404, "unknown-project"),
    wrong(POSTS, "/api/v1/projects/-1/posts", 404, "unknown-project"),
    wrong(POSTS, "/api/v1/projects/first/posts", 400, "bad-request"),
    wrong(POSTS, "/api/v1/projects/9223372036854775808/posts", 400, "bad-request"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?limit=0", 400, "bad-request"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?limit=201", 400, "bad-request"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?limit=many", 400, "bad-request"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?after=5", 400, "bad-cursor"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?after=", 400, "bad-cursor"),
    wrong(POSTS, "/api/v1/projects/{project}/posts?after=c99999999999999999999", 400, "bad-cursor"),
    fine(COMMENTS, "/api/v1/projects/{project}/comments"),
    fine(COMMENTS, "/api/v1/projects/{project}/comments?state=skipped&limit=1"),
    wrong(COMMENTS, "/api/v1/projects/999999/comments", 404, "unknown-project"),
    wrong(COMMENTS, "/api/v1/projects/%20/comments", 400, "bad-request"),
    wrong(COMMENTS, "/api/v1/projects/{project}/comments?state=lost", 400, "bad-request"),
    wrong(COMMENTS, "/api/v1/projects/{project}/comments?after=c-1x", 400, "bad-cursor"),
];

#[tokio::test]
async fn every_route_answers_and_every_wrong_question_is_a_problem() {
    let desk = Desk::open().await;
    let admin = desk.token(desk.people.admin, Scopes::ALL, None).await;
    let description: Value = serde_json::from_str(&beseda_http::openapi()).unwrap();
    for case in CASES {
        assert!(description["paths"][case.path]["get"].is_object(), "{} is not described", case.path);
        let question = case.question.replace("{project}", &desk.project.to_string());
        let token = if case.admin { &admin } else { &desk.owner };
        let answer = desk.ask_as(Some(token), Method::GET, &question, None).await;
        assert_eq!(answer.status.as_u16(), case.status, "{question}: {}", answer.body);
        if case.problem.is_empty() {
            assert_eq!(answer.kind, "application/json; charset=utf-8", "{question}");
        } else {
            assert_eq!(answer.kind, "application/problem+json", "{question}");
            assert_eq!(answer.body["type"], format!("urn:beseda:{}", case.problem), "{question}");
            assert_eq!(answer.body["status"], case.status, "{question}");
            assert!(answer.body["title"].is_string(), "{question}");
        }
    }
}

#[tokio::test]
async fn what_is_not_a_route_is_a_problem_too() {
    let desk = Desk::open().await;
    let nowhere = desk.ask("/api/v2").await;
    assert_eq!(
        (nowhere.status, &nowhere.body["type"]),
        (StatusCode::NOT_FOUND, &"urn:beseda:unknown-route".into())
    );
    let refused = desk.ask_as(None, Method::DELETE, "/health", None).await;
    let expected = (StatusCode::METHOD_NOT_ALLOWED, &"urn:beseda:method-not-allowed".into());
    assert_eq!((refused.status, &refused.body["type"]), expected);
}

#[tokio::test]
async fn following_the_cursors_shows_every_post_once_and_the_newest_first() {
    let desk = Desk::open().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = desk.ask(&format!("/api/v1/projects/{}/posts?limit=2{after}", desk.project)).await.body;
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty() && items.len() <= 2);
        seen.extend(items.iter().map(|post| post["message_id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_post_is_shown_with_its_text_its_times_and_its_channel() {
    let desk = Desk::open().await;
    let page = desk.ask(&format!("/api/v1/projects/{}/posts?limit=1", desk.project)).await.body;
    let post = &page["items"][0];
    assert_eq!(post["text"], "שלום 👋🏽 post 5");
    assert_eq!(post["channel_title"], "Tram news");
    assert_eq!(post["media"], serde_json::json!(["photo"]));
    assert_eq!(post["published_at"], "2026-03-02T09:00:05+00:00");
    assert!(post.get("edited_at").is_none(), "what is not there is left out");
}

#[tokio::test]
async fn comments_are_shown_by_state_with_the_reason_they_were_skipped_for() {
    let desk = Desk::open().await;
    let comments = |filter: &str| format!("/api/v1/projects/{}/comments{filter}", desk.project);
    let skipped = desk.ask(&comments("?state=skipped")).await.body;
    assert_eq!(skipped["items"].as_array().unwrap().len(), 5);
    assert_eq!(skipped["items"][0]["reason"], "no_consent");
    assert_eq!(skipped["items"][0]["intent"], "opener");
    let sent = desk.ask(&comments("?state=sent")).await.body;
    assert_eq!(sent["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn one_project_never_sees_what_is_anothers() {
    let desk = Desk::open().await;
    for list in ["posts", "comments"] {
        let page = desk.ask(&format!("/api/v1/projects/{}/{list}", desk.other_project)).await.body;
        assert_eq!(page["items"].as_array().unwrap().len(), 0, "{list}");
    }
}

#[tokio::test]
async fn the_tree_has_a_root_and_what_it_supervises() {
    let desk = Desk::open().await;
    let admin = desk.token(desk.people.admin, Scopes::ALL, None).await;
    let tree = desk.ask_as(Some(&admin), Method::GET, "/api/v1/system/tree", None).await.body;
    assert_eq!((&tree["name"], &tree["status"]), (&"beseda".into(), &"running".into()));
    let groups: Vec<_> = tree["children"].as_array().unwrap().iter().map(|group| &group["kind"]).collect();
    assert!(
        groups.contains(&&Value::from("accounts")) && groups.contains(&&Value::from("queue")),
        "{groups:?}"
    );
}

#[tokio::test]
async fn a_database_that_went_away_is_unhealthy_and_its_cause_stays_in_the_log() {
    let desk = Desk::open().await;
    desk.store.close().await.unwrap();
    let health = desk.ask("/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(health.body["condition"], "failing");
    assert_eq!(health.body["dependencies"][0]["name"], "database");
    assert_eq!(health.body["dependencies"][0]["condition"], "failing");
    let posts = desk.ask(&format!("/api/v1/projects/{}/posts", desk.project)).await;
    assert_eq!(posts.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(posts.kind, "application/problem+json");
    assert!(posts.body.get("detail").is_none(), "{}", posts.body);
}

#[tokio::test]
async fn the_docs_are_one_page_that_asks_nobody_else() {
    let desk = Desk::open().await;
    let page = desk.client.get("/docs").send().await;
    page.assert_status_is_ok();
    let policy = page.0.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let text = page.0.into_body().into_string().await.unwrap();
    assert!(text.contains("SwaggerUIBundle") && text.contains("listComments"));
    for elsewhere in ["<link", "src=\"http", "src='http", "@import"] {
        assert!(!text.contains(elsewhere), "{elsewhere}");
    }
}

#[tokio::test]
async fn the_description_is_served_as_it_is_printed() {
    let desk = Desk::open().await;
    let served = desk.ask("/openapi.json").await;
    let printed: Value = serde_json::from_str(&beseda_http::openapi()).unwrap();
    assert_eq!(served.body, printed);
}
