//! What reviewers and administrators do through the gateway: they find, read, rewrite and decide, one comment or all that
//! match; they ask things of jobs, read figures, and attend to the running tree.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod stage;

use std::time::Duration;

use poem::http::Method;
use serde_json::{Value, json};

use stage::Stage;

/// The only comment that waits, by its id.
async fn waiting(stage: &Stage) -> i64 {
    let page = stage.get("comments?state=drafted&state=void").await.body();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{page}");
    assert_eq!(items[0]["draft"], "What do you think?");
    items[0]["id"].as_i64().unwrap()
}

fn wrong_state() -> (u16, String) {
    (409, "wrong-state".to_owned())
}

#[tokio::test]
async fn a_reviewer_rewrites_what_was_read_and_nothing_else() {
    let stage = Stage::set(1).await;
    let comment = waiting(&stage).await;
    let read = stage.get(&format!("comments/{comment}")).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!((tag.as_str(), &read.body()["post"]["text"]), ("\"1\"", &json!("Spring is here")));
    let place = stage.place(&format!("comments/{comment}/draft"));
    let rewrite = async |text: &str, tag: Option<&str>| {
        stage.ask(&stage.owner, Method::PUT, &place, Some(json!({ "text": text })), tag).await
    };
    assert_eq!(rewrite("Mine", None).await.problem(), (428, "version-required".to_owned()));
    assert_eq!(rewrite("   ", Some(&tag)).await.problem(), (422, "invalid".to_owned()));
    let written = rewrite("Mine", Some(&tag)).await;
    assert_eq!(
        (written.status, written.headers["etag"].to_str().unwrap()),
        (200, "\"2\""),
        "{}",
        written.text
    );
    assert_eq!(written.body()["drafts"][1]["author"], "person");
    assert_eq!(rewrite("Mine too", Some(&tag)).await.problem(), (412, "changed".to_owned()));
}

#[tokio::test]
async fn an_approval_of_another_text_or_after_another_decision_is_a_conflict_that_says_so() {
    let stage = Stage::set(1).await;
    let comment = waiting(&stage).await;
    let approve = async |revision: u32, post_revision: u32| {
        let body = json!({ "revision": revision, "post_revision": post_revision });
        stage.post(&format!("comments/{comment}/approval"), body).await
    };
    assert_eq!(approve(2, 0).await.problem(), wrong_state());
    assert_eq!(approve(1, 1).await.problem(), wrong_state());
    let approved = approve(1, 0).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    assert_eq!(approved.body()["decisions"][0]["user_name"], "Owner");
    let late = stage.post(&format!("comments/{comment}/rejection"), json!({ "revision": 1 })).await;
    assert_eq!(late.problem(), wrong_state());
    let detail = late.body()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("approved at 20") && detail.ends_with("by Owner"), "{detail}");
    let cancelled = stage.post(&format!("comments/{comment}/cancellation"), json!({})).await.body();
    assert_eq!(
        (&cancelled["comment"]["state"], &cancelled["comment"]["reason"]),
        (&json!("skipped"), &json!("cancelled"))
    );
    let place = stage.place(&format!("comments/{comment}/retry"));
    let retried = stage.ask(&stage.owner, Method::POST, &place, None, None).await;
    assert_eq!(retried.problem(), wrong_state());
}

#[tokio::test]
async fn a_comment_whose_window_closed_is_tried_again() {
    let stage = Stage::set(1).await;
    let comment = waiting(&stage).await;
    let later = stage.scene.now + Duration::from_secs(2 * 3600);
    stage.store.expire_comments(later, 10).await.unwrap();
    let place = stage.place(&format!("comments/{comment}/retry"));
    let retried = stage.ask(&stage.owner, Method::POST, &place, None, None).await;
    assert_eq!(
        (retried.status, &retried.body()["comment"]["state"]),
        (200, &json!("drafted")),
        "{}",
        retried.text
    );
}

#[tokio::test]
async fn all_that_match_are_counted_before_they_are_changed() {
    let stage = Stage::set(3).await;
    let filter = json!({ "states": ["drafted"], "channel_id": stage.scene.channels[0].get() });
    let counted = stage.post("comments/count", json!({ "action": "approve", "filter": filter })).await.body();
    assert_eq!(counted["count"], 3);
    let sweep = |expected: u32| json!({ "filter": filter, "expected": expected, "counted_at": counted["counted_at"] });
    let refused = stage.post("comments/approvals", sweep(2)).await;
    assert_eq!(refused.problem(), wrong_state());
    assert!(refused.body()["detail"].as_str().unwrap().contains("means 3 by now"), "{}", refused.text);
    let done = stage.post("comments/approvals", sweep(3)).await;
    assert_eq!((done.status, done.body()), (200, json!({ "applied": 3, "left": [] })), "{}", done.text);
    let none = stage.post("comments/count", json!({ "action": "reject" })).await.body();
    assert_eq!(none["count"], 0);
    for (place, count) in [("comments/rejections", 0), ("comments/retries", 0), ("comments/cancellations", 3)]
    {
        let body = json!({ "expected": count, "counted_at": counted["counted_at"] });
        let done = stage.post(place, body).await;
        assert_eq!((done.status, &done.body()["applied"]), (200, &json!(count)), "{place}: {}", done.text);
    }
    let unknown =
        stage.post("comments/approvals", json!({ "expected": 0, "counted_at": 5, "all": true })).await;
    assert_eq!(unknown.status, 422, "{}", unknown.text);
}

#[tokio::test]
async fn jobs_are_listed_counted_cancelled_and_retried() {
    let stage = Stage::set(2).await;
    let written = stage.get("jobs?kind=write_draft&state=done&limit=1").await.body();
    let job = &written["items"][0];
    assert!(
        job["comment_id"].is_i64() && job["finished_at"].is_string() && written["next"].is_string(),
        "{written}"
    );
    let place = format!("jobs/{}", job["id"]);
    assert_eq!(&stage.get(&place).await.body(), job);
    let done =
        stage.ask(&stage.owner, Method::POST, &stage.place(&format!("{place}/retry")), None, None).await;
    assert_eq!(done.problem(), wrong_state());
    assert!(done.body()["detail"].as_str().unwrap().ends_with("the job is done"), "{}", done.text);
    assert_eq!(stage.get("jobs?lane_account_id=1&lane_channel_id=1").await.problem().0, 400);
    assert_eq!(stage.get("jobs?kind=made_up").await.problem().0, 400);

    // One send for each approval, due within the hour.
    let counted = stage.post("comments/count", json!({ "action": "approve" })).await.body();
    let all = json!({ "expected": 2, "counted_at": counted["counted_at"] });
    assert_eq!(stage.post("comments/approvals", all).await.status, 200);
    let sends = json!({ "kinds": ["send_comment"] });
    let sweep = |expected: u32| json!({ "filter": sends, "expected": expected });
    let count = async |wish: &str| {
        let body = json!({ "wish": wish, "filter": sends });
        stage.post("jobs/count", body).await.body()["count"].as_u64().unwrap()
    };
    assert_eq!((count("cancel").await, count("retry").await), (2, 0));
    assert_eq!(stage.post("jobs/cancellations", sweep(1)).await.problem(), wrong_state());
    assert_eq!(stage.post("jobs/cancellations", sweep(2)).await.body(), json!({ "applied": 2, "left": 0 }));
    assert_eq!(stage.post("jobs/retries", sweep(2)).await.body(), json!({ "applied": 2, "left": 0 }));
}

#[tokio::test]
async fn figures_are_told_by_the_day_as_json_and_as_csv() {
    let stage = Stage::set(2).await;
    let later = stage.scene.now + Duration::from_secs(2 * 3600);
    stage.store.expire_comments(later, 10).await.unwrap();
    let day = later.rfc3339()[..10].to_owned();
    let days = format!("from={day}&to={day}");
    let account = stage.scene.accounts[0];
    let told = stage.get(&format!("metrics?by=account&{days}")).await.body();
    let row = &told["items"][0];
    assert_eq!(
        (&row["day"], &row["account_id"], &row["expired"]),
        (&json!(day), &json!(account.get()), &json!(2))
    );
    let whole = stage.get(&format!("metrics?{days}")).await.body();
    assert_eq!((whole["items"].as_array().unwrap().len(), whole["items"][0].get("account_id")), (1, None));
    let table = stage.get(&format!("metrics.csv?by=account&{days}")).await;
    assert_eq!(table.headers["content-type"], "text/csv");
    let names = "day,account_id,sent,refused,expired,removed,visible,replies,reactions,flood_waits";
    assert_eq!(table.text, format!("{names}\r\n{day},{account},0,0,2,0,0,0,0,0\r\n"));
    for wrong in ["from=2026-03-02&to=2026-03-01", "from=2020-01-01&to=2026-03-01", "from=yesterday"] {
        assert_eq!(stage.get(&format!("metrics?{wrong}")).await.problem(), (400, "bad-request".to_owned()));
    }
}

#[tokio::test]
async fn an_administrator_pauses_everything_and_sees_the_queue_and_the_nodes() {
    let stage = Stage::set(1).await;
    let ask = async |method: Method, place: &str, body: Option<Value>| {
        stage.ask(&stage.admin, method, &format!("/api/v1/system/{place}"), body, None).await.body()
    };
    assert_eq!(ask(Method::GET, "pause", None).await, json!({ "paused": false }));
    assert_eq!(ask(Method::PUT, "pause", Some(json!({ "paused": true }))).await, json!({ "paused": true }));
    assert_eq!(ask(Method::GET, "pause", None).await, json!({ "paused": true }));
    assert!(stage.store.is_system_paused().await.unwrap());
    let queues = ask(Method::GET, "queues", None).await;
    let audits = queues["items"].as_array().unwrap().iter().find(|kind| kind["kind"] == "audit_channel");
    assert!(audits.is_some_and(|audits| audits["running"].is_u64()), "{queues}");
    let nodes = ask(Method::GET, "nodes", None).await;
    assert_eq!((nodes["items"].as_array().unwrap().len(), &nodes["items"][0]["here"]), (1, &json!(true)));
}

#[tokio::test]
async fn an_administrator_has_one_actor_started_anew() {
    let stage = Stage::set(1).await;
    let restart = async |place: &str| {
        let place = format!("/api/v1/system/tree/{place}/restart");
        stage.ask(&stage.admin, Method::POST, &place, None, None).await
    };
    let name = format!("account:{}", stage.scene.accounts[0]);
    let restarted = restart(&format!("accounts/{name}")).await;
    assert_eq!(restarted.status, 200, "{}", restarted.text);
    let actor = restarted.body();
    assert_eq!(
        (&actor["name"], &actor["status"], &actor["restarts"]),
        (&json!(name), &json!("running"), &json!(1))
    );
    for nobody in ["accounts/account:0", "accounts/queue", "beseda/accounts", "nowhere/x"] {
        assert_eq!(restart(nobody).await.problem(), (404, "unknown-actor".to_owned()), "{nobody}");
    }
}
