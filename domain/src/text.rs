//! Text as Telegram measures it.
//!
//! Telegram counts a message's length in UTF-16 code units (core.telegram.org/api/entities#entity-length): a letter is
//! one unit, most emoji are two, an emoji of a family of four is eleven. A text is never cut inside a surrogate pair.

use unicode_segmentation::UnicodeSegmentation;

/// The longest text message, in UTF-16 units (`message_length_max` of `help.getConfig`).
pub const MESSAGE_LIMIT: usize = 4096;

/// The length of `text` in UTF-16 code units.
#[must_use]
pub fn telegram_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest prefix of `text` of at most `units` UTF-16 units that ends between two characters as a reader sees them
/// (grapheme clusters): no emoji, flag or accented letter is torn.
#[must_use]
pub fn truncate(text: &str, units: usize) -> &str {
    let mut taken = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        taken += telegram_len(cluster);
        if taken > units {
            return &text[..at];
        }
    }
    text
}

/// Whether nothing in `text` would be visible: only white space, format characters or blank letters.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{2800}' | '\u{3164}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_utf16_units() {
        assert_eq!(telegram_len("привет"), 6);
        assert_eq!(telegram_len("👍"), 2);
        assert_eq!(telegram_len("👨‍👩‍👧‍👦"), 11);
    }

    #[test]
    fn truncation_never_tears_an_emoji() {
        assert_eq!(truncate("ab👍", 3), "ab");
        assert_eq!(truncate("ab👍", 4), "ab👍");
        assert_eq!(truncate("a👨‍👩‍👧‍👦b", 11), "a");
        assert_eq!(truncate("e\u{301}x", 1), "");
        assert_eq!(truncate("שלום", 2), "של");
        assert_eq!(truncate("🇷🇺🇺🇳", 6), "🇷🇺");
        assert_eq!(truncate("नमस्ते", 3), "नम");
        assert_eq!(truncate("", 0), "");
    }

    #[test]
    fn invisible_text_is_blank() {
        assert!(is_blank(" \u{200b}\u{feff}\n"));
        assert!(!is_blank("\u{200b}."));
    }
}
