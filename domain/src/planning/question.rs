//! Whether a reader's message asks for something, told by cheap signs in Russian and English.
//!
//! A sign, not an understanding: a question mark, or a question word at the beginning. What slips through costs one draft
//! that the writer or the reviewer declines; what is missed costs an answer. So greetings, small talk and exclamations are
//! left out, and everything else with a question mark counts, in any script.

/// Words that a question begins with. A question mark is not needed after them.
const QUESTION_WORDS: [&str; 53] = [
    "кто",
    "что",
    "где",
    "когда",
    "куда",
    "откуда",
    "почему",
    "зачем",
    "отчего",
    "как",
    "какой",
    "какая",
    "какое",
    "какие",
    "каком",
    "какую",
    "сколько",
    "чей",
    "чья",
    "чьё",
    "можно",
    "подскажите",
    "подскажи",
    "расскажите",
    "скажите",
    "объясните",
    "посоветуйте",
    "поделитесь",
    "who",
    "whose",
    "what",
    "where",
    "when",
    "why",
    "how",
    "which",
    "can",
    "could",
    "would",
    "should",
    "is",
    "are",
    "does",
    "do",
    "did",
    "will",
    "has",
    "have",
    "was",
    "were",
    "anyone",
    "anybody",
    "explain",
];

/// Words that may stand before a question without being part of it.
const OPENINGS: [&str; 26] = [
    "а",
    "и",
    "ну",
    "но",
    "так",
    "привет",
    "приветствую",
    "здравствуйте",
    "здравствуй",
    "добрый",
    "доброе",
    "доброго",
    "день",
    "утро",
    "вечер",
    "дня",
    "всем",
    "hello",
    "hi",
    "hey",
    "good",
    "morning",
    "evening",
    "and",
    "so",
    "well",
];

/// Questions that ask for nothing.
const SMALL_TALK: [&str; 9] = [
    "как дела",
    "как вы",
    "как ты",
    "как жизнь",
    "как настроение",
    "что нового",
    "how are you",
    "what's up",
    "how is it going",
];

/// Question marks of the world's scripts: Latin, full width, Arabic, Armenian, Ethiopic, doubled and mixed.
const QUESTION_MARKS: [char; 8] = ['?', '？', '؟', '՞', '፧', '⁇', '⁈', '⁉'];

/// Whether `text` asks for something.
pub fn asks(text: &str) -> bool {
    let spoken: Vec<&str> = text.split_whitespace().filter(|token| !is_reference(token)).collect();
    let words: Vec<String> = spoken.iter().map(|token| bare(token)).filter(|word| !word.is_empty()).collect();
    let begins = words.iter().position(|word| !OPENINGS.contains(&word.as_str())).unwrap_or(words.len());
    let Some((first, _)) = words[begins..].split_first() else { return false };
    if SMALL_TALK.contains(&words[begins..].join(" ").as_str()) {
        return false;
    }
    let marked = spoken.iter().any(|token| token.contains(QUESTION_MARKS));
    let exclaims = spoken.last().is_some_and(|token| token.ends_with('!'));
    marked || (QUESTION_WORDS.contains(&first.as_str()) && words[begins..].len() > 1 && !exclaims)
}

/// A link or a mention: a question mark inside one asks nothing.
fn is_reference(token: &str) -> bool {
    token.contains("://") || token.starts_with('@') || token.contains("t.me/") || token.starts_with("www.")
}

/// The letters and digits of a token, in lower case, with the apostrophes inside it.
fn bare(token: &str) -> String {
    token.trim_matches(|c: char| !c.is_alphanumeric()).replace('’', "'").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_by_mark_or_first_word() {
        for text in [
            "Когда выйдет обновление?",
            "а когда выйдет обновление",
            "Здравствуйте! Подскажите, где скачать",
            "Это правда??",
            "Цена?",
            "How do I install it",
            "@beseda, is there a Linux version?",
            "Hi, could you explain step two",
            "متى الإصدار القادم؟",
            "什么时候更新？",
            "2026?",
        ] {
            assert!(asks(text), "{text:?} asks");
        }
    }

    #[test]
    fn greetings_exclamations_links_and_bare_marks_ask_nothing() {
        for text in [
            "",
            "???",
            "👍",
            "Спасибо, очень полезно",
            "Привет, как дела?",
            "Всем привет!",
            "Good morning! How are you?",
            "What's up?",
            "Как красиво!",
            "What a beautiful day!",
            "Почему",
            "https://example.org/?q=1",
            "смотрите t.me/beseda/1?single",
        ] {
            assert!(!asks(text), "{text:?} asks nothing");
        }
    }
}
