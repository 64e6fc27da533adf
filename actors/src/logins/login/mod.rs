//! A login at its place: asks Telegram what its owner wants to know, and tells the owner what Telegram says.
//!
//! Every step is `domain::login`'s; here are only the calls. While a QR code is shown, the line is with a task that waits for
//! somebody to scan it, so that the login can be looked at and given up meanwhile. A login that may not be (another account
//! than the one that was to come back, say) is taken back at Telegram, too.

mod ask;
mod message;
mod state;

pub(crate) use message::{LoginMessage, Place, Places};

use domain::login::{Event, LIFETIME};

use crate::deps::Deps;
use crate::error::{ActorError, LoginError};
use crate::runtime::{Cx, Kind, Registry, Worker};
use state::{Line, State};

/// The worker at one place.
pub(crate) struct Login;

impl Worker for Login {
    const KIND: Kind = Kind::Login;
    const GROUP: Kind = Kind::Logins;
    type Key = Place;
    type Message = LoginMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<Place, LoginMessage> {
        &deps.directory.logins
    }

    async fn roster(deps: &Deps) -> Result<Vec<Place>, ActorError> {
        Ok(deps.places.all().collect())
    }

    async fn start(_: &Cx<Self>) -> Result<State, ActorError> {
        Ok(State::default())
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: LoginMessage) -> Result<(), ActorError> {
        match message {
            LoginMessage::Begin { id, wanted, reply } => {
                let begun = state.begin(id, wanted, cx.deps.now());
                if begun.is_ok() {
                    cx.me.cast(LoginMessage::Open(id))?;
                    cx.cast_after(LIFETIME, LoginMessage::Expire(id));
                }
                reply.send(begun);
            }
            LoginMessage::Open(id) => {
                if let Some(login) = state.find_open(id) {
                    let asked = ask::code(cx, login).await;
                    ask::go_on(cx, login, asked).await?;
                }
            }
            LoginMessage::Code { id, code, reply } => reply.send(ask::check_code(cx, state, id, &code).await),
            LoginMessage::Password { id, password, reply } => {
                reply.send(ask::check_password(cx, state, id, &password).await);
            }
            LoginMessage::QrOver { id, line, outcome } => {
                if let Some(login) = state.find_open(id) {
                    login.line = Line::Here(line);
                    let event = outcome.map_or_else(|error| ask::refusal(cx, &error), |()| Event::QrOver);
                    ask::go_on(cx, login, event).await?;
                }
            }
            LoginMessage::WaitOver(id) => {
                if let Some(login) = state.find_open(id) {
                    ask::go_on(cx, login, Event::WaitOver).await?;
                }
            }
            LoginMessage::Cancel { id, reply } => reply.send(cancel(cx, state, id).await),
            LoginMessage::Expire(id) => {
                if let Some(login) = state.find_open(id) {
                    ask::go_on(cx, login, Event::Expire).await?;
                }
            }
            LoginMessage::Describe { id, reply } => reply.send(state.find(id).map(|login| login.describe())),
            LoginMessage::Follow { id, reply } => reply.send(state.find(id).map(|login| login.follow())),
        }
        Ok(())
    }
}

async fn cancel(
    cx: &Cx<Login>,
    state: &mut State,
    id: domain::id::LoginId,
) -> Result<domain::login::State, LoginError> {
    let login = state.find(id)?;
    ask::go_on(cx, login, Event::Cancel).await?;
    Ok(login.state())
}
