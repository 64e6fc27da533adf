//! Logging in on a line that belongs to no account yet.
//!
//! Telegram may say at every step that the account lives in another data centre; the line moves there and asks again. An
//! account is never made: a number without one is refused. Phone numbers and codes stay secrets here, apart from the moment in
//! which they are written into a call.

mod password;

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grammers_session::SessionData;
use grammers_session::types::UpdatesState;
use grammers_tl_types::{RemoteCall, enums, functions, types};
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret as _, SecretString};

use super::account;
use super::line::Line;
use super::refusal::Lost;
use super::session::{self, GrammersSession};
use super::{KeyPurpose, LOGIN_KEYS, Settings, seen, shared_key};
use crate::{CodeRoute, CodeSent, LoginError, LoginLine, LoginStep, QrStep, Route, SignedIn, TelegramError};

/// How often a step of a login may be sent to another data centre. One is usual.
const MOVES: usize = 3;

/// A login under way.
pub(super) struct Login {
    settings: Arc<Settings>,
    line: Line,
    stage: Stage,
}

enum Stage {
    /// Nothing was asked, or a QR code is shown.
    Begun,
    /// A code is on its way.
    CodeSent { phone: SecretString, hash: String },
    /// The code was right; there is a password, too.
    PasswordNeeded,
    /// The account is logged in.
    Done,
}

impl Login {
    /// A line that reaches Telegram.
    ///
    /// # Errors
    /// `Disconnected` when nothing answers.
    pub(super) async fn begin(settings: Arc<Settings>, route: &Route) -> Result<Self, TelegramError> {
        let line = Line::new(&settings, unknown(&settings)?, route).await?;
        let hello = functions::Ping { ping_id: 0 };
        settings.soon(async { line.ask(&hello).await.map(drop) }).await?;
        Ok(Self { settings, line, stage: Stage::Begun })
    }

    /// Asks, where the account lives.
    async fn ask<R: RemoteCall>(&self, request: &R) -> Result<R::Return, Lost> {
        for _ in 0..MOVES {
            match self.line.ask_closely(request).await {
                Err(lost) => match lost.elsewhere() {
                    Some(dc) => self.line.move_to(dc).await,
                    None => return Err(lost),
                },
                answer => return answer,
            }
        }
        self.line.ask_closely(request).await
    }

    /// What follows from an answer to a code, or to a QR code that was scanned.
    async fn step(
        &mut self,
        answer: Result<enums::auth::Authorization, Lost>,
    ) -> Result<LoginStep, LoginError> {
        match answer {
            Ok(enums::auth::Authorization::Authorization(_)) => Ok(LoginStep::Done(self.done().await?)),
            Ok(enums::auth::Authorization::SignUpRequired(_)) => Err(LoginError::PhoneUnregistered),
            Err(lost) if lost.name() == Some("SESSION_PASSWORD_NEEDED") => {
                let enums::account::Password::Password(password) =
                    self.ask(&functions::account::GetPassword {}).await.map_err(why)?;
                self.stage = Stage::PasswordNeeded;
                Ok(LoginStep::PasswordNeeded { hint: password.hint.filter(|hint| !hint.is_empty()) })
            }
            Err(lost) => Err(why(lost)),
        }
    }

    async fn done(&mut self) -> Result<SignedIn, LoginError> {
        self.stage = Stage::Done;
        Ok(signed_in(&self.line).await?)
    }

    /// What follows from a login token: show it, follow it, or it was scanned.
    async fn token(&mut self, answer: Result<enums::auth::LoginToken, Lost>) -> Result<QrStep, LoginError> {
        let scanned = match answer {
            Ok(enums::auth::LoginToken::Token(token)) => {
                let url = format!("tg://login?token={}", URL_SAFE_NO_PAD.encode(token.token));
                return Ok(QrStep::Show { url: url.into(), expires_at: seen::at(token.expires) });
            }
            Ok(enums::auth::LoginToken::MigrateTo(there)) => {
                self.line.move_to(there.dc_id).await;
                match self.ask(&functions::auth::ImportLoginToken { token: there.token }).await {
                    Ok(enums::auth::LoginToken::Success(done)) => Ok(done.authorization),
                    Ok(enums::auth::LoginToken::Token(_) | enums::auth::LoginToken::MigrateTo(_)) => {
                        return Err(unexpected("another login token").into());
                    }
                    Err(lost) => Err(lost),
                }
            }
            Ok(enums::auth::LoginToken::Success(done)) => Ok(done.authorization),
            Err(lost) => Err(lost),
        };
        self.step(scanned).await.map(QrStep::Scanned)
    }
}

#[async_trait]
impl LoginLine for Login {
    async fn send_code(&mut self, phone: &SecretString) -> Result<CodeSent, LoginError> {
        let settings = types::CodeSettings {
            allow_flashcall: false,
            current_number: false,
            allow_app_hash: false,
            allow_missed_call: false,
            allow_firebase: false,
            unknown_number: false,
            logout_tokens: None,
            token: None,
            app_sandbox: None,
        };
        let request = functions::auth::SendCode {
            phone_number: phone.expose_secret().to_owned(),
            api_id: self.settings.api_id,
            api_hash: self.settings.api_hash.expose_secret().to_owned(),
            settings: settings.into(),
        };
        match self.ask(&request).await.map_err(why)? {
            enums::auth::SentCode::Code(sent) => {
                self.stage = Stage::CodeSent { phone: phone.clone(), hash: sent.phone_code_hash };
                Ok(code_sent(&sent.r#type))
            }
            enums::auth::SentCode::Success(_) => Err(unexpected("a login without a code").into()),
            enums::auth::SentCode::PaymentRequired(_) => Err(unexpected("a bill for the code").into()),
        }
    }

    async fn submit_code(&mut self, code: &SecretString) -> Result<LoginStep, LoginError> {
        let Stage::CodeSent { phone, hash } = &self.stage else { return Err(LoginError::OutOfTurn) };
        let request = functions::auth::SignIn {
            phone_number: phone.expose_secret().to_owned(),
            phone_code_hash: hash.clone(),
            phone_code: Some(code.expose_secret().to_owned()),
            email_verification: None,
        };
        let answer = self.ask(&request).await;
        self.step(answer).await
    }

    async fn submit_password(&mut self, password: &SecretString) -> Result<SignedIn, LoginError> {
        let Stage::PasswordNeeded = self.stage else { return Err(LoginError::OutOfTurn) };
        // Telegram's half of the proof counts once, so it is asked for anew.
        let enums::account::Password::Password(asked) =
            self.ask(&functions::account::GetPassword {}).await.map_err(why)?;
        let proof = password::prove(asked, password.clone()).await?;
        let answer = self.ask(&functions::auth::CheckPassword { password: proof }).await;
        match self.step(answer).await? {
            LoginStep::Done(signed_in) => Ok(signed_in),
            LoginStep::PasswordNeeded { .. } => Err(LoginError::PasswordInvalid),
        }
    }

    async fn qr(&mut self) -> Result<QrStep, LoginError> {
        let request = functions::auth::ExportLoginToken {
            api_id: self.settings.api_id,
            api_hash: self.settings.api_hash.expose_secret().to_owned(),
            except_ids: Vec::new(),
        };
        let answer = self.ask(&request).await;
        self.token(answer).await
    }

    async fn scanned(&mut self) -> Result<(), LoginError> {
        Ok(self.line.scanned().await?)
    }

    async fn log_out(&mut self) -> Result<(), LoginError> {
        let Stage::Done = self.stage else { return Err(LoginError::OutOfTurn) };
        self.ask(&functions::auth::LogOut {}).await.map_err(why)?;
        self.line.end(TelegramError::Unauthorized);
        Ok(())
    }
}

/// Whose session a line holds, and the session to keep.
///
/// # Errors
/// Telegram's; `Unauthorized` when nobody is logged in.
pub(super) async fn signed_in(line: &Line) -> Result<SignedIn, TelegramError> {
    let (me, progress) = account::arrive(line, UpdatesState::default()).await?;
    let identity = account::identify(line).await?;
    let session = GrammersSession::close(line.session(), me, progress).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a login left no session");
        TelegramError::Disconnected
    })?;
    Ok(SignedIn { session: session.to_bytes(), identity })
}

/// A session of nobody: keys are exchanged with Telegram, or taken from those that the servers in its place know.
fn unknown(settings: &Settings) -> Result<SessionData, TelegramError> {
    let mut data = SessionData::default();
    for server in settings.servers.iter().flatten() {
        let mut number = [0; 2];
        SysRng.try_fill_bytes(&mut number).map_err(|_| unexpected("no random numbers"))?;
        let purpose = KeyPurpose::Login(u16::from_be_bytes(number) % LOGIN_KEYS);
        let key = shared_key(&server.login_key, purpose);
        data.dc_options.insert(server.dc, session::option(server.dc, server.address, Some(key)));
    }
    if let Some(first) = settings.servers.iter().flatten().next() {
        data.home_dc = first.dc;
    }
    Ok(settings.directed(data))
}

/// How a code went out.
const fn code_sent(how: &enums::auth::SentCodeType) -> CodeSent {
    use enums::auth::SentCodeType as T;
    let (how, length) = match how {
        T::App(sent) => (CodeRoute::App, Some(sent.length)),
        T::Sms(sent) => (CodeRoute::Sms, Some(sent.length)),
        T::Call(sent) => (CodeRoute::Call, Some(sent.length)),
        T::MissedCall(sent) => (CodeRoute::Call, Some(sent.length)),
        T::EmailCode(sent) => (CodeRoute::Other, Some(sent.length)),
        T::FragmentSms(sent) => (CodeRoute::Other, Some(sent.length)),
        T::FirebaseSms(sent) => (CodeRoute::Sms, Some(sent.length)),
        T::FlashCall(_) => (CodeRoute::Call, None),
        T::SmsWord(_) | T::SmsPhrase(_) => (CodeRoute::Sms, None),
        T::SetUpEmailRequired(_) => (CodeRoute::Other, None),
    };
    let length = match length {
        Some(length) if length > 0 && length < 64 => Some(length as u8),
        Some(_) | None => None,
    };
    CodeSent { how, length }
}

/// Why a step failed.
fn why(lost: Lost) -> LoginError {
    match lost.name() {
        Some("PHONE_NUMBER_INVALID") => LoginError::PhoneInvalid,
        Some("PHONE_NUMBER_UNOCCUPIED") => LoginError::PhoneUnregistered,
        Some("PHONE_NUMBER_BANNED") => LoginError::PhoneBanned,
        Some("PHONE_CODE_INVALID" | "PHONE_CODE_EMPTY") => LoginError::CodeInvalid,
        Some("PHONE_CODE_EXPIRED") => LoginError::CodeExpired,
        Some("PASSWORD_HASH_INVALID") => LoginError::PasswordInvalid,
        Some(_) | None => LoginError::Telegram(lost.into_error()),
    }
}

fn unexpected(what: &str) -> TelegramError {
    TelegramError::Other(format!("an unexpected answer to a login: {what}"))
}
