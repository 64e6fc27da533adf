//! The signals by which a person (SIGINT) or a service manager (SIGTERM) asks the process to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::AppError;

/// Receives them from its making on; until then they end the process at once.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to receive them.
    ///
    /// # Errors
    /// [`AppError::Signals`].
    pub(crate) fn listen() -> Result<Self, AppError> {
        let listen = || {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        };
        listen().map_err(AppError::Signals)
    }

    /// Waits for either.
    pub(crate) async fn stop_asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
