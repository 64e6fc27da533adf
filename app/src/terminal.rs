//! The person at the terminal: what they are asked, and what they type without its being shown.
//!
//! Questions go to the terminal itself, not to standard output, which may be a file. What is secret is never echoed and
//! never an argument: arguments are seen by everybody on the machine.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::AppError;

/// Somebody who can be asked.
pub(crate) trait Person: Send {
    /// Tells them something.
    fn tell(&mut self, line: &str) -> Result<(), AppError>;

    /// Asks them something that everybody may see.
    fn ask(&mut self, question: &str) -> impl Future<Output = Result<String, AppError>> + Send;

    /// Asks them a secret.
    fn ask_secret(&mut self, question: &str) -> impl Future<Output = Result<SecretString, AppError>> + Send;

    /// Shows a QR code, in place of the one before.
    fn show_qr(&mut self, text: &SecretString) -> Result<(), AppError>;
}

/// The terminal that the command was typed at.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    /// How many lines the QR code has that is on the screen.
    shown: usize,
}

impl Person for Terminal {
    fn tell(&mut self, line: &str) -> Result<(), AppError> {
        self.shown = 0;
        write(&format!("{line}\n"))
    }

    async fn ask(&mut self, question: &str) -> Result<String, AppError> {
        self.shown = 0;
        if !std::io::stdin().is_terminal() {
            return Err(AppError::NoTerminal);
        }
        write(question)?;
        let typed = blocking(|| {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        Ok(typed.await?.trim().to_owned())
    }

    async fn ask_secret(&mut self, question: &str) -> Result<SecretString, AppError> {
        self.shown = 0;
        if !std::io::stdin().is_terminal() {
            return Err(AppError::NoTerminal);
        }
        let question = question.to_owned();
        let typed = blocking(move || rpassword::prompt_password(question)).await?;
        Ok(typed.trim().into())
    }

    fn show_qr(&mut self, text: &SecretString) -> Result<(), AppError> {
        let drawn = draw(text.expose_secret())?;
        // One code stands where the last one stood.
        let back = if self.shown > 0 { format!("\x1b[{}A", self.shown) } else { String::new() };
        self.shown = drawn.lines().count();
        write(&format!("{back}{drawn}"))
    }
}

/// Waits for the person on a thread of its own.
async fn blocking<T: Send + 'static>(
    wait: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(wait).await.map_err(AppError::Task)?.map_err(AppError::Terminal)
}

fn write(text: &str) -> Result<(), AppError> {
    let mut terminal = std::io::stderr().lock();
    terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).map_err(AppError::Terminal)
}

/// A QR code in half blocks: black on white whatever the terminal's own colours, as scanners want it.
fn draw(text: &str) -> Result<String, AppError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| AppError::QrCode)?;
    let drawn = code.render::<Dense1x2>().quiet_zone(true).build();
    Ok(drawn.lines().map(|line| format!("\x1b[30;107m{line}\x1b[0m\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_a_white_rectangle_with_something_black_in_it() {
        let drawn = draw("tg://login?token=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA").unwrap();
        let lines: Vec<_> = drawn.lines().collect();
        let inner =
            |line: &&str| line.strip_prefix("\x1b[30;107m")?.strip_suffix("\x1b[0m").map(str::to_owned);
        let inner: Vec<_> = lines.iter().map(|line| inner(line).unwrap()).collect();
        let widths: std::collections::HashSet<_> = inner.iter().map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 1, "{widths:?}");
        let width = inner[0].chars().count();
        assert!(lines.len() * 2 >= width && lines.len() * 2 <= width + 1, "two modules a line: {width}");
        assert!(inner[0].trim().is_empty() && inner.concat().contains('\u{2588}'));
    }
}
