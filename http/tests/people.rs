//! Those who run an installation, as they would ask: users, projects, members, settings, and who did what.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use desk::{Answer, Desk};
use domain::access::Scopes;
use poem::http::Method;
use serde_json::{Value, json};

/// A desk, and the token of whoever asks.
struct Seat {
    desk: Desk,
    token: String,
}

impl Seat {
    async fn of_admin() -> Self {
        let desk = Desk::open().await;
        let token = desk.token(desk.people.admin, Scopes::ALL, None).await;
        Self { desk, token }
    }

    async fn of_owner() -> Self {
        let desk = Desk::open().await;
        let token = desk.owner.clone();
        Self { desk, token }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.desk.ask_as(Some(&self.token), method, &format!("/api/v1{path}"), body.as_ref()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// Changes a project on the version of this tag.
    async fn change_project(&self, if_match: Option<&str>, body: Value) -> Answer {
        let path = format!("/api/v1/projects/{}", self.desk.project);
        let bearer = format!("Bearer {}", self.token);
        let mut request = self.desk.client.patch(&path).header("authorization", bearer).body_json(&body);
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        Desk::answer(&path, request).await
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
async fn an_administrator_adds_a_user_changes_them_and_takes_them_out_again() {
    let seat = Seat::of_admin().await;
    let new = json!({
        "username": "vera", "display_name": " Vera ", "role": "member", "locale": "ru", "timezone": "Europe/Moscow"
    });
    let added = seat.ask(Method::POST, "/users", Some(new.clone())).await;
    let vera = done(&added, 201)["id"].as_i64().unwrap();
    assert_eq!(added.body["display_name"], "Vera");
    assert_eq!(added.headers["location"], format!("/api/v1/users/{vera}"));
    is(&seat.ask(Method::POST, "/users", Some(new)).await, 409, "taken");

    let patch = json!({ "username": null, "project_quota": 2, "timezone": "Mars/Olympus" });
    let refused = seat.ask(Method::PATCH, &format!("/users/{vera}"), Some(patch)).await;
    is(&refused, 422, "invalid");
    assert_eq!(refused.body["errors"][0]["pointer"], "#/timezone");
    let patch = json!({ "username": null, "project_quota": 2, "status": "blocked" });
    let changed = seat.ask(Method::PATCH, &format!("/users/{vera}"), Some(patch)).await;
    assert!(done(&changed, 200).get("username").is_none());
    assert_eq!((&changed.body["project_quota"], &changed.body["status"]), (&json!(2), &json!("blocked")));

    let blocked = seat.get("/users?status=blocked").await;
    assert_eq!(done(&blocked, 200)["items"].as_array().unwrap().len(), 1);
    let me = seat.desk.people.admin;
    let demote = json!({ "role": "member" });
    is(&seat.ask(Method::PATCH, &format!("/users/{me}"), Some(demote)).await, 409, "in-use");
    is(&seat.ask(Method::DELETE, &format!("/users/{}", seat.desk.people.owner), None).await, 409, "in-use");
    done(&seat.ask(Method::DELETE, &format!("/users/{vera}"), None).await, 204);
    is(&seat.get(&format!("/users/{vera}")).await, 404, "unknown-user");
}

#[tokio::test]
async fn a_blocked_user_gets_nowhere_from_their_next_request_on() {
    let seat = Seat::of_admin().await;
    let viewer = seat.desk.token(seat.desk.people.viewer, Scopes::ALL, None).await;
    let project = format!("/api/v1/projects/{}", seat.desk.project);
    let ask = async || seat.desk.ask_as(Some(&viewer), Method::GET, &project, None).await;
    done(&ask().await, 200);
    let block = json!({ "status": "blocked" });
    let path = format!("/users/{}", seat.desk.people.viewer);
    done(&seat.ask(Method::PATCH, &path, Some(block)).await, 200);
    is(&ask().await, 401, "unauthorized");
}

#[tokio::test]
async fn a_project_is_made_changed_on_the_version_that_was_read_and_deleted_by_its_name() {
    let seat = Seat::of_owner().await;
    let new = json!({ "name": "trams", "timezone": "UTC", "approval": "by_rule", "label": "from the desk" });
    let made = seat.ask(Method::POST, "/projects", Some(new.clone())).await;
    let id = done(&made, 201)["id"].as_i64().unwrap();
    assert_eq!((&made.body["role"], &made.body["status"]), (&json!("owner"), &json!("active")));
    assert_eq!(made.headers["etag"], "\"1\"");
    is(&seat.ask(Method::POST, "/projects", Some(new)).await, 409, "taken");
    let all = seat.get("/projects?limit=1").await;
    assert_eq!(done(&all, 200)["items"][0]["id"], id);
    assert!(all.body["next"].is_string());

    let seen = seat.get(&format!("/projects/{}", seat.desk.project)).await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    let rename = json!({ "name": "first of all", "status": "paused" });
    is(&seat.change_project(None, rename.clone()).await, 428, "version-required");
    let changed = seat.change_project(Some(&tag), rename.clone()).await;
    assert_eq!(done(&changed, 200)["name"], "first of all");
    is(&seat.change_project(Some(&tag), rename).await, 412, "changed");
    let blank = seat.change_project(Some("*"), json!({ "label": " ", "name": "x" })).await;
    assert_eq!(blank.body["errors"][0]["pointer"], "#/label", "{}", blank.body);

    let delete = async |name: &str| {
        let path = format!("/projects/{}?confirm={name}", seat.desk.project);
        seat.ask(Method::DELETE, &path, None).await
    };
    let refused = delete("first").await;
    is(&refused, 422, "invalid");
    assert_eq!(refused.body["errors"][0]["pointer"], "confirm");
    done(&delete("first%20of%20all").await, 204);
    is(&seat.get(&format!("/projects/{}", seat.desk.project)).await, 404, "unknown-project");
    is(&seat.get(&format!("/projects/{}/posts", seat.desk.project)).await, 404, "unknown-project");
    let left = seat.get("/projects").await;
    assert_eq!(done(&left, 200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_of_one_project_sees_that_one_and_makes_no_other() {
    let seat = Seat::of_owner().await;
    let (owner, other) = (seat.desk.people.owner, seat.desk.other_project);
    let token = seat.desk.token(owner, Scopes::ALL, Some(other)).await;
    let seen = seat.desk.ask_as(Some(&token), Method::GET, "/api/v1/projects", None).await;
    let seen = done(&seen, 200)["items"].as_array().unwrap().clone();
    assert_eq!(seen.iter().map(|project| &project["id"]).collect::<Vec<_>>(), [&json!(other.get())]);
    let new = json!({ "name": "trams", "timezone": "UTC", "approval": "manual", "label": "from the desk" });
    is(&seat.desk.ask_as(Some(&token), Method::POST, "/api/v1/projects", Some(&new)).await, 403, "forbidden");
}

#[tokio::test]
async fn members_come_change_and_go_and_the_owner_stays_until_somebody_else_is_it() {
    let seat = Seat::of_owner().await;
    let members = format!("/projects/{}/members", seat.desk.project);
    let stranger = seat.desk.people.stranger;
    let both = json!({ "user_id": stranger.get(), "username": "stranger", "role": "viewer" });
    is(&seat.ask(Method::POST, &members, Some(both)).await, 422, "invalid");
    let nobody = json!({ "username": "nobody", "role": "viewer" });
    is(&seat.ask(Method::POST, &members, Some(nobody)).await, 404, "unknown-user");
    let added =
        seat.ask(Method::POST, &members, Some(json!({ "username": "@Stranger", "role": "viewer" }))).await;
    assert_eq!(done(&added, 201)["role"], "viewer");
    let theirs = format!("{members}/{stranger}");
    done(&seat.ask(Method::PATCH, &theirs, Some(json!({ "role": "owner" }))).await, 200);
    let list = seat.get(&members).await;
    let owners =
        done(&list, 200)["items"].as_array().unwrap().iter().filter(|one| one["role"] == "owner").count();
    assert_eq!(owners, 1);
    is(&seat.ask(Method::DELETE, &theirs, None).await, 403, "forbidden");
    let token = seat.desk.token(stranger, Scopes::ALL, None).await;
    let path = format!("/api/v1{theirs}");
    is(&seat.desk.ask_as(Some(&token), Method::DELETE, &path, None).await, 409, "in-use");
    let former = format!("/api/v1{members}/{}", seat.desk.people.owner);
    done(&seat.desk.ask_as(Some(&token), Method::DELETE, &former, None).await, 204);
    is(&seat.get(&members).await, 404, "unknown-project");
}

#[tokio::test]
async fn settings_are_set_within_their_ranges_and_set_back_and_a_quota_counts_at_once() {
    let seat = Seat::of_admin().await;
    let wrong = json!({ "records_days": 0, "readers_text_days": 99999 });
    let refused = seat.ask(Method::PATCH, "/settings", Some(wrong)).await;
    is(&refused, 422, "invalid");
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["#/records_days", "#/readers_text_days"]);
    let of = |answer: &Answer, key: &str| {
        let items = answer.body["items"].as_array().unwrap().clone();
        let item = items.into_iter().find(|item| item["key"] == key).unwrap();
        (item["value"].as_u64().unwrap(), item["origin"].as_str().unwrap().to_owned())
    };
    let set = seat
        .ask(Method::PATCH, "/settings", Some(json!({ "projects_per_user": 2, "records_days": 30 })))
        .await;
    assert_eq!(of(&set, "projects_per_user"), (2, "installation".to_owned()));
    let back = seat.ask(Method::PATCH, "/settings", Some(json!({ "records_days": null }))).await;
    assert_eq!(of(&back, "records_days"), (7, "default".to_owned()), "what the service was configured with");

    let new = json!({ "name": "third", "timezone": "UTC", "approval": "manual", "label": "from the desk" });
    let third = seat.desk.ask_as(Some(&seat.desk.owner), Method::POST, "/api/v1/projects", Some(&new)).await;
    is(&third, 409, "quota-reached");

    let project = format!("/projects/{}/settings", seat.desk.project);
    let own = seat.ask(Method::PATCH, &project, Some(json!({ "accounts_per_project": 4 }))).await;
    assert_eq!(of(&own, "accounts_per_project"), (4, "project".to_owned()));
    let foreign = seat.ask(Method::PATCH, &project, Some(json!({ "records_days": 4 }))).await;
    assert_eq!(foreign.status.as_u16() / 100, 4, "a project has no such setting: {}", foreign.body);
    let owner = seat.desk.ask(&format!("/api/v1{project}")).await;
    assert_eq!(of(&owner, "accounts_per_project"), (4, "project".to_owned()));
    let raise = json!({ "accounts_per_project": 400 });
    let path = format!("/api/v1{project}");
    is(&seat.desk.ask_as(Some(&seat.desk.owner), Method::PATCH, &path, Some(&raise)).await, 403, "forbidden");
}

#[tokio::test]
async fn who_did_what_is_told_to_those_of_the_project_and_all_of_it_to_administrators() {
    let seat = Seat::of_owner().await;
    done(&seat.change_project(Some("*"), json!({ "name": "trams" })).await, 200);
    let audit = format!("/projects/{}/audit", seat.desk.project);
    let told = seat.get(&format!("{audit}?action=project")).await;
    let entry = &done(&told, 200)["items"][0];
    assert_eq!((&entry["action"], &entry["username"]), (&json!("project.updated"), &json!("owner")));
    assert_eq!(entry["changes"], json!([{ "field": "name", "value": "trams" }]));
    let none = seat.get(&format!("{audit}?subject=project:999")).await;
    assert!(done(&none, 200)["items"].as_array().unwrap().is_empty());
    let elsewhere = seat.get(&format!("/projects/{}/audit?action=project", seat.desk.other_project)).await;
    assert!(done(&elsewhere, 200)["items"].as_array().unwrap().is_empty());
    is(&seat.get("/audit").await, 403, "forbidden");
    let admin = seat.desk.token(seat.desk.people.admin, Scopes::ALL, None).await;
    let all = seat.desk.ask_as(Some(&admin), Method::GET, "/api/v1/audit?limit=1", None).await;
    let next = done(&all, 200)["next"].as_str().unwrap().to_owned();
    let other_filter = format!("/api/v1/audit?limit=1&action=project&after={next}");
    is(&seat.desk.ask_as(Some(&admin), Method::GET, &other_filter, None).await, 400, "bad-cursor");
}
