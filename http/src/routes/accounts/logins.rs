//! `/api/v1/projects/{project_id}/logins`, and the import of a session: how accounts come in.
//!
//! A login lives as long as the process and ten minutes at most. What its owner types is passed on and kept nowhere; no answer
//! that could hold a key is kept for a repeated request either.

use actors::{ImportSession, Method, OngoingLogin, SessionForm as Form, StartLogin, read_session};
use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{AccountId, LoginId, ProjectId, ProxyId};
use domain::login::State;
use domain::time::Timestamp;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use secrecy::{ExposeSecret as _, SecretString};

use super::account::{Account, read};
use super::login::{AccountLogin, LoginMethod};
use super::not_logged_in;
use super::picture::picture;
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::{Failure, FieldError, Kind};
use crate::routes::{Made, Part};

/// A login to be begun.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct LoginRequest {
    /// By which way.
    method: LoginMethod,
    /// The phone number in international form, for a login by phone.
    #[oai(validator(min_length = 5, max_length = 24))]
    phone: Option<String>,
    /// The account that is to come back; another one is refused then.
    #[oai(validator(minimum(value = "1")))]
    for_account_id: Option<i64>,
    /// The proxy that the login goes through, and the account from then on.
    #[oai(validator(minimum(value = "1")))]
    proxy_id: Option<i64>,
}

/// The code that the owner typed.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
struct TypedCode {
    /// The code.
    #[oai(validator(min_length = 1, max_length = 32))]
    code: String,
}

/// The password that the owner typed.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
struct TypedPassword {
    /// The password of two-step verification.
    #[oai(validator(min_length = 1, max_length = 1024))]
    password: String,
}

/// A QR code to be scanned.
#[derive(Object)]
#[oai(example)]
struct LoginQr {
    /// What it says.
    url: String,
    /// Its picture, SVG.
    svg: String,
    /// Until when it counts; another one follows.
    expires_at: DateTime<Utc>,
}

/// The form of a session's string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "Form", rename_all = "snake_case")]
enum SessionForm {
    /// Telethon's `StringSession`.
    Telethon,
    /// Pyrogram's `export_session_string`.
    Pyrogram,
}

/// A session that was made elsewhere.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
struct SessionToImport {
    /// The form of its string.
    form: SessionForm,
    /// Its string: a key to the whole account.
    #[oai(validator(min_length = 1, max_length = 4096))]
    session: String,
    /// That the account is your own or your team's, and that the session is used nowhere else: Telegram voids one that is used
    /// in two places. It stands in the audit log.
    confirmed: bool,
    /// The account that is to come back; another one is refused then.
    #[oai(validator(minimum(value = "1")))]
    for_account_id: Option<i64>,
    /// The proxy that leads to Telegram, and that the account goes through from then on.
    #[oai(validator(minimum(value = "1")))]
    proxy_id: Option<i64>,
}

#[derive(ApiResponse)]
enum Shown {
    /// Where the login is.
    #[oai(status = 200)]
    Whole(
        Json<AccountLogin>,
        /// `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum Picture {
    /// The QR code, to be scanned.
    #[oai(status = 200)]
    Whole(
        Json<LoginQr>,
        /// `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

pub(crate) struct LoginsApi;

#[OpenApi(tag = "Part::Accounts")]
impl LoginsApi {
    /// Begin a login
    ///
    /// For an account that its owner connects, or that is to come back. Then ask where it is: it says what the owner is to do.
    /// It ends after ten minutes.
    #[oai(path = "/api/v1/projects/:project_id/logins", method = "post", operation_id = "startLogin")]
    async fn start(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<LoginRequest>,
    ) -> Result<Made<AccountLogin>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let wish = body.0;
        let method = match (wish.method, wish.phone) {
            (LoginMethod::Phone, Some(phone)) => Method::Phone(phone.into()),
            (LoginMethod::Qr, None) => Method::Qr,
            (LoginMethod::Phone, None) => return Err(wrong("/phone", "a login by phone needs it")),
            (LoginMethod::Qr, Some(_)) => return Err(wrong("/phone", "a login by QR code has none")),
        };
        let request = StartLogin {
            project,
            by: caller.user(),
            method,
            for_account: wish.for_account_id.map(AccountId),
            proxy: wish.proxy_id.map(ProxyId),
        };
        let login = gateway.system.start_login(request).await.map_err(not_logged_in)?;
        let place = format!("/api/v1/projects/{project}/logins/{login}");
        Ok(Made::Whole(Json(find(&gateway, project, login).await?.into()), place))
    }

    /// Tell where a login is
    ///
    /// And what its owner is to do next. A login that ended can be looked at until its place is taken.
    #[oai(path = "/api/v1/projects/:project_id/logins/:login_id", method = "get", operation_id = "getLogin")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The login.
        login_id: Path<i64>,
    ) -> Result<Shown, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        shown(&gateway, project, LoginId(login_id.0)).await
    }

    /// Show a login's QR code
    ///
    /// As long as one is to be scanned: its owner does that in Telegram's settings, under Devices. It counts as a key to the
    /// account, so seeing it takes more than reading.
    #[oai(
        path = "/api/v1/projects/:project_id/logins/:login_id/qr",
        method = "post",
        operation_id = "showLoginQr"
    )]
    async fn qr(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The login.
        login_id: Path<i64>,
    ) -> Result<Picture, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let login = find(&gateway, project, LoginId(login_id.0)).await?;
        let State::QrShown { url, expires_at } = login.state else {
            return Err(Failure::wrong_state(format!("the login is {}", login.state.name())));
        };
        let url = url.expose_secret().to_owned();
        let svg = picture(&url).map_err(|error| {
            tracing::error!(%error, "a QR code could not be drawn");
            Failure::of(Kind::Internal, None)
        })?;
        Ok(Picture::Whole(Json(LoginQr { url, svg, expires_at: moment(expires_at) }), "no-store".into()))
    }

    /// Type a login's code
    ///
    /// The one that Telegram sent. A wrong one may be typed again, three times in all.
    #[oai(
        path = "/api/v1/projects/:project_id/logins/:login_id/code",
        method = "post",
        operation_id = "submitLoginCode"
    )]
    async fn code(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The login.
        login_id: Path<i64>,
        body: Body<TypedCode>,
    ) -> Result<Shown, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let login = find(&gateway, project, LoginId(login_id.0)).await?.id;
        gateway.system.submit_code(login, body.0.code.into()).await.map_err(not_logged_in)?;
        shown(&gateway, project, login).await
    }

    /// Type a login's password
    ///
    /// That of two-step verification. A wrong one may be typed again, three times in all.
    #[oai(
        path = "/api/v1/projects/:project_id/logins/:login_id/password",
        method = "post",
        operation_id = "submitLoginPassword"
    )]
    async fn password(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The login.
        login_id: Path<i64>,
        body: Body<TypedPassword>,
    ) -> Result<Shown, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let login = find(&gateway, project, LoginId(login_id.0)).await?.id;
        gateway.system.submit_password(login, body.0.password.into()).await.map_err(not_logged_in)?;
        shown(&gateway, project, login).await
    }

    /// Give a login up
    ///
    /// Nothing is changed by it.
    #[oai(
        path = "/api/v1/projects/:project_id/logins/:login_id/cancel",
        method = "post",
        operation_id = "cancelLogin"
    )]
    async fn cancel(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The login.
        login_id: Path<i64>,
    ) -> Result<Shown, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let login = find(&gateway, project, LoginId(login_id.0)).await?.id;
        gateway.system.cancel_login(login).await.map_err(not_logged_in)?;
        shown(&gateway, project, login).await
    }

    /// Import a session
    ///
    /// One that was made elsewhere, of an account that is yours or your team's. Telegram says whose it is before anything is
    /// kept.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/import",
        method = "post",
        operation_id = "importAccount"
    )]
    async fn import(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<SessionToImport>,
    ) -> Result<Made<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let given = body.0;
        if !given.confirmed {
            let detail =
                "confirm that the account is yours or your team's, and the session used nowhere else";
            return Err(wrong("/confirmed", detail));
        }
        let text = SecretString::from(given.session.trim());
        let session = read_session(given.form.into(), &text).map_err(not_logged_in)?;
        let import = ImportSession {
            project,
            confirmed_by: caller.user(),
            session,
            for_account: given.for_account_id.map(AccountId),
            proxy: given.proxy_id.map(ProxyId),
        };
        let account = gateway.system.import_session(import).await.map_err(not_logged_in)?.account;
        let place = format!("/api/v1/projects/{project}/accounts/{account}");
        Ok(Made::Whole(Json(read(&gateway, project, account).await?), place))
    }
}

fn wrong(pointer: &str, detail: &str) -> Failure {
    Failure::invalid(vec![FieldError::at(pointer, detail)])
}

async fn find(gateway: &Gateway, project: ProjectId, login: LoginId) -> Result<OngoingLogin, Failure> {
    gateway.system.login(project, login).await.map_err(not_logged_in)
}

async fn shown(gateway: &Gateway, project: ProjectId, login: LoginId) -> Result<Shown, Failure> {
    Ok(Shown::Whole(Json(find(gateway, project, login).await?.into()), "no-store".into()))
}

impl Example for LoginRequest {
    fn example() -> Self {
        Self {
            method: LoginMethod::Phone,
            phone: Some("+49 30 901820".into()),
            for_account_id: None,
            proxy_id: Some(2),
        }
    }
}

impl Example for LoginQr {
    fn example() -> Self {
        Self {
            url: "tg://login?token=AQLtoken".into(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into(),
            expires_at: moment(Timestamp::from_secs(1_772_442_030)),
        }
    }
}

impl Example for TypedCode {
    fn example() -> Self {
        Self { code: "12345".into() }
    }
}

impl Example for TypedPassword {
    fn example() -> Self {
        Self { password: "correct horse".into() }
    }
}

impl Example for SessionToImport {
    fn example() -> Self {
        Self {
            form: SessionForm::Telethon,
            session: "1ApWapzMBu...".into(),
            confirmed: true,
            for_account_id: None,
            proxy_id: None,
        }
    }
}
