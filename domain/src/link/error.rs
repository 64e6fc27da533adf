//! Why a text is no link to a chat.

/// A text that leads to no chat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no link to a chat: {kind}; use @name, t.me/name, t.me/name/123, t.me/c/123/45 or t.me/+hash"
)]
pub struct LinkError {
    /// What was given, shortened.
    pub text: String,
    /// What is wrong with it.
    pub kind: LinkErrorKind,
}

/// What keeps a text from being a link to a chat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkErrorKind {
    /// Nothing is left after white space and punctuation.
    #[error("it is empty")]
    Empty,
    /// It leads to another site, or is no address at all.
    #[error("it does not lead to Telegram")]
    NotTelegram,
    /// It leads to something of Telegram's that is no chat: stickers, a proxy, a phone number.
    #[error("it leads to something else in Telegram")]
    NotAChat,
    /// The username breaks Telegram's rule.
    #[error("a username has 4 to 32 letters, digits and single underscores and begins with a letter")]
    Username,
    /// The invitation's hash is none.
    #[error("the invitation is incomplete")]
    Invite,
    /// The chat or message number is none.
    #[error("a chat or message number is a whole number above zero")]
    Number,
}

impl LinkError {
    pub(super) fn new(text: &str, kind: LinkErrorKind) -> Self {
        const SHOWN: usize = 80;
        let text = match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        Self { text, kind }
    }
}
