//! Text as Telegram measures it.
//!
//! Telegram counts a message's length in UTF-16 code units (core.telegram.org/api/entities#entity-length): a letter is
//! one unit, most emoji are two, an emoji of a family of four is eleven. A text is never cut inside a surrogate pair.

/// The longest text message, in UTF-16 units (`message_length_max` of `help.getConfig`).
pub const MESSAGE_LIMIT: usize = 4096;

/// The length of `text` in UTF-16 code units.
#[must_use]
pub fn telegram_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest prefix of `text` of at most `units` UTF-16 units that ends between two characters and not after a joiner
/// (U+200D) or before a combining mark such as a variation selector or skin tone, so that an emoji is not torn.
#[must_use]
pub fn truncate(text: &str, units: usize) -> &str {
    if telegram_len(text) <= units {
        return text;
    }
    let mut taken = 0;
    let mut end = 0;
    let mut after_joiner = true;
    for (at, c) in text.char_indices() {
        if !after_joiner && !extends_previous(c) {
            end = at;
        }
        if taken + c.len_utf16() > units {
            break;
        }
        taken += c.len_utf16();
        after_joiner = c == '\u{200d}';
    }
    &text[..end]
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

const fn extends_previous(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}')
        || matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
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
    }

    #[test]
    fn invisible_text_is_blank() {
        assert!(is_blank(" \u{200b}\u{feff}\n"));
        assert!(!is_blank("\u{200b}."));
    }
}
