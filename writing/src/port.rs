//! The trait a writer implements, what it is given and what it gives back.

use async_trait::async_trait;
use domain::comment::Intent;
use domain::disclosure::Label;
use domain::seed::Seed;

use crate::WriterError;

/// Everything a writer may know for one draft.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the comment is for.
    pub intent: Intent,
    /// The spintax templates of the campaign's voice.
    pub templates: Vec<String>,
    /// The title of the channel.
    pub channel: String,
    /// The text of the post.
    pub post: String,
    /// The reader's message to answer, where there is one and its text is still kept.
    pub question: Option<String>,
    /// What will stand under the text. The text has [`Label::room`] units of UTF-16.
    pub label: Label,
    /// The draft's own chance: the same request gives the same draft, as far as the writer can promise it.
    pub seed: Seed,
}

/// A text for a person, or a rule, to decide upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The text without its label: not blank, and no longer than the label leaves room for.
    pub text: String,
}

/// Somebody who writes drafts.
#[async_trait]
pub trait Writer: Send + Sync + 'static {
    /// Writes one draft, or declines: `None` when it has nothing that fits.
    ///
    /// # Errors
    /// [`WriterError`] when it could not try; trying again may help.
    async fn write(&self, request: &Request) -> Result<Option<Draft>, WriterError>;
}
