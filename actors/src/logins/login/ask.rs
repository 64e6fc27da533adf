//! The calls of a login, and what follows each answer.

use std::time::Duration;

use domain::id::LoginId;
use domain::login::{self, Effect, Event, Failure, Illegal};
use domain::time::Timestamp;
use persistence::logins::Way;
use secrecy::SecretString;
use telegram::{LoginLine, LoginStep, QrStep, SignedIn, TelegramError};

use super::state::{Conversation, Line, State, Waiter};
use super::{Login, LoginMessage};
use crate::error::LoginError;
use crate::logins::admission::{self, Ticket};
use crate::logins::{Method, Wanted};
use crate::runtime::Cx;

/// Applies an event and does what is to be done, until the login waits for somebody.
pub(super) async fn go_on(cx: &Cx<Login>, login: &mut Conversation, event: Event) -> Result<(), Illegal> {
    let mut event = event;
    loop {
        match login.step(event)? {
            Some(Effect::Ask) => event = code(cx, login).await,
            Some(Effect::AwaitScan(until)) => {
                await_scan(cx, login, until);
                return Ok(());
            }
            Some(Effect::Resume(at)) => {
                cx.cast_after(at.since(cx.deps.now()), LoginMessage::WaitOver(login.id));
                return Ok(());
            }
            Some(Effect::HangUp) => {
                login.hang_up();
                return Ok(());
            }
            // What was typed is with whoever asked for the step.
            Some(Effect::CheckCode | Effect::CheckPassword) | None => return Ok(()),
        }
    }
}

/// Asks Telegram for a code: to send, or to show.
pub(super) async fn code(cx: &Cx<Login>, login: &mut Conversation) -> Event {
    let Some(wanted) = &login.wanted else { return Event::Cancel };
    if matches!(login.line, Line::None) {
        match cx.deps.logins.log_in(&wanted.route).await {
            Ok(line) => login.line = Line::Here(line),
            Err(error) => return refusal(cx, &error.into()),
        }
    }
    let Line::Here(line) = &mut login.line else { return Event::Fail(Failure::Unreachable) };
    match &wanted.request.method {
        Method::Phone(phone) => match line.send_code(phone).await {
            Ok(sent) => Event::CodeSent(sent),
            Err(error) => refusal(cx, &error),
        },
        Method::Qr => match line.qr().await {
            Ok(QrStep::Show { url, expires_at }) => Event::Show { url, expires_at },
            Ok(QrStep::Scanned(step)) => after(cx, login, step).await,
            Err(error) => refusal(cx, &error),
        },
    }
}

/// Shows Telegram the code that the owner typed.
pub(super) async fn check_code(
    cx: &Cx<Login>,
    state: &mut State,
    id: LoginId,
    code: &SecretString,
) -> Result<login::State, LoginError> {
    let login = state.find(id)?;
    login.step(Event::TypeCode)?;
    let event = match line(login)?.submit_code(code).await {
        Ok(step) => after(cx, login, step).await,
        Err(error) => refusal(cx, &error),
    };
    go_on(cx, login, event).await?;
    Ok(login.state())
}

/// Shows Telegram the password that the owner typed.
pub(super) async fn check_password(
    cx: &Cx<Login>,
    state: &mut State,
    id: LoginId,
    password: &SecretString,
) -> Result<login::State, LoginError> {
    let login = state.find(id)?;
    login.step(Event::TypePassword)?;
    let event = match line(login)?.submit_password(password).await {
        Ok(signed_in) => done(cx, login, signed_in).await,
        Err(error) => refusal(cx, &error),
    };
    go_on(cx, login, event).await?;
    Ok(login.state())
}

/// The line of a login that waits for its owner to type something.
fn line(login: &mut Conversation) -> Result<&mut dyn LoginLine, LoginError> {
    match &mut login.line {
        Line::Here(line) => Ok(line.as_mut()),
        Line::None | Line::Away { .. } => Err(LoginError::Unknown),
    }
}

async fn after(cx: &Cx<Login>, login: &mut Conversation, step: LoginStep) -> Event {
    match step {
        LoginStep::Done(signed_in) => done(cx, login, signed_in).await,
        LoginStep::PasswordNeeded { hint } => Event::AskPassword { hint },
    }
}

/// Telegram let the account in. If it may not come in here, the login is taken back at Telegram.
async fn done(cx: &Cx<Login>, login: &mut Conversation, signed_in: SignedIn) -> Event {
    let Some(Wanted { request, .. }) = login.wanted.as_deref() else { return Event::Cancel };
    let (way, phone) = match &request.method {
        Method::Phone(phone) => (Way::Phone, Some(phone.clone())),
        Method::Qr => (Way::Qr, None),
    };
    let ticket = Ticket {
        project: request.project,
        by: request.by,
        way,
        for_account: request.for_account,
        phone,
        proxy: request.proxy,
    };
    let admission = ticket.with(signed_in);
    if let Err(failure) = admission::may_enter(&cx.deps, &admission).await {
        if let Line::Here(line) = &mut login.line
            && let Err(error) = line.log_out().await
        {
            tracing::warn!(%error, "a login that was refused could not be taken back");
        }
        return Event::Fail(failure);
    }
    // One connection for a session: the account's own may come as soon as it is stored.
    login.line = Line::None;
    admission::admit(&cx.deps, &admission).await.map_or_else(Event::Fail, Event::Admit)
}

/// Lets a task wait for somebody to scan the QR code, or for its time to be over. A machine whose clock is wrong must not ask
/// for one after the other.
fn await_scan(cx: &Cx<Login>, login: &mut Conversation, expires_at: Timestamp) {
    const AT_LEAST: Duration = Duration::from_secs(5);
    let until = expires_at.max(cx.deps.now() + AT_LEAST);
    let Line::Here(mut line) = std::mem::take(&mut login.line) else { return };
    let (deps, me, id) = (cx.deps.clone(), cx.me.clone(), login.id);
    let task = tokio::spawn(async move {
        let mut over = None;
        let outcome = tokio::select! {
            scanned = line.scanned() => scanned,
            flight = deps.clock.until(until, &deps.traffic) => {
                over = Some(flight);
                Ok(())
            }
        };
        // A place that is gone meanwhile has forgotten the login.
        drop(me.cast(LoginMessage::QrOver { id, line, outcome }));
        drop(over);
    });
    login.line = Line::Away { _waiter: Waiter(task.abort_handle()) };
}

/// What an answer other than yes means for the login.
pub(super) fn refusal(cx: &Cx<Login>, error: &telegram::LoginError) -> Event {
    use telegram::LoginError as E;
    match error {
        E::CodeInvalid => Event::CodeWrong,
        E::PasswordInvalid => Event::PasswordWrong,
        E::PhoneInvalid => Event::Fail(Failure::PhoneInvalid),
        E::PhoneUnregistered => Event::Fail(Failure::PhoneUnregistered),
        E::PhoneBanned => Event::Fail(Failure::PhoneBanned),
        E::CodeExpired => Event::Fail(Failure::CodeExpired),
        E::OutOfTurn => Event::Fail(Failure::Refused(error.to_string())),
        E::Telegram(TelegramError::Wait { wait, .. }) => Event::Flood(cx.deps.now() + *wait),
        E::Telegram(other) => Event::Fail(admission::failure(other)),
    }
}
