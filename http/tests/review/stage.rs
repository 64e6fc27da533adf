//! A project with drafts that wait for a reviewer, its tree, and the gateway in front of it.

use std::sync::Arc;

use actors::clock::SystemClock;
use actors::{NoCourier, Ports, Records, Settings, System};
use beseda_http::Gateway;
use domain::access::Scopes;
use domain::id::{ProjectId, UserId};
use domain::policy::Approval;
use domain::time::{Clock as _, Timestamp, Zone};
use persistence::access::NewToken;
use persistence::outbox::Actor;
use persistence::setup::{Locale, NewUser, Role};
use persistence::watching::RecordPosts;
use persistence::{DatabaseConfig, Durability, Store};
use poem::EndpointExt as _;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method};
use poem::test::TestClient;
use serde_json::Value;
use telegram::Unreached;
use testkit::{Line, Scene, Sketch, seen_post};
use writing::TemplateWriter;

pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) scene: Scene,
    /// A token of the project's owner.
    pub(crate) owner: String,
    /// A token of an administrator's, who belongs to no project.
    pub(crate) admin: String,
    client: TestClient<BoxEndpoint<'static>>,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{} is not JSON: {}", self.status, self.text))
    }

    /// The end of a problem's type.
    pub(crate) fn problem(&self) -> (u16, String) {
        let kind = self.body()["type"].as_str().unwrap_or_default().to_owned();
        (self.status, kind.trim_start_matches("urn:beseda:").to_owned())
    }
}

impl Stage {
    /// As many drafts as posts, by the time of this machine.
    pub(crate) async fn set(posts: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("stage.db").display());
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 2 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        let now = SystemClock.now();
        let sketch = Sketch { approval: Approval::Manual, now, ..Sketch::default() };
        let scene = Scene::new(&store, &sketch).await.unwrap();
        draft(&store, &scene, posts).await;
        let admin = administrator(&store, now).await;
        let owner = token(&store, scene.user, now).await;
        let admin = token(&store, admin, now).await;
        let ports = Ports {
            records: Records::of(store.clone()),
            telegram: Arc::new(Unreached),
            logins: Arc::new(Unreached),
            probes: Arc::new(Unreached),
            writer: Arc::new(TemplateWriter),
            courier: Arc::new(NoCourier),
            clock: Arc::new(SystemClock),
            probe: None,
        };
        let system = System::start(ports, Settings::default()).await.unwrap();
        let client = TestClient::new(Gateway::new(store.clone(), system).endpoint().boxed());
        Self { store, scene, owner, admin, client, _folder: folder }
    }

    pub(crate) fn project(&self) -> ProjectId {
        self.scene.project
    }

    /// Reads something below the project, as its owner.
    pub(crate) async fn get(&self, below: &str) -> Answer {
        self.ask(&self.owner, Method::GET, &self.place(below), None, None).await
    }

    /// Does something below the project, as its owner.
    pub(crate) async fn post(&self, below: &str, body: Value) -> Answer {
        self.ask(&self.owner, Method::POST, &self.place(below), Some(body), None).await
    }

    pub(crate) fn place(&self, below: &str) -> String {
        format!("/api/v1/projects/{}/{below}", self.project())
    }

    pub(crate) async fn ask(
        &self,
        token: &str,
        method: Method,
        place: &str,
        body: Option<Value>,
        if_match: Option<&str>,
    ) -> Answer {
        let mut request =
            self.client.request(method, place).header("authorization", format!("Bearer {token}"));
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        if let Some(body) = body {
            request = request.body_json(&body);
        }
        let response = request.send().await.0;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.into_body().into_string().await.unwrap() }
    }
}

async fn draft(store: &Store, scene: &Scene, posts: i64) {
    let posts = (1..=posts).map(|number| seen_post(number, "Spring is here", scene.now)).collect();
    let record = RecordPosts { channel: scene.channels[0], posts, empty: Vec::new() };
    store.record_posts(&[record], scene.now).await.unwrap();
    let mut line = Line::default();
    line.plan(store, scene, scene.now).await.unwrap();
    line.write(store, scene.now).await.unwrap();
}

async fn administrator(store: &Store, now: Timestamp) -> UserId {
    let user = NewUser {
        telegram_id: None,
        username: Some("admin".into()),
        display_name: "Admin".into(),
        role: Role::Admin,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    store.create_user(&user, now).await.unwrap()
}

async fn token(store: &Store, user: UserId, now: Timestamp) -> String {
    let token = NewToken { user, project: None, name: "test".into(), scopes: Scopes::ALL, expires_at: None };
    store.create_token(&token, Actor::System, now).await.unwrap().1.expose().to_owned()
}
