//! A desk to ask: a database with two projects, one of which has seen five posts and decided against a comment under each, a
//! running tree, and the gateway in front of both.

use std::sync::Arc;
use std::time::Duration;

use actors::clock::SystemClock;
use actors::{NoCourier, Ports, Records, Settings, System};
use beseda_http::Gateway;
use domain::comment::SkipReason;
use domain::disclosure::Label;
use domain::id::{MessageId, PeerId, ProjectId};
use domain::job::{Job, JobKind};
use domain::planning::Decision;
use domain::policy::Approval;
use domain::time::{Timestamp, Zone};
use persistence::planning::{PlanOutcome, PlanSubject};
use persistence::queue::Claim;
use persistence::setup::{Locale, NewChannel, NewProject, NewUser, Role};
use persistence::vault::{Vault, VaultKey};
use persistence::watching::{Media, RecordPosts, SeenPost};
use persistence::{DatabaseConfig, Durability, Store};
use poem::EndpointExt as _;
use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use serde_json::Value;
use telegram::Unreached;
use writing::TemplateWriter;

/// 2026-03-02T09:00:00Z.
const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);
const NODE: &str = "desk";

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) project: ProjectId,
    pub(crate) other_project: ProjectId,
    pub(crate) client: TestClient<BoxEndpoint<'static>>,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) body: Value,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display());
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 2 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        let store = store.unlock(Vault::new(vec![VaultKey::from_bytes([7; 32])])).await.unwrap();
        let (project, other_project) = projects(&store).await;
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
        let gateway = Gateway::new(store.clone(), system);
        Self {
            store,
            project,
            other_project,
            client: TestClient::new(gateway.endpoint().boxed()),
            _folder: folder,
        }
    }

    pub(crate) async fn ask(&self, question: &str) -> Answer {
        self.ask_by(Method::GET, question).await
    }

    pub(crate) async fn ask_by(&self, method: Method, question: &str) -> Answer {
        let response = self.client.request(method, question).send().await.0;
        let status = response.status();
        let kind = response.content_type().unwrap_or_default().to_owned();
        let text = response.into_body().into_string().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{question}: not JSON: {text}"));
        Answer { status, kind, body }
    }
}

async fn projects(store: &Store) -> (ProjectId, ProjectId) {
    let user = NewUser {
        telegram_id: None,
        username: Some("editor".into()),
        display_name: "Editor".into(),
        role: Role::Member,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    let owner = store.create_user(&user, MORNING).await.unwrap();
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
