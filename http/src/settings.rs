//! What the gateway is told about its place in the world.

use std::num::NonZeroU32;

/// How the gateway serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where browsers find it, as an origin without a slash at the end: `https://desk.example`. Without it, wherever they
    /// say they do. Served over https, its cookies never travel by http.
    pub public_url: Option<String>,
    /// The origins of other sites whose pages may ask with a token (CORS).
    pub origins: Vec<String>,
    /// Requests a second of one token, on average; ten seconds' worth may come at once.
    pub requests_per_second: NonZeroU32,
    /// The Telegram bot through which people log in, without `@`.
    pub bot: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { public_url: None, origins: Vec::new(), requests_per_second: USUAL, bot: None }
    }
}

const USUAL: NonZeroU32 = NonZeroU32::new(100).unwrap(); // a constant: 0 would not compile

impl Settings {
    /// Whether browsers come by https.
    pub(crate) fn https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}
