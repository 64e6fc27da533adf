//! The connection: opening it, opening it again, and moving its updates to the channels' watchers.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::account::Event;
use domain::id::{PeerId, ProjectId};
use domain::job::backoff;
use persistence::start::KeptSession;
use secrecy::ExposeSecret as _;
use telegram::{Route, TelegramError, Update, Updates};

use super::state::State;
use super::{Account, AccountMessage, react};
use crate::accounts::SPOILT_SESSION;
use crate::channels::WatcherMessage;
use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Address, Cx};

/// After this many failed attempts the wait before the next one grows no more: a server that is back is found within seconds.
const LONGEST_BACKOFF: u16 = 4;

/// Opens the connection when it is this account's turn: many that lost theirs together do not all come back in one moment.
pub(super) async fn connect(cx: &Cx<Account>, state: &mut State) -> Result<(), ActorError> {
    if matches!(state, State::Up { .. }) {
        return Ok(());
    }
    let wait = cx.deps.doorway.turn(cx.deps.now());
    if wait.is_zero() {
        return dial(cx, state).await;
    }
    cx.cast_after(wait, AccountMessage::Dial);
    Ok(())
}

/// Opens the connection, if this process holds the account and the account may have one. What was missed meanwhile, be it while
/// the line was gone or while no process ran, is left to the audits, which are hastened.
pub(super) async fn dial(cx: &Cx<Account>, state: &mut State) -> Result<(), ActorError> {
    let State::Down { attempts, lines } = *state else { return Ok(()) };
    if cx.deps.hold(cx.key).is_none() {
        return Ok(());
    }
    let Some(account) = cx.deps.store.account_to_run(cx.key).await? else { return Ok(()) };
    if !account.status.connects() {
        return Ok(());
    }
    let session = match account.session {
        KeptSession::Opens(session) => session.expose_secret().to_vec(),
        KeptSession::None => Vec::new(),
        KeptSession::Spoilt => return react::change(cx, Event::Deauthorize, SPOILT_SESSION).await,
    };
    let route = account.proxy.map_or(Route::Direct, Route::Through);
    match open(cx, session, &route).await {
        Ok((connection, updates)) => {
            let line = lines + 1;
            let reader =
                Reader { deps: cx.deps.clone(), account: cx.me.clone(), project: account.project, line };
            let reader = tokio::spawn(reader.run(updates)).abort_handle();
            *state = State::Up { connection, line, reader };
            if let Some(until) = account.status.waits_until() {
                cx.cast_after(until.since(cx.deps.now()), AccountMessage::WaitOver);
            }
            missed_updates(cx).await
        }
        Err(error) => {
            let attempts = attempts.saturating_add(1);
            *state = State::Down { attempts, lines };
            react::to_account(cx, state, &error).await?;
            let gone = react::is_login_lost(&error);
            if !gone {
                let seed = cx.deps.settings.seed.derive("reconnect", cx.key.get());
                cx.cast_after(backoff(attempts.min(LONGEST_BACKOFF), seed), AccountMessage::Connect);
            }
            Ok(())
        }
    }
}

type Line = (Box<dyn telegram::Connection>, Box<dyn Updates>);

async fn open(cx: &Cx<Account>, session: Vec<u8>, route: &Route) -> Result<Line, TelegramError> {
    let session = telegram::Session::new(session);
    let connection = cx.deps.telegram.connect(cx.key, &session, route).await?;
    let updates = connection.updates().await?;
    Ok((connection, updates))
}

/// The account goes another way from now on: closes the connection and opens one there.
pub(super) async fn reroute(cx: &Cx<Account>, state: &mut State) -> Result<(), ActorError> {
    state.hang_up();
    connect(cx, state).await
}

/// The stream of a line ended: reacts to the error and opens another line.
pub(super) async fn disconnected(
    cx: &Cx<Account>,
    state: &mut State,
    line: u64,
    error: &TelegramError,
) -> Result<(), ActorError> {
    if state.lines() != line {
        return Ok(());
    }
    state.hang_up();
    react::to_account(cx, state, error).await?;
    if react::is_login_lost(error) { Ok(()) } else { cx.me.cast(AccountMessage::Connect) }
}

/// Audits every channel of this account soon.
pub(super) async fn missed_updates(cx: &Cx<Account>) -> Result<(), ActorError> {
    let channels = cx.deps.directory.channels_of(cx.key);
    cx.deps.store.hasten_audits(&channels, cx.deps.now()).await?;
    Ok(())
}

/// The task that moves updates on. It only routes: what takes time happens in the watchers.
struct Reader {
    deps: Arc<Deps>,
    account: Address<AccountMessage>,
    project: ProjectId,
    line: u64,
}

impl Reader {
    async fn run(self, mut updates: Box<dyn Updates>) {
        loop {
            match updates.next().await {
                Ok(first) => self.pass_on(std::iter::once(first).chain(updates.at_hand())),
                Err(error) => {
                    // An actor that is gone meanwhile has a successor with a line of its own.
                    drop(self.account.cast(AccountMessage::Disconnected { line: self.line, error }));
                    return;
                }
            }
        }
    }

    /// What came together reaches each watcher together. An update about a channel that this project does not watch is
    /// nobody's.
    fn pass_on(&self, updates: impl Iterator<Item = Update>) {
        let mut by_channel: BTreeMap<PeerId, Vec<Update>> = BTreeMap::new();
        for update in updates {
            match channel_of(&update) {
                Some(peer) => by_channel.entry(peer).or_default().push(update),
                None => drop(self.account.cast(AccountMessage::MissedUpdates)),
            }
        }
        let directory = &self.deps.directory;
        for (peer, updates) in by_channel {
            let watcher =
                directory.channel(self.project, peer).and_then(|channel| directory.watchers.find(channel));
            if let Some(watcher) = watcher {
                // A watcher that just crashed is back soon; the audit finds what it missed.
                drop(watcher.cast(WatcherMessage::Seen(updates)));
            }
        }
    }
}

/// The channel an update is about; none for the notice that there was more than the stream kept.
const fn channel_of(update: &Update) -> Option<PeerId> {
    match update {
        Update::NewPost { channel, .. }
        | Update::EditedPost { channel, .. }
        | Update::DeletedPosts { channel, .. }
        | Update::NewThreadMessage { channel, .. }
        | Update::DeletedThreadMessages { channel, .. } => Some(*channel),
        Update::TooLong => None,
    }
}
