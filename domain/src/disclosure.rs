//! The label that every comment carries, and the only door through which a text becomes sendable.
//!
//! A [`SignedText`] can be made here and nowhere else, from a text and a non-empty [`Label`]; the port takes nothing but
//! a `SignedText`. That is the whole mechanism behind "labelled": an unlabelled send does not compile.

use serde::{Deserialize, Serialize};

use crate::text::{MESSAGE_LIMIT, is_blank, telegram_len};

/// The longest label, in UTF-16 units.
pub const LABEL_LIMIT: usize = 200;

/// Words that tell readers who speaks, for example "From the channel's team, written with an assistant".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// Why a text cannot be a label or cannot be signed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// The label has no visible character.
    #[error("the label is empty; say who is speaking")]
    EmptyLabel,
    /// The label is too long.
    #[error("the label has {0} characters, at most {LABEL_LIMIT} are allowed")]
    LongLabel(usize),
    /// The label spans lines, so it could pass for part of the text.
    #[error("the label must be a single line")]
    LabelSpansLines,
    /// The text has no visible character.
    #[error("the text is empty")]
    EmptyText,
    /// Text and label together are longer than a message may be.
    #[error("text and label have {0} characters, Telegram allows {MESSAGE_LIMIT}")]
    TooLong(usize),
    /// A stored text does not end with its label.
    #[error("the stored text does not carry its label")]
    Unsigned,
}

impl Label {
    /// Checks and trims a label.
    ///
    /// # Errors
    /// When it is blank, longer than [`LABEL_LIMIT`] or has a line break.
    pub fn new(text: &str) -> Result<Self, DisclosureError> {
        let text = text.trim();
        if is_blank(text) {
            return Err(DisclosureError::EmptyLabel);
        }
        if text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return Err(DisclosureError::LabelSpansLines);
        }
        match telegram_len(text) {
            long if long > LABEL_LIMIT => Err(DisclosureError::LongLabel(long)),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The label's words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many UTF-16 units of a message remain for the text above this label.
    #[must_use]
    pub fn room(&self) -> usize {
        MESSAGE_LIMIT - telegram_len(&self.0) - telegram_len(SEPARATOR)
    }

    /// Whether a profile text tells the label to readers. Case and spacing are its owner's to choose.
    #[must_use]
    pub fn stands_in(&self, profile: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        plain(profile).contains(&plain(&self.0))
    }

    /// Whether a message as it stands in Telegram carries this label: its last paragraph, below a text.
    #[must_use]
    pub fn is_on(&self, message: &str) -> bool {
        message
            .strip_suffix(self.as_str())
            .and_then(|rest| rest.strip_suffix(SEPARATOR))
            .is_some_and(|text| !is_blank(text))
    }
}

impl TryFrom<String> for Label {
    type Error = DisclosureError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

/// What stands between the text and its label.
const SEPARATOR: &str = "\n\n";

/// A text with its label, ready to leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SignedText(String);

impl SignedText {
    /// The message exactly as readers will see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes back a text that was signed before and kept by the Store, checking the label again.
    ///
    /// # Errors
    /// [`DisclosureError::Unsigned`] when it does not end with `label` below a text, and `TooLong` as in [`sign`].
    pub fn restore(stored: String, label: &Label) -> Result<Self, DisclosureError> {
        if !label.is_on(&stored) {
            return Err(DisclosureError::Unsigned);
        }
        fits(stored)
    }
}

/// Puts the label under the text.
///
/// # Errors
/// When the text is blank, or text and label together exceed [`MESSAGE_LIMIT`].
pub fn sign(text: &str, label: &Label) -> Result<SignedText, DisclosureError> {
    let text = text.trim();
    if is_blank(text) {
        return Err(DisclosureError::EmptyText);
    }
    fits(format!("{text}{SEPARATOR}{}", label.as_str()))
}

fn fits(message: String) -> Result<SignedText, DisclosureError> {
    match telegram_len(&message) {
        long if long > MESSAGE_LIMIT => Err(DisclosureError::TooLong(long)),
        _ => Ok(SignedText(message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_says_something_on_one_short_line() {
        assert_eq!(Label::new(" \u{200b}"), Err(DisclosureError::EmptyLabel));
        assert_eq!(Label::new("a\nb"), Err(DisclosureError::LabelSpansLines));
        assert_eq!(Label::new(&"x".repeat(201)), Err(DisclosureError::LongLabel(201)));
        assert_eq!(Label::new("  команда канала ").unwrap().as_str(), "команда канала");
    }

    #[test]
    fn a_profile_tells_the_label_however_it_is_spaced_and_spelled() {
        let label = Label::new("Команда канала «Трамвай»").unwrap();
        assert!(label.stands_in("Редактор.\nкоманда канала  «Трамвай»  @tram"));
        for other in ["", "Команда канала", "Трамвай"] {
            assert!(!label.stands_in(other), "{other:?}");
        }
    }

    #[test]
    fn the_limit_counts_utf16_units_of_text_and_label_together() {
        let label = Label::new("label").unwrap();
        assert!(sign(&"👍".repeat(label.room() / 2), &label).is_ok());
        assert!(matches!(sign(&"👍".repeat(2048), &label), Err(DisclosureError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn whatever_is_signed_carries_its_label_and_fits(text in "\\PC{0,300}", label in "\\PC{1,40}") {
            if let Ok(label) = Label::new(&label) {
                match sign(&text, &label) {
                    Ok(signed) => {
                        prop_assert!(label.is_on(signed.as_str()));
                        prop_assert!(telegram_len(signed.as_str()) <= MESSAGE_LIMIT);
                        prop_assert_eq!(SignedText::restore(signed.as_str().to_owned(), &label).unwrap(), signed);
                    }
                    Err(error) => prop_assert_eq!(error, DisclosureError::EmptyText),
                }
            }
        }

        #[test]
        fn what_lacks_the_label_is_not_restored(text in "\\PC{0,60}") {
            let label = Label::new("signed by nobody else").unwrap();
            prop_assert_eq!(SignedText::restore(text, &label), Err(DisclosureError::Unsigned));
        }
    }
}
