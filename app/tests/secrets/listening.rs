//! Everything this process says: its log at the finest level, and its panics.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::filter::LevelFilter;

static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// From now on everything is heard.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(|| Ear).init();
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            writeln!(Ear, "{panic}").unwrap_or_default();
            told(panic);
        }));
    });
}

/// What was heard since the last time.
pub(crate) fn heard() -> Vec<u8> {
    std::mem::take(&mut *HEARD.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, said: &[u8]) -> std::io::Result<usize> {
        HEARD.lock().unwrap_or_else(PoisonError::into_inner).write(said)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
