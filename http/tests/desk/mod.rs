//! A desk to ask: a database with two projects of one owner, the first of which has seen five posts and decided against a
//! comment under each, people of every role, a running tree, and the gateway in front of both.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use actors::clock::SystemClock;
use actors::{NoCourier, Ports, Records, Settings, System};
use beseda_http::Gateway;
use domain::access::{ProjectRole, Scopes};
use domain::comment::SkipReason;
use domain::disclosure::Label;
use domain::id::{MessageId, PeerId, ProjectId, UserId};
use domain::job::{Job, JobKind};
use domain::planning::Decision;
use domain::policy::Approval;
use domain::time::{Timestamp, Zone};
use persistence::access::NewToken;
use persistence::outbox::Actor;
use persistence::people::Who;
use persistence::planning::{PlanOutcome, PlanSubject};
use persistence::queue::Claim;
use persistence::setup::{Locale, NewChannel, NewProject, NewUser, Role};
use persistence::vault::{Vault, VaultKey};
use persistence::watching::{Media, RecordPosts, SeenPost};
use persistence::{DatabaseConfig, Durability, Store};
use poem::EndpointExt as _;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::test::{TestClient, TestRequestBuilder};
use serde_json::Value;
use telegram::Unreached;
use writing::TemplateWriter;

/// 2026-03-02T09:00:00Z.
const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);
const NODE: &str = "desk";

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) system: System,
    pub(crate) project: ProjectId,
    pub(crate) other_project: ProjectId,
    pub(crate) people: People,
    /// A token of the owner's with every scope.
    pub(crate) owner: String,
    pub(crate) client: TestClient<BoxEndpoint<'static>>,
    _folder: tempfile::TempDir,
}

/// Everybody there is.
#[derive(Clone, Copy)]
pub(crate) struct People {
    /// Owns both projects; administers nothing else.
    pub(crate) owner: UserId,
    /// A viewer of the first project.
    pub(crate) viewer: UserId,
    /// A reviewer of the first project.
    pub(crate) reviewer: UserId,
    /// An editor of the first project.
    pub(crate) editor: UserId,
    /// Belongs to neither project.
    pub(crate) stranger: UserId,
    /// Administers the installation and belongs to no project.
    pub(crate) admin: UserId,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) headers: HeaderMap,
    /// `Value::Null` when it is empty.
    pub(crate) body: Value,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::serving(beseda_http::Settings::default()).await
    }

    /// A desk whose gateway serves otherwise.
    pub(crate) async fn serving(settings: beseda_http::Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display());
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 2 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        let store = store.unlock(Vault::new(vec![VaultKey::from_bytes([7; 32])])).await.unwrap();
        let people = people(&store).await;
        let (project, other_project) = projects(&store, people.owner).await;
        join(&store, project, people).await;
        let owner = token(&store, people.owner, Scopes::ALL, None).await;
        see_posts(&store, project).await;
        decide_against_comments(&store, project).await;

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
        let gateway = Gateway::new(store.clone(), system.clone()).with_settings(settings);
        Self {
            store,
            system,
            project,
            other_project,
            people,
            owner,
            client: TestClient::new(gateway.endpoint().boxed()),
            _folder: folder,
        }
    }

    /// Reads something as the owner.
    pub(crate) async fn ask(&self, question: &str) -> Answer {
        self.ask_as(Some(&self.owner), Method::GET, question, None).await
    }

    /// Asks with a token or without, and with a body or without.
    pub(crate) async fn ask_as(
        &self,
        token: Option<&str>,
        method: Method,
        question: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = self.client.request(method, question);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.body_json(body);
        }
        Self::answer(question, request).await
    }

    /// What comes back to a request.
    pub(crate) async fn answer(
        question: &str,
        request: TestRequestBuilder<'_, BoxEndpoint<'static>>,
    ) -> Answer {
        let response = request.send().await.0;
        let (status, headers) = (response.status(), response.headers().clone());
        let kind = response.content_type().unwrap_or_default().to_owned();
        // A stream does not end by itself.
        let stream = kind.starts_with("text/event-stream");
        let text = if stream { String::new() } else { response.into_body().into_string().await.unwrap() };
        let body = match &*text {
            "" => Value::Null,
            text if kind.contains("json") => {
                serde_json::from_str(text).unwrap_or_else(|_| panic!("{question} {status}: not JSON: {text}"))
            }
            text => Value::from(text),
        };
        Answer { status, kind, headers, body }
    }

    /// A new token.
    pub(crate) async fn token(&self, user: UserId, scopes: Scopes, project: Option<ProjectId>) -> String {
        token(&self.store, user, scopes, project).await
    }
}

async fn token(store: &Store, user: UserId, scopes: Scopes, project: Option<ProjectId>) -> String {
    let token = NewToken { user, project, name: "test".into(), scopes, expires_at: None };
    let (_, token) = store.create_token(&token, Actor::System, MORNING).await.unwrap();
    token.expose().to_owned()
}

async fn people(store: &Store) -> People {
    let user = |name: &str, role| NewUser {
        telegram_id: None,
        username: Some(name.into()),
        display_name: name.into(),
        role,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    People {
        owner: store.create_user(&user("owner", Role::Member), MORNING).await.unwrap(),
        viewer: store.create_user(&user("viewer", Role::Member), MORNING).await.unwrap(),
        reviewer: store.create_user(&user("reviewer", Role::Member), MORNING).await.unwrap(),
        editor: store.create_user(&user("editor", Role::Member), MORNING).await.unwrap(),
        stranger: store.create_user(&user("stranger", Role::Member), MORNING).await.unwrap(),
        admin: store.create_user(&user("admin", Role::Admin), MORNING).await.unwrap(),
    }
}

async fn projects(store: &Store, owner: UserId) -> (ProjectId, ProjectId) {
    let project = |name: &str| NewProject {
        owner,
        name: name.into(),
        zone: Zone::UTC,
        approval: Approval::Manual,
        label: Label::new("from the editors' assistant").unwrap(),
    };
    let first = store.create_project(&project("first"), MORNING).await.unwrap();
    let second = store.create_project(&project("second"), MORNING).await.unwrap();
    (first, second)
}

async fn join(store: &Store, project: ProjectId, people: People) {
    let members = [
        (people.viewer, ProjectRole::Viewer),
        (people.reviewer, ProjectRole::Reviewer),
        (people.editor, ProjectRole::Editor),
    ];
    for (user, role) in members {
        store.add_member(project, Who::User(user), role, people.owner, MORNING).await.unwrap();
    }
}

async fn see_posts(store: &Store, project: ProjectId) {
    let channel = NewChannel {
        telegram_id: PeerId(1001),
        username: Some("tram_news".into()),
        title: "Tram news".into(),
        about: String::new(),
        discussion: Some(PeerId(1002)),
        newest: MessageId(0),
        members: None,
    };
    let channel = store.create_channels(project, &[channel], MORNING).await.unwrap()[0];
    for number in 1..=5 {
        let post = SeenPost {
            message: MessageId(number),
            grouped: None,
            text: format!("שלום 👋🏽 post {number}"),
            media: vec![Media::Photo],
            published_at: MORNING + Duration::from_secs(number.unsigned_abs()),
            edited_at: None,
            comments_open: true,
            views: 0,
            forwards: 0,
            reactions: 0,
        };
        let seen = RecordPosts { channel, posts: vec![post], empty: vec![] };
        store.record_posts(&[seen], MORNING).await.unwrap();
    }
}

async fn decide_against_comments(store: &Store, project: ProjectId) {
    let claim = Claim { node: NODE, limit: 10, kinds: &[JobKind::PlanPost], lease: Duration::from_secs(60) };
    let outcomes: Vec<_> = store
        .claim(&claim, MORNING)
        .await
        .unwrap()
        .into_iter()
        .map(|claimed| {
            let Job::PlanPost { post, .. } = claimed.job else { panic!("another job was claimed") };
            let decision = Decision::Skip(SkipReason::NoConsent);
            PlanOutcome { lease: claimed.lease, subject: PlanSubject::Opener(post), decision }
        })
        .collect();
    store.apply_plans(NODE, project, &outcomes, MORNING).await.unwrap();
}
