//! What a place remembers: the login that is going on there, or the last one.

use domain::id::LoginId;
use domain::login;
use domain::time::Timestamp;
use telegram::LoginLine;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::error::LoginError;
use crate::logins::{OngoingLogin, Wanted};

/// The login at a place.
#[derive(Default)]
pub(crate) struct State(Option<Conversation>);

/// One login.
pub(super) struct Conversation {
    pub(super) id: LoginId,
    /// What was asked for; forgotten with its secrets when the login ends.
    pub(super) wanted: Option<Box<Wanted>>,
    pub(super) line: Line,
    /// What may be known of it by whoever looks, as it began.
    begun: OngoingLogin,
    state: watch::Sender<login::State>,
}

/// The way to Telegram of a login.
#[derive(Default)]
pub(super) enum Line {
    /// There is none (yet, or any more).
    #[default]
    None,
    /// It is at hand.
    Here(Box<dyn LoginLine>),
    /// A task waits on it for somebody to scan the QR code.
    Away {
        /// Ends with this.
        _waiter: Waiter,
    },
}

/// A task that holds the line; it ends with the wait for it.
pub(super) struct Waiter(pub(super) AbortHandle);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl State {
    /// Takes a login in, unless one is going on.
    pub(super) fn begin(
        &mut self,
        id: LoginId,
        wanted: Box<Wanted>,
        now: Timestamp,
    ) -> Result<(), Box<Wanted>> {
        if self.0.as_ref().is_some_and(|current| !current.state.borrow().is_final()) {
            return Err(wanted);
        }
        let state = watch::Sender::new(login::State::Starting);
        let begun = OngoingLogin::of(id, &wanted.request, now);
        self.0 = Some(Conversation { id, wanted: Some(wanted), line: Line::None, begun, state });
        Ok(())
    }

    /// The login of this number.
    pub(super) fn find(&mut self, id: LoginId) -> Result<&mut Conversation, LoginError> {
        self.0.as_mut().filter(|current| current.id == id).ok_or(LoginError::Unknown)
    }

    /// The login of this number, as long as it goes on: for what comes from a timer or a task, and may come late.
    pub(super) fn find_open(&mut self, id: LoginId) -> Option<&mut Conversation> {
        self.find(id).ok().filter(|current| !current.state.borrow().is_final())
    }
}

impl Conversation {
    /// Where it is.
    pub(super) fn state(&self) -> login::State {
        self.state.borrow().clone()
    }

    /// What may be known of it.
    pub(super) fn describe(&self) -> OngoingLogin {
        OngoingLogin { state: self.state(), ..self.begun.clone() }
    }

    /// Where it is and will go.
    pub(super) fn follow(&self) -> watch::Receiver<login::State> {
        self.state.subscribe()
    }

    /// Applies an event; what is to be done next.
    pub(super) fn step(&mut self, event: login::Event) -> Result<Option<login::Effect>, login::Illegal> {
        let (next, effect) = login::step(&self.state.borrow(), event)?;
        self.state.send_replace(next);
        Ok(effect)
    }

    /// Lets go of the line and of every secret.
    pub(super) fn hang_up(&mut self) {
        self.line = Line::None;
        self.wanted = None;
    }
}
