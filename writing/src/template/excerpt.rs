//! What a template quotes: short pieces of other people's texts, made safe to stand inside ours.
//!
//! A piece is one line without links and mentions (a quotation neither advertises nor calls anybody) and without direction
//! controls of its own; right-to-left text is isolated, so that it does not reorder the sentence around it. A piece that
//! has neither letter nor digit says nothing and is no piece.

use domain::text::{telegram_len, truncate};

/// The longest line or sentence that is quoted, in UTF-16 units.
const LINE_LIMIT: usize = 160;

/// The longest topic, in UTF-16 units.
const TOPIC_LIMIT: usize = 40;

/// How much of a line is read: enough for the longest piece with its links taken out.
const READ_LIMIT: usize = 4 * LINE_LIMIT;

/// Signs that end a sentence wherever they stand.
const FULL_WIDTH_STOPS: [char; 4] = ['。', '！', '？', '।'];

/// Signs that end a sentence before a space.
const STOPS: [char; 6] = ['.', '!', '?', '…', '؟', '۔'];

/// A whole text as one line.
pub(super) fn line(text: &str) -> Option<String> {
    piece(&flow(text), LINE_LIMIT)
}

/// An [`opening`] to quote.
pub(super) fn sentence(opening: &str) -> Option<String> {
    piece(opening, LINE_LIMIT)
}

/// What stands for the subject of a text: its first hashtag, else the longest word of its opening.
pub(super) fn topic(text: &str, opening: &str) -> Option<String> {
    let tags = text.split_whitespace().filter_map(|token| token.strip_prefix('#'));
    let topic =
        tags.map(|tag| tag.replace('_', " ")).find_map(|tag| piece(trimmed(&flow(&tag)), TOPIC_LIMIT));
    topic.or_else(|| {
        let words = opening.split(' ').map(trimmed);
        piece(words.rev().max_by_key(|word| word.chars().count())?, TOPIC_LIMIT)
    })
}

/// The first sentence, without its full stop, of the first line that says something.
pub(super) fn opening(text: &str) -> Option<String> {
    let line = text.lines().map(flow).find(|line| says_something(line))?;
    let ends = line.char_indices().find(|(at, c)| {
        let (before, after) = (&line[..*at], &line[at + c.len_utf8()..]);
        FULL_WIDTH_STOPS.contains(c)
            || (STOPS.contains(c) && after.starts_with(' ') && !ends_with_initial(before))
    });
    let sentence = ends.map_or(line.as_str(), |(at, c)| &line[..at + c.len_utf8()]);
    Some(sentence.trim_end_matches(['.', '。', '।', '…', ':', ',', ';']).to_owned())
}

/// Whether a text ends with a number or a single letter, after which a full stop ends no sentence: "1.", "т. е.", "A. Bell".
fn ends_with_initial(text: &str) -> bool {
    let word = text.rsplit(' ').next().unwrap_or_default();
    word.chars().filter(|c| c.is_alphabetic()).count() < 2
}

/// A text's words on one line, without links, mentions and direction controls.
fn flow(text: &str) -> String {
    let shown = |c: &char| !steers(*c) && (c.is_whitespace() || !c.is_control());
    let visible: String = text.chars().take(READ_LIMIT).filter(shown).collect();
    let words: Vec<&str> = visible.split_whitespace().filter(|token| !is_reference(token)).collect();
    words.join(" ")
}

/// Whether a character sets the direction of the text around it.
const fn steers(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_reference(token: &str) -> bool {
    if !token.contains('.') {
        return token.contains('@') || token.contains("://");
    }
    let token = token.to_ascii_lowercase();
    token.contains('@') || token.contains("://") || token.contains("t.me/") || token.starts_with("www.")
}

/// A word without the signs around it.
fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn says_something(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A text of at most `limit` units, cut between words where there are any, and isolated if it runs right to left.
fn piece(text: &str, limit: usize) -> Option<String> {
    if !says_something(text) {
        return None;
    }
    let text = if telegram_len(text) <= limit { text.to_owned() } else { shortened(text, limit) };
    let runs_left = text
        .contains(|c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'));
    Some(if runs_left { format!("\u{2068}{text}\u{2069}") } else { text })
}

fn shortened(text: &str, limit: usize) -> String {
    let cut = truncate(text, limit - telegram_len("…"));
    let whole = cut.rfind(' ').map_or(cut, |space| &cut[..space]);
    format!("{}…", whole.trim_end_matches([',', ';', ':', ' ', '-', '–', '—']))
}
