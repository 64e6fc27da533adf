//! An account as it is connected: who it is, its line, its chats, and the calls that need all three.
//!
//! A chat that Telegram does not know by the hash we have is looked for, once; then the call is repeated. That is the only
//! call which is ever repeated here, and Telegram has refused the first one.

use std::sync::Arc;

use domain::id::{AccountId, PeerId};
use grammers_session::types::UpdatesState;
use grammers_tl_types::{RemoteCall, enums, functions, types};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::line::{Call, Line};
use super::peers::{Address, Peers};
use super::refusal::Lost;
use super::session::{GrammersSession, Me};
use super::{Settings, seen};
use crate::{Identity, Keep, Route, Session, TelegramError};

/// An account with an open line.
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) me: Me,
    pub(super) line: Line,
    pub(super) peers: Peers,
    pub(super) keep: Arc<dyn Keep>,
    /// How far its updates were read when it connected.
    progress: UpdatesState,
    /// Set once the list of its chats was read.
    pub(super) listed: OnceCell<()>,
}

impl Account {
    /// Opens a line and asks whose it is. The first to be told is the session, if it did not know.
    ///
    /// # Errors
    /// `Unauthorized` when the session cannot be read, why the line ended, `Disconnected` when nothing answers in time.
    pub(super) async fn open(
        settings: &Settings,
        keep: Arc<dyn Keep>,
        id: AccountId,
        session: &Session,
        route: &Route,
    ) -> Result<Self, TelegramError> {
        let read = read(session)?;
        let line = Line::new(settings, settings.directed(read.open()), route).await?;
        let (me, progress) = settings.soon(arrive(&line, read.updates())).await?;
        let peers = Peers::load(id, keep.clone(), me.bot).await;
        let account = Self { id, me, line, peers, keep, progress, listed: OnceCell::new() };
        if read.me() != Some(me) || read.updates() != account.progress {
            account.save(account.progress.clone()).await;
        }
        Ok(account)
    }

    /// How far updates had been read when it connected.
    pub(super) fn progress(&self) -> UpdatesState {
        self.progress.clone()
    }

    /// Keeps the session with how far updates were read. What cannot be kept is only logged: updates are hints.
    pub(super) async fn save(&self, progress: UpdatesState) {
        let Ok(session) = GrammersSession::close(self.line.session(), self.me, progress) else { return };
        if let Err(error) = self.keep.keep_session(self.id, &session.to_bytes()).await {
            let account = self.id;
            tracing::warn!(%account, error = &error as &dyn std::error::Error, "a session was not kept");
        }
    }

    /// Asks something about a chat, by its address.
    ///
    /// # Errors
    /// `PeerInvalid` when Telegram does not know the chat, not even after it was resolved again; any other of the call's.
    pub(super) async fn ask_about<R: RemoteCall>(
        &self,
        chat: PeerId,
        request: impl Fn(&Address) -> R + Send + Sync,
    ) -> Result<R::Return, TelegramError> {
        self.call_about(chat, Call::Asks, request).await
    }

    /// Changes something in a chat, by its address. A chat that Telegram does not know was not changed, so this too may be
    /// repeated.
    ///
    /// # Errors
    /// As [`Account::ask_about`]; `UnknownOutcome` when the answer is lost.
    pub(super) async fn tell_about<R: RemoteCall>(
        &self,
        chat: PeerId,
        request: impl Fn(&Address) -> R + Send + Sync,
    ) -> Result<R::Return, TelegramError> {
        self.call_about(chat, Call::Changes, request).await
    }

    async fn call_about<R: RemoteCall>(
        &self,
        chat: PeerId,
        call: Call,
        request: impl Fn(&Address) -> R + Send + Sync,
    ) -> Result<R::Return, TelegramError> {
        let answer = match self.peers.address(chat) {
            Ok(address) => self.line.call(&request(&address), call).await.map_err(Lost::into_error),
            Err(unknown) => Err(unknown),
        };
        if !matches!(answer, Err(TelegramError::PeerInvalid)) {
            return answer;
        }
        self.look_for(chat).await?;
        let request = request(&self.peers.address(chat)?);
        self.line.call(&request, call).await.map_err(Lost::into_error)
    }
}

/// Reads a session. One that cannot be read is as good as none.
pub(super) fn read(session: &Session) -> Result<GrammersSession, TelegramError> {
    GrammersSession::read(session).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "an account needs a login");
        TelegramError::Unauthorized
    })
}

/// The first calls of a line: whose it is and, if nobody knows, where its updates stand.
pub(super) async fn arrive(line: &Line, known: UpdatesState) -> Result<(Me, UpdatesState), TelegramError> {
    let request = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    let users = line.ask(&request).await?;
    let me = users.iter().find_map(user).ok_or(TelegramError::Unauthorized)?;
    let me = Me { id: PeerId(me.id), bot: me.bot };
    if known.pts != 0 {
        return Ok((me, known));
    }
    let enums::updates::State::State(state) = line.ask(&functions::updates::GetState {}).await?;
    let types::updates::State { pts, qts, date, seq, .. } = state;
    Ok((me, UpdatesState { pts, qts, date, seq, channels: known.channels }))
}

/// Who the account at the end of a line is.
pub(super) async fn identify(line: &Line) -> Result<Identity, TelegramError> {
    let request = functions::users::GetFullUser { id: enums::InputUser::UserSelf };
    let enums::users::UserFull::Full(answer) = line.ask(&request).await?;
    let enums::UserFull::Full(full) = answer.full_user;
    let me = answer.users.iter().filter_map(user).find(|user| user.id == full.id);
    let me = me.ok_or_else(|| TelegramError::Other("users.getFullUser without the user".into()))?;
    Ok(seen::identity(me, &full))
}

const fn user(user: &enums::User) -> Option<&types::User> {
    match user {
        enums::User::User(user) => Some(user),
        enums::User::Empty(_) => None,
    }
}

impl Settings {
    /// Waits for the first calls of a line. One that does not answer them is not connected.
    pub(super) async fn soon<T>(
        &self,
        first: impl Future<Output = Result<T, TelegramError>>,
    ) -> Result<T, TelegramError> {
        match timeout(self.patience.connect, first).await {
            Ok(Err(TelegramError::UnknownOutcome)) | Err(_) => Err(TelegramError::Disconnected),
            Ok(answer) => answer,
        }
    }
}
