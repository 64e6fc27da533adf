//! Webhooks as an integrator and an owner use them over HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use desk::{Answer, Desk};
use poem::http::Method;
use serde_json::{Value, json};

impl Desk {
    async fn hooks(&self, method: Method, rest: &str, body: Option<Value>) -> Answer {
        let path = format!("/api/v1/projects/{}/webhooks{rest}", self.project);
        self.ask_as(Some(&self.owner), method, &path, body.as_ref()).await
    }
}

#[tokio::test]
async fn a_webhook_is_added_shown_without_its_secret_changed_and_removed() {
    let desk = Desk::open().await;
    let draft = json!({ "url": "https://example.com/hook", "types": ["comment.sent"] });
    let made = desk.hooks(Method::POST, "", Some(draft)).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(made.headers["cache-control"], "no-store");
    let id = made.body["webhook"]["id"].as_i64().unwrap();
    assert!(made.headers["location"].to_str().unwrap().ends_with(&format!("/webhooks/{id}")));
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));

    let shown = desk.hooks(Method::GET, &format!("/{id}"), None).await;
    assert_eq!((shown.status.as_u16(), &shown.body["status"]), (200, &json!("enabled")));
    let listed = desk.hooks(Method::GET, "", None).await;
    assert_eq!(listed.body["items"], json!([shown.body]));
    assert!(!shown.body.to_string().contains("whsec_") && !listed.body.to_string().contains("whsec_"));

    let patch = json!({ "enabled": false, "description": "off for now" });
    let changed = desk.hooks(Method::PATCH, &format!("/{id}"), Some(patch)).await;
    assert_eq!((&changed.body["status"], &changed.body["url"]), (&json!("disabled"), &shown.body["url"]));
    let rotated = desk.hooks(Method::POST, &format!("/{id}/rotate"), None).await;
    assert_eq!(rotated.status.as_u16(), 200, "{}", rotated.body);
    assert_ne!(rotated.body["secret"], json!(secret));
    assert!(rotated.body["webhook"]["old_secret_until"].is_string());

    let deliveries = desk.hooks(Method::GET, &format!("/{id}/deliveries?state=failed"), None).await;
    assert_eq!((deliveries.status.as_u16(), &deliveries.body["items"]), (200, &json!([])));
    let replayed = desk.hooks(Method::POST, &format!("/{id}/replay"), None).await;
    assert_eq!((replayed.status.as_u16(), &replayed.body), (200, &json!({ "replayed": 0 })));
    let missing = desk.hooks(Method::POST, &format!("/{id}/deliveries/5/replay"), None).await;
    assert_eq!(
        (missing.status.as_u16(), &missing.body["type"]),
        (404, &json!("urn:beseda:unknown-delivery"))
    );

    assert_eq!(desk.hooks(Method::DELETE, &format!("/{id}"), None).await.status.as_u16(), 204);
    let gone = desk.hooks(Method::GET, &format!("/{id}"), None).await;
    assert_eq!((gone.status.as_u16(), &gone.body["type"]), (404, &json!("urn:beseda:unknown-webhook")));
}

#[tokio::test]
async fn an_address_that_webhooks_do_not_go_to_is_refused_with_its_reason() {
    let desk = Desk::open().await;
    let wrong = [
        ("http://example.com/", "https"),
        ("https://localhost/", "private"),
        ("https://169.254.169.254/", "private"),
        ("https://[::1]:8080/", "private"),
        ("https://me:secret@example.com/", "password"),
        ("nonsense", "address"),
    ];
    for (url, reason) in wrong {
        let answer = desk.hooks(Method::POST, "", Some(json!({ "url": url }))).await;
        assert_eq!(answer.status.as_u16(), 422, "{url}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], "#/url", "{url}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(reason), "{url}: {detail}");
    }
    let unknown = json!({ "url": "https://example.com/", "color": "red" });
    assert!(desk.hooks(Method::POST, "", Some(unknown)).await.status.is_client_error());
}
