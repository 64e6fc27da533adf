//! What people write in a generated world: posts, questions, remarks and greetings, in several scripts.
//!
//! Texts are put together from a handful of sentences whenever they are asked for, from a seed, so that no world stores
//! them. They cover what trips a reader of texts: right-to-left scripts, characters of two UTF-16 units, joined emoji,
//! combining marks, line breaks.

use domain::seed::Seed;
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

/// The language of a channel and its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Russian,
    English,
    Spanish,
    Arabic,
    Hebrew,
    Chinese,
}

/// What a reader means by a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Question,
    Remark,
    Greeting,
}

struct Phrases {
    posts: &'static [&'static str],
    questions: &'static [&'static str],
    remarks: &'static [&'static str],
    greetings: &'static [&'static str],
    update: &'static str,
}

const RUSSIAN: Phrases = Phrases {
    posts: &[
        "Открыли запись на осенний курс по керамике.",
        "Сегодня рассказываем, как устроена новая очистная станция.",
        "Мы посчитали, сколько воды уходит на один литр молока.",
        "В субботу встречаемся в парке у старого моста, приходите всей семьёй.",
        "Вышла новая версия приложения: исправили вход и ускорили поиск.",
        "Разбираем письмо читателя о том, почему не всходит рассада.",
        "Коротко о главном за неделю, без лишних слов.",
        "Ёлка на площади простоит до пятнадцатого января.",
    ],
    questions: &[
        "А сколько это стоит?",
        "Подскажите, где посмотреть расписание?",
        "Можно ли прийти с ребёнком?",
        "Почему не указали источник?",
        "когда будет продолжение",
        "Как записаться, если нет телефона?",
    ],
    remarks: &[
        "Спасибо, очень полезно.",
        "Не согласен, но читать интересно.",
        "Был там в прошлом году, понравилось 👍",
        "+",
    ],
    greetings: &["Всем привет!", "Доброе утро, друзья ☀️"],
    update: "Обновлено: уточнили время.",
};

const ENGLISH: Phrases = Phrases {
    posts: &[
        "Registration for the autumn pottery course is open.",
        "Here is how the new water works cleans a river a day.",
        "We counted the litres behind a single cup of coffee.",
        "Meet us on Saturday by the old bridge, families welcome.",
        "The new release fixes sign-in and makes search twice as fast.",
        "A reader asks why seedlings fall over; we asked a botanist.",
        "The week in five lines, nothing more.",
    ],
    questions: &[
        "How much does it cost?",
        "Where can I find the schedule?",
        "Is it open on Sundays?",
        "why was the old version removed",
        "Could you share the source, please?",
    ],
    remarks: &[
        "Thanks, very useful.",
        "I doubt it, but nicely put.",
        "Went there last year, loved it 👍🏽",
        "first",
    ],
    greetings: &["Hello everyone!", "Good morning 🌞"],
    update: "Update: the time has been corrected.",
};

const SPANISH: Phrases = Phrases {
    posts: &[
        "Abrimos la inscripción al curso de cerámica.",
        "Así funciona la nueva planta de agua.",
        "Nos vemos el sábado junto al puente viejo.",
    ],
    questions: &["¿Cuánto cuesta?", "¿Dónde puedo ver el horario?"],
    remarks: &["Gracias, muy útil.", "No estoy de acuerdo."],
    greetings: &["¡Hola a todos!"],
    update: "Actualizado: corregimos la hora.",
};

const ARABIC: Phrases = Phrases {
    posts: &[
        "فتحنا باب التسجيل في دورة الخزف.",
        "هكذا تعمل محطة المياه الجديدة.",
        "نلتقي يوم السبت عند الجسر القديم.",
    ],
    questions: &["كم السعر؟", "أين أجد المواعيد؟"],
    remarks: &["شكرًا، مفيد جدًا.", "لا أوافق على ذلك."],
    greetings: &["مرحبًا بالجميع!"],
    update: "تحديث: صححنا الوقت.",
};

const HEBREW: Phrases = Phrases {
    posts: &["נפתחה ההרשמה לקורס הקרמיקה.", "כך פועל מתקן המים החדש.", "נפגשים בשבת ליד הגשר הישן."],
    questions: &["כמה זה עולה?", "איפה רואים את לוח הזמנים?"],
    remarks: &["תודה, שימושי מאוד.", "אני לא מסכים."],
    greetings: &["שלום לכולם!"],
    update: "עדכון: השעה תוקנה.",
};

const CHINESE: Phrases = Phrases {
    posts: &["秋季陶艺课开始报名了。", "今天介绍新水厂的运作方式。", "星期六在老桥边见，欢迎带家人。"],
    questions: &["多少钱？", "在哪里可以看到时间表？"],
    remarks: &["谢谢，很有用。", "我不太同意。"],
    greetings: &["大家好！"],
    update: "更新：时间已更正。",
};

/// Ends of posts; most have none. The family is eleven UTF-16 units, the last one has a combining mark.
const ENDS: [&str; 8] = ["", "", "", "", " 🎉", "\n\n👨‍👩‍👧‍👦", " 🇮🇱🏳️‍🌈", "\n… и\u{306}"];

impl Language {
    const fn phrases(self) -> &'static Phrases {
        match self {
            Self::Russian => &RUSSIAN,
            Self::English => &ENGLISH,
            Self::Spanish => &SPANISH,
            Self::Arabic => &ARABIC,
            Self::Hebrew => &HEBREW,
            Self::Chinese => &CHINESE,
        }
    }
}

/// The text of a post: one to four sentences.
pub(crate) fn post(language: Language, seed: Seed, edited: bool) -> String {
    let mut rng = seed.rng();
    let phrases = language.phrases();
    let mut text = String::with_capacity(256);
    let (first, count) = (rng.random_range(0..phrases.posts.len()), rng.random_range(1..=4));
    for sentence in phrases.posts.iter().cycle().skip(first).take(count) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    }
    text.push_str(ENDS.choose(&mut rng).copied().unwrap_or_default());
    if edited {
        text.push_str("\n\n");
        text.push_str(phrases.update);
    }
    text
}

/// A reader's message.
pub(crate) fn reader(language: Language, tone: Tone, seed: Seed) -> String {
    let phrases = language.phrases();
    let choice = match tone {
        Tone::Question => phrases.questions,
        Tone::Remark => phrases.remarks,
        Tone::Greeting => phrases.greetings,
    };
    choice.choose(&mut seed.rng()).copied().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::{is_blank, telegram_len};

    #[test]
    fn every_language_writes_visible_posts_that_a_seed_repeats() {
        let all = [
            Language::Russian,
            Language::English,
            Language::Spanish,
            Language::Arabic,
            Language::Hebrew,
            Language::Chinese,
        ];
        for language in all {
            for n in 0..50 {
                let seed = Seed(7).derive("post", n);
                let text = post(language, seed, false);
                assert!(!is_blank(&text) && telegram_len(&text) < 1024);
                assert_eq!(text, post(language, seed, false));
                assert_ne!(text, post(language, seed, true));
                assert!(!is_blank(&reader(language, Tone::Question, seed)));
            }
        }
    }
}
