//! The control of a simulated world: a small JSON interface on loopback, for tests and for people who try things out.
//!
//! It is not part of the gateway: it is served only by `beseda simulator`, needs no login, and decides nothing. `GET /` tells
//! how the world is, `GET /accounts/N` what an account's owner knows, `POST /` does something to it.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::listener::TcpAcceptor;
use poem::web::{Data, Json, Path};
use poem::{Endpoint, EndpointExt as _, Response, Route, Server, get, handler};
use serde_json::{Value, json};

use crate::error::HttpError;
use crate::gateway::{GRACE, Listener, guard};

/// What is controlled.
pub trait Control: Send + Sync + 'static {
    /// How it is.
    fn state(&self) -> Value;

    /// What an account's owner knows; `None` if there is no such account.
    fn account(&self, index: u32) -> Option<Value>;

    /// Does what a command says and yields what came of it.
    ///
    /// # Errors
    /// What is wrong with the command, in words.
    fn act(&self, command: Value) -> Result<Value, String>;
}

type Controlled = Arc<dyn Control>;

/// All routes of a control.
fn endpoint(control: Controlled) -> impl Endpoint<Output = Response> + 'static {
    let routes = Route::new().at("/", get(state).post(act)).at("/accounts/:index", get(account));
    guard(routes.data(control))
}

#[handler]
fn state(control: Data<&Controlled>) -> Json<Value> {
    Json(control.state())
}

#[handler]
fn account(control: Data<&Controlled>, Path(index): Path<u32>) -> (StatusCode, Json<Value>) {
    match control.account(index) {
        Some(account) => (StatusCode::OK, Json(account)),
        None => (StatusCode::NOT_FOUND, Json(json!({ "wrong": "there is no such account" }))),
    }
}

#[handler]
fn act(control: Data<&Controlled>, Json(command): Json<Value>) -> (StatusCode, Json<Value>) {
    match control.act(command) {
        Ok(outcome) => (StatusCode::OK, Json(outcome)),
        Err(wrong) => (StatusCode::BAD_REQUEST, Json(json!({ "wrong": wrong }))),
    }
}

impl Listener {
    /// Serves a control until `stop` is done.
    ///
    /// # Errors
    /// [`HttpError::Serve`].
    pub async fn serve_control(
        self,
        control: Arc<dyn Control>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), HttpError> {
        let acceptor = TcpAcceptor::from_tokio(self.into_socket()).map_err(HttpError::Serve)?;
        let server = Server::new_with_acceptor(acceptor);
        let served = server.run_with_graceful_shutdown(endpoint(control), stop, Some(GRACE));
        served.await.map_err(HttpError::Serve)
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;

    use super::*;

    /// Knows one account and does what it is told if that is a number.
    struct Counter;

    impl Control for Counter {
        fn state(&self) -> Value {
            json!({ "counts": true })
        }

        fn account(&self, index: u32) -> Option<Value> {
            (index == 1).then(|| json!({ "phone": "+1" }))
        }

        fn act(&self, command: Value) -> Result<Value, String> {
            command.as_i64().map(|number| json!(number + 1)).ok_or_else(|| "not a number".to_owned())
        }
    }

    #[tokio::test]
    async fn a_control_tells_acts_and_says_what_is_wrong() {
        let client = TestClient::new(endpoint(Arc::new(Counter)));
        client.get("/").send().await.assert_json(json!({ "counts": true })).await;
        client.get("/accounts/1").send().await.assert_json(json!({ "phone": "+1" })).await;
        client.get("/accounts/2").send().await.assert_status(StatusCode::NOT_FOUND);
        client.post("/").body_json(&json!(41)).send().await.assert_json(json!(42)).await;
        let wrong = client.post("/").body_json(&json!("x")).send().await;
        wrong.assert_status(StatusCode::BAD_REQUEST);
        wrong.assert_json(json!({ "wrong": "not a number" })).await;
    }
}
