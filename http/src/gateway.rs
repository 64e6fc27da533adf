//! The gateway as a whole: every route under one roof, the pages that describe them, and the socket they are served on.
//!
//! Binding comes before serving, as a step of its own: whoever starts the product learns that the address is taken before
//! anything else has begun, and learns the port when it asked for any.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actors::System;
use actors::clock::SystemClock;
use domain::time::{Clock, Timestamp};
use persistence::Store;
use poem::endpoint::make_sync;
use poem::http::header;
use poem::listener::TcpAcceptor;
use poem::middleware::{CatchPanic, Cors, SetHeader};
use poem::web::Html;
use poem::{Endpoint, EndpointExt as _, IntoResponse, Response, Route, Server};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use tokio::net::TcpListener;

use crate::deprecation::{self, DEPRECATED};
use crate::error::HttpError;
use crate::limits::{self, Paced, Rates};
use crate::live::Live;
use crate::routes::{
    ACCOUNTS, AuthApi, CATALOGUE, COMMENTS, DeliveriesApi, EventsApi, HealthApi, JOBS, MeApi, MetricsApi,
    PEOPLE, ProjectsApi, SYSTEM, TokensApi, WebhooksApi,
};
use crate::settings::Settings;
use crate::{auth, compression, description, idempotency, problem, trace};

/// How long requests in hand may take once the gateway is told to stop.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// All that the page of `/docs` needs is in it, and its browser is to ask nobody else for anything.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; \
                           connect-src 'self'";

/// What the routes answer from.
#[derive(Clone)]
pub struct Gateway {
    /// Where everything is kept.
    pub(crate) store: Store,
    /// The running tree.
    pub(crate) system: System,
    /// How it serves.
    pub(crate) settings: Arc<Settings>,
    /// How often each may ask.
    pub(crate) rates: Arc<Rates>,
    /// The time of those who ask, by which tokens and sessions end. The tree's own may run faster, in a demo.
    pub(crate) clock: Arc<dyn Clock>,
    /// What the streams of events share.
    pub(crate) live: Live,
}

impl Gateway {
    /// A gateway to a running tree and what it works on, by the machine's time.
    #[must_use]
    pub fn new(store: Store, system: System) -> Self {
        let settings = Settings::default();
        let rates = Arc::new(Rates::per_second(settings.requests_per_second));
        Self {
            store,
            system,
            settings: Arc::new(settings),
            rates,
            clock: Arc::new(SystemClock),
            live: Live::new(),
        }
    }

    /// The same gateway, serving otherwise.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        let rates = Arc::new(Rates::per_second(settings.requests_per_second));
        Self { settings: Arc::new(settings), rates, ..self }
    }

    /// The same gateway by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The tree's time: what is written into projects happens by it.
    pub(crate) fn now(&self) -> Timestamp {
        self.system.now()
    }

    /// All routes and pages, ready to be served or to be asked by a test.
    #[must_use]
    pub fn endpoint(self) -> impl Endpoint<Output = Response> + 'static {
        let service = service();
        let (raw, description) = (service.spec(), openapi());
        let page = service.swagger_ui_html().replacen(&raw, &description, 1);
        let policy = SetHeader::new().overriding(header::CONTENT_SECURITY_POLICY, DOCS_POLICY);
        let routes = Route::new()
            .at("/docs", make_sync(move |_| Html(page.clone())).with(policy))
            .at("/openapi.json", make_sync(move |_| described(description.clone())))
            .nest("/", service);
        let cors = cors(&self.settings.origins);
        guard(routes)
            .around(|inside, request| deprecation::announce(DEPRECATED, inside, request))
            .around(idempotency::once)
            .around(limits::whole)
            .around(limits::within)
            .around(auth::identify)
            .data(self)
            .boxed() // the type of all layers together is deeper than the compiler looks
            .around(compression::compress)
            .catch_all_error(problem::translate)
            .with_if(cors.is_some(), cors.unwrap_or_default())
            .around(trace::follow)
    }
}

/// What pages of other sites may ask: with a token, never with a session.
fn cors(origins: &[String]) -> Option<Cors> {
    const EXPOSED: [&str; 9] = [
        "ETag",
        "Location",
        "Retry-After",
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Reset",
        "X-Trace-ID",
        "Deprecation",
        "Sunset",
    ];
    (!origins.is_empty()).then(|| {
        let cors = Cors::new().allow_credentials(false).allow_origins(origins.iter().map(String::as_str));
        cors.expose_headers(EXPOSED)
    })
}

fn described(description: String) -> Response {
    Response::builder().content_type("application/json").body(description)
}

/// Makes problems of all that goes wrong inside.
pub(crate) fn guard<E: IntoResponse>(
    inside: impl Endpoint<Output = E> + 'static,
) -> impl Endpoint<Output = Response> + 'static {
    inside.with(CatchPanic::new().with_handler(problem::panicked)).catch_all_error(problem::translate)
}

/// The description of the API: OpenAPI 3, JSON.
#[must_use]
pub fn openapi() -> String {
    description::complete(&service().spec())
}

fn service() -> OpenApiService<impl OpenApi, ()> {
    let access = (AuthApi, MeApi, TokensApi);
    let review = (COMMENTS, JOBS, MetricsApi);
    let live = (EventsApi, WebhooksApi, DeliveriesApi);
    OpenApiService::new((HealthApi, access, SYSTEM, ProjectsApi, review, CATALOGUE, PEOPLE, ACCOUNTS, live), "Beseda", env!("CARGO_PKG_VERSION"))
        .description(
            "An engagement desk for Telegram channels. Lists are pages, newest first: pass `next` of one page as `after` \
             to get the following one. What goes wrong is answered with an RFC 9457 problem whose `type` is stable.",
        )
        .license(LicenseObject::new("MIT OR Apache-2.0"))
}

/// An address that is bound and not served yet; connections made meanwhile wait.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds to an address; port 0 takes any free one.
    ///
    /// # Errors
    /// [`HttpError::Listen`].
    pub async fn bind(address: SocketAddr) -> Result<Self, HttpError> {
        let bound = async {
            let socket = TcpListener::bind(address).await?;
            Ok(Self { address: socket.local_addr()?, socket })
        };
        bound.await.map_err(|source| HttpError::Listen { address, source })
    }

    /// The address, with the port that was taken.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The bound socket, for whoever serves something else on it.
    pub(crate) fn into_socket(self) -> TcpListener {
        self.socket
    }

    /// Serves until `stop` is done, then lets the requests in hand finish for up to five seconds.
    ///
    /// # Errors
    /// [`HttpError::Serve`].
    pub async fn serve(self, gateway: Gateway, stop: impl Future<Output = ()>) -> Result<(), HttpError> {
        let acceptor = TcpAcceptor::from_tokio(self.socket).map_err(HttpError::Serve)?;
        let live = gateway.live.clone();
        let stop = async move {
            stop.await;
            live.close(); // streams do not end by themselves
        };
        let served = Server::new_with_acceptor(Paced::new(acceptor)).run_with_graceful_shutdown(
            gateway.endpoint(),
            stop,
            Some(GRACE),
        );
        served.await.map_err(HttpError::Serve)
    }
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;
    use poem::test::TestClient;

    use super::*;

    #[tokio::test]
    async fn a_panic_and_a_foreign_error_are_problems_that_keep_their_cause_to_themselves() {
        let panics = make_sync(|_| -> Response { panic!("the secret cause") });
        let fails = make_sync(|_| -> poem::Result<Response> {
            Err(poem::error::InternalServerError(std::io::Error::other("the secret cause")))
        });
        let client = TestClient::new(guard(Route::new().at("/panics", panics).at("/fails", fails)));
        for path in ["/panics", "/fails"] {
            let response = client.get(path).send().await.0;
            assert_eq!(response.status().as_u16(), 500, "{path}");
            assert_eq!(response.content_type(), Some("application/problem+json"), "{path}");
            let body = response.into_body().into_string().await.unwrap();
            assert!(body.contains("urn:beseda:internal") && !body.contains("secret"), "{path}: {body}");
        }
    }
}
