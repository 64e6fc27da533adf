//! A login, as the API shows it.

use actors::OngoingLogin;
use chrono::{DateTime, Utc};
use domain::id::AccountId;
use domain::login::{CodeRoute as Route, CodeSent, State};
use domain::time::Timestamp;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::moment::moment;

/// By which way an account is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum LoginMethod {
    /// By its phone number and a code that Telegram sends.
    Phone,
    /// By a QR code that its owner scans in an application where it is logged in.
    Qr,
}

/// Where a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum LoginStep {
    /// Telegram is asked.
    Starting,
    /// Telegram sent a code; its owner types it.
    CodeSent,
    /// The code was wrong; the owner types it again.
    CodeWrong,
    /// The account has a password; its owner types it.
    PasswordNeeded,
    /// The password was wrong; the owner types it again.
    PasswordWrong,
    /// A QR code is to be shown.
    QrShown,
    /// Telegram asked for a wait; the login goes on by itself.
    Waiting,
    /// The account is connected.
    Done,
    /// It ended without a login, and nothing was changed; `failure` says why.
    Failed,
    /// Its time is over.
    Expired,
    /// A person gave it up.
    Cancelled,
}

/// How a code reaches its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum CodeRoute {
    /// As a message in an application where the account is logged in.
    App,
    /// As a text message.
    Sms,
    /// By a phone call.
    Call,
    /// In another way.
    Other,
}

/// A login that goes on or has just ended.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct AccountLogin {
    /// Its id.
    id: i64,
    /// By which way.
    method: LoginMethod,
    /// Where it is.
    step: LoginStep,
    /// When it expires unless it is done.
    expires_at: DateTime<Utc>,
    /// The account that is to come back, if it is to be a certain one.
    #[oai(skip_serializing_if_is_none)]
    for_account_id: Option<i64>,
    /// How the code went out.
    #[oai(skip_serializing_if_is_none)]
    code_route: Option<CodeRoute>,
    /// How many digits the code has, if Telegram says so.
    #[oai(skip_serializing_if_is_none)]
    code_length: Option<u8>,
    /// What the owner wrote down as a reminder of the password.
    #[oai(skip_serializing_if_is_none)]
    password_hint: Option<String>,
    /// How many more codes, or passwords, may be typed.
    #[oai(skip_serializing_if_is_none)]
    tries_left: Option<u8>,
    /// Until when the QR code counts that is to be shown; another one follows.
    #[oai(skip_serializing_if_is_none)]
    qr_expires_at: Option<DateTime<Utc>>,
    /// The end of the wait that Telegram asked for.
    #[oai(skip_serializing_if_is_none)]
    wait_until: Option<DateTime<Utc>>,
    /// The account that is connected.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
    /// What its owner must put into its profile text before it writes.
    #[oai(skip_serializing_if_is_none)]
    missing_label: Option<String>,
    /// Why there is none, and what to do.
    #[oai(skip_serializing_if_is_none)]
    failure: Option<String>,
}

impl AccountLogin {
    fn tell(&mut self, state: State) {
        match state {
            State::Starting | State::Expired | State::Cancelled => {}
            State::CodeSent(sent) => self.tell_code(sent),
            State::CodeWrong { sent, tries_left } => {
                self.tell_code(sent);
                self.tries_left = Some(tries_left);
            }
            State::PasswordNeeded { hint } => self.password_hint = hint,
            State::PasswordWrong { hint, tries_left } => {
                self.password_hint = hint;
                self.tries_left = Some(tries_left);
            }
            State::QrShown { url: _, expires_at } => self.qr_expires_at = Some(moment(expires_at)),
            State::Waiting { until, .. } => self.wait_until = Some(moment(until)),
            State::Done(welcome) => {
                self.account_id = Some(welcome.account.get());
                self.missing_label = welcome.missing_label.map(String::from);
            }
            State::Failed(failure) => self.failure = Some(failure.to_string()),
        }
    }

    fn tell_code(&mut self, sent: CodeSent) {
        self.code_route = Some(match sent.how {
            Route::App => CodeRoute::App,
            Route::Sms => CodeRoute::Sms,
            Route::Call => CodeRoute::Call,
            Route::Other => CodeRoute::Other,
        });
        self.code_length = sent.length;
    }
}

impl From<&State> for LoginStep {
    fn from(state: &State) -> Self {
        match state {
            State::Starting => Self::Starting,
            State::CodeSent(_) => Self::CodeSent,
            State::CodeWrong { .. } => Self::CodeWrong,
            State::PasswordNeeded { .. } => Self::PasswordNeeded,
            State::PasswordWrong { .. } => Self::PasswordWrong,
            State::QrShown { .. } => Self::QrShown,
            State::Waiting { .. } => Self::Waiting,
            State::Done(_) => Self::Done,
            State::Failed(_) => Self::Failed,
            State::Expired => Self::Expired,
            State::Cancelled => Self::Cancelled,
        }
    }
}

impl From<OngoingLogin> for AccountLogin {
    fn from(login: OngoingLogin) -> Self {
        let mut shown = Self {
            id: login.id.get(),
            method: if login.by_qr { LoginMethod::Qr } else { LoginMethod::Phone },
            step: LoginStep::from(&login.state),
            expires_at: moment(login.expires_at),
            for_account_id: login.for_account.map(AccountId::get),
            code_route: None,
            code_length: None,
            password_hint: None,
            tries_left: None,
            qr_expires_at: None,
            wait_until: None,
            account_id: None,
            missing_label: None,
            failure: None,
        };
        shown.tell(login.state);
        shown
    }
}

impl Example for AccountLogin {
    fn example() -> Self {
        let login = OngoingLogin {
            id: domain::id::LoginId(1_772_442_000_000_001),
            project: domain::id::ProjectId(1),
            by_qr: false,
            for_account: None,
            expires_at: Timestamp::from_secs(1_772_442_600),
            state: State::CodeSent(CodeSent { how: Route::App, length: Some(5) }),
        };
        login.into()
    }
}
