//! `beseda account login`: by phone number, code and password, or by a QR code.

use actors::{LoginError, Method, StartLogin, System};
use domain::id::LoginId;
use domain::login::{CodeRoute, CodeSent, State, Welcome};
use persistence::Store;
use secrecy::SecretString;

use super::{find_proxy, tell_welcome};
use crate::cli::LoginArgs;
use crate::commands::project;
use crate::error::AppError;
use crate::terminal::Person;

/// Logs an account in.
pub(super) async fn run(
    args: &LoginArgs,
    store: &Store,
    system: &System,
    person: &mut impl Person,
) -> Result<(), AppError> {
    let project = project::find(store, &args.project).await?;
    let method = if args.qr {
        person.tell(
            "Scan this in Telegram on a device where the account is logged in: Settings, Devices, Link desktop device.",
        )?;
        Method::Qr
    } else {
        Method::Phone(person.ask_secret("Phone number, with its country code (not shown): ").await?)
    };
    let request = StartLogin {
        project: project.id,
        by: project.owner,
        method,
        for_account: args.again,
        proxy: find_proxy(store, project.id, args.proxy.as_deref()).await?,
    };
    let login = system.start_login(request).await?;
    let welcome = converse(system, login, person).await?;
    tell_welcome(&welcome, person)
}

/// Tells the person where the login is and passes on what they type, until it ends.
pub(super) async fn converse(
    system: &System,
    login: LoginId,
    person: &mut impl Person,
) -> Result<Welcome, AppError> {
    let mut states = system.follow_login(login).await?;
    loop {
        let state = states.borrow_and_update().clone();
        let typed = match state {
            State::CodeSent(sent) => Some(ask_code(system, login, &told(sent), person).await),
            State::CodeWrong { tries_left, .. } => {
                let question = format!("That code is wrong, {} left. Code: ", tries(tries_left));
                Some(ask_code(system, login, &question, person).await)
            }
            State::PasswordNeeded { hint } => {
                let hint = hint.map(|hint| format!(" (your hint: {hint})")).unwrap_or_default();
                let question = format!("The account's password{hint}: ");
                Some(ask_password(system, login, &question, person).await)
            }
            State::PasswordWrong { tries_left, .. } => {
                let question = format!("That password is wrong, {} left. Password: ", tries(tries_left));
                Some(ask_password(system, login, &question, person).await)
            }
            State::QrShown { url, .. } => {
                person.show_qr(&url)?;
                None
            }
            State::Waiting { until, .. } => {
                person.tell(&format!("Telegram asks for a wait until {until}; the login goes on then."))?;
                None
            }
            State::Starting => None,
            State::Done(welcome) => return Ok(welcome),
            State::Failed(failure) => return Err(LoginError::Failed(failure).into()),
            State::Expired => return Err(AppError::LoginExpired),
            State::Cancelled => return Err(LoginError::Unknown.into()),
        };
        match typed {
            // It went on while they typed; the state tells where.
            Some(Ok(()) | Err(AppError::Login(LoginError::OutOfTurn(_)))) => {}
            Some(Err(error)) => return Err(error),
            None => states.changed().await.map_err(|_| LoginError::Unknown)?,
        }
    }
}

async fn ask_code(
    system: &System,
    login: LoginId,
    question: &str,
    person: &mut impl Person,
) -> Result<(), AppError> {
    let code: SecretString = person.ask_secret(question).await?;
    system.submit_code(login, code).await?;
    Ok(())
}

async fn ask_password(
    system: &System,
    login: LoginId,
    question: &str,
    person: &mut impl Person,
) -> Result<(), AppError> {
    let password = person.ask_secret(question).await?;
    system.submit_password(login, password).await?;
    Ok(())
}

fn told(sent: CodeSent) -> String {
    let how = match sent.how {
        CodeRoute::App => "Telegram sent a code to the account's other devices",
        CodeRoute::Sms => "Telegram sent a code as a text message",
        CodeRoute::Call => "Telegram calls and tells a code",
        CodeRoute::Other => "Telegram sent a code",
    };
    let digits = sent.length.map(|length| format!(" of {length} digits")).unwrap_or_default();
    format!("{how}{digits}. Code (not shown): ")
}

fn tries(left: u8) -> String {
    if left == 1 { "one try".to_owned() } else { format!("{left} tries") }
}
