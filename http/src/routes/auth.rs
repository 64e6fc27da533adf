//! `/api/v1/auth`: how a browser comes in and goes out.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use persistence::access::{Awaited, Credential, LOGIN_LIFE, SESSION_LIFE};
use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::Part;
use crate::auth::{Reader, cookie};
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::{Failure, Kind};

/// A login that waits for its link to be opened.
#[derive(Debug, Object)]
#[oai(example)]
struct AskedLogin {
    /// The link to the bot; whoever opens it within ten minutes is let in here.
    link: String,
    /// Four digits that the bot shows too, so that nobody lets somebody else in by mistake.
    code: String,
    /// When the link ends.
    expires_at: DateTime<Utc>,
}

/// How a login stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum LoginStatus {
    /// Nobody has opened the link yet.
    Waiting,
    /// The browser is logged in from now on.
    Done,
    /// It ended, or was used before; begin another one.
    Over,
}

/// How a browser's login stands.
#[derive(Debug, Object)]
#[oai(example)]
struct AwaitedLogin {
    /// How it stands.
    status: LoginStatus,
}

impl Example for AskedLogin {
    fn example() -> Self {
        Self {
            link: "https://t.me/beseda_bot?start=Jd2b0Y4v1Xo3kq8ZP5s7rT9uW6eF0aGhLmNcQbVxKyE".into(),
            code: "0417".into(),
            expires_at: moment(Timestamp::from_secs(1_772_442_600)),
        }
    }
}

impl Example for AwaitedLogin {
    fn example() -> Self {
        Self { status: LoginStatus::Waiting }
    }
}

#[derive(ApiResponse)]
enum Begun {
    /// The login is on its way.
    #[oai(status = 200)]
    Whole(
        Json<AskedLogin>,
        /// What the browser keeps until it is let in.
        #[oai(header = "Set-Cookie")]
        String,
        /// `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum Polled {
    /// How the login stands.
    #[oai(status = 200)]
    Whole(
        Json<AwaitedLogin>,
        /// The session's cookie, once, when it is done.
        #[oai(header = "Set-Cookie")]
        Option<String>,
        /// `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum LoggedOut {
    /// The session has ended.
    #[oai(status = 204)]
    Done(
        /// Takes the cookie away.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

pub(crate) struct AuthApi;

#[OpenApi(tag = "Part::Access")]
impl AuthApi {
    /// Begin a login through the Telegram bot
    ///
    /// Shows the link and the code to whoever sits before the browser; then poll until the link was opened. The browser keeps
    /// a cookie meanwhile: only the browser that began the login is let in by it.
    #[oai(path = "/api/v1/auth/telegram/token", method = "post", operation_id = "beginTelegramLogin")]
    async fn begin(&self, gateway: Data<&Gateway>) -> Result<Begun, Failure> {
        let Some(bot) = &gateway.settings.bot else {
            let detail = "this installation has no bot to log in through";
            return Err(Failure::of(Kind::Unavailable, detail.to_owned()));
        };
        let asked = gateway.store.ask_login(gateway.clock.now()).await?;
        let login = AskedLogin {
            link: format!("https://t.me/{bot}?start={}", asked.token.expose()),
            code: asked.token.code(),
            expires_at: moment(asked.expires_at),
        };
        let kept = cookie::give(cookie::LOGIN, &asked.browser, LOGIN_LIFE, gateway.settings.https());
        Ok(Begun::Whole(Json(login), kept, "no-store".into()))
    }

    /// Ask whether the login was confirmed
    ///
    /// By the cookie of the login that this browser began. When its link was opened, this answer begins the session, once.
    #[oai(path = "/api/v1/auth/telegram/poll", method = "get", operation_id = "pollTelegramLogin")]
    async fn poll(&self, gateway: Data<&Gateway>, request: &Request) -> Result<Polled, Failure> {
        let awaited = match cookie::read(request, cookie::LOGIN) {
            Some(secret) => {
                gateway.store.await_login(&Credential::shown(secret), gateway.clock.now()).await?
            }
            None => Awaited::Over,
        };
        let (status, session) = match awaited {
            Awaited::Waiting => (LoginStatus::Waiting, None),
            Awaited::Over => (LoginStatus::Over, None),
            Awaited::In(session) => (LoginStatus::Done, Some(session)),
        };
        let https = gateway.settings.https();
        let given = session.map(|session| cookie::give(cookie::SESSION, &session, SESSION_LIFE, https));
        Ok(Polled::Whole(Json(AwaitedLogin { status }), given, "no-store".into()))
    }

    /// Log out
    ///
    /// Ends the session of this browser. A token is not touched: revoke it instead.
    #[oai(path = "/api/v1/auth/logout", method = "post", operation_id = "logOut")]
    async fn log_out(
        &self,
        gateway: Data<&Gateway>,
        _caller: Reader,
        request: &Request,
    ) -> Result<LoggedOut, Failure> {
        if let Some(secret) = cookie::read(request, cookie::SESSION) {
            gateway.store.end_session(&Credential::shown(secret)).await?;
        }
        Ok(LoggedOut::Done(cookie::take(cookie::SESSION, gateway.settings.https())))
    }
}
