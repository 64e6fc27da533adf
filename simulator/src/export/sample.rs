//! An export made up for tests: a whole account with a channel, its discussion group and chats that do not matter.

use domain::seed::Seed;
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};

use crate::text::{self, Language, Tone};

const CHANNEL: i64 = 1_234_567_890;
/// 2024-01-01T00:00:00Z.
const BEGINNING: i64 = 1_704_067_200;
const LANGUAGES: [Language; 4] = [Language::Russian, Language::English, Language::Arabic, Language::Hebrew];

/// The JSON text of an export whose channel has `messages` messages: texts in several scripts, plain and styled, albums of two
/// to ten and one of a hundred photos, empty posts, service messages; and comments under a third of the posts.
#[must_use]
pub fn sample(seed: Seed, messages: u32) -> String {
    let mut writer = Writer {
        seed,
        rng: seed.rng(),
        at: BEGINNING,
        posts: Vec::new(),
        group: Vec::new(),
        group_newest: 1,
    };
    writer.album(100);
    while writer.posts.len() < usize::try_from(messages).unwrap_or(usize::MAX) {
        writer.publish();
    }
    let chat = |about: &str, messages: &[Value]| format!("{{{about},\"messages\":{}}}", json!(messages));
    // Put together as text, since Telegram Desktop writes what a chat is before its messages.
    let channel =
        chat(&format!(r#""name":"Пример · Sample","type":"public_channel","id":{CHANNEL}"#), &writer.posts);
    let group = chat(r#""type":"public_supergroup","id":987654321"#, &writer.group);
    let personal = chat(r#""name":null,"type":"personal_chat","id":42"#, &[json!({ "oddly": "shaped" })]);
    format!(r#"{{"about":"Made up","chats":{{"about":"","list":[{personal},{group},{channel}]}}}}"#)
}

struct Writer {
    seed: Seed,
    rng: Pcg64Mcg,
    at: i64,
    posts: Vec<Value>,
    group: Vec<Value>,
    group_newest: i64,
}

impl Writer {
    fn publish(&mut self) {
        self.at += self.rng.random_range(600..6 * 3_600);
        match self.rng.random_range(0..100) {
            0..70 => self.text_post(),
            70..80 => {
                let media = json!({ "photo": "(File not included. Change data exporting settings to download.)", "text": "" });
                self.post(&media);
            }
            80..90 => {
                let size = self.rng.random_range(2..=10);
                self.album(size);
            }
            90..95 => self.post(&json!({ "file": "a.mp4", "media_type": "video_file", "text": "" })),
            _ => {
                let id = self.next_post();
                let pinned = json!({ "id": id, "type": "service", "action": "pin_message", "actor": null, "date": "", "text": "" });
                self.posts.push(with(
                    pinned,
                    &json!({ "date": local(self.at), "date_unixtime": self.at.to_string() }),
                ));
            }
        }
    }

    fn text_post(&mut self) {
        let seed = self.seed.derive("post", self.next_post());
        let language = LANGUAGES[self.rng.random_range(0..LANGUAGES.len())];
        let whole = text::post(language, seed, false);
        let styled =
            json!([{ "type": "bold", "text": "№ 1 " }, whole, { "type": "hashtag", "text": " #тег" }]);
        let text = if self.rng.random_bool(0.3) { styled } else { json!(whole) };
        self.post(&json!({ "text": text }));
        if self.rng.random_bool(0.33) {
            self.comments(language, seed);
        }
    }

    fn album(&mut self, size: usize) {
        for n in 0..size {
            let text = if n == 0 { "Фотографии 📷" } else { "" };
            self.post(&json!({ "photo": "photo.jpg", "width": 1280, "height": 720, "text": text }));
        }
    }

    /// A post, and its copy in the group a second later.
    fn post(&mut self, content: &Value) {
        let id = self.next_post();
        let from = json!({ "type": "message", "from": "Sample", "from_id": format!("channel{CHANNEL}") });
        let post = json!({ "id": id, "date": local(self.at), "date_unixtime": self.at.to_string() });
        self.posts.push(with(with(post, &from), content));
        self.group_newest += 1;
        let copy = json!({ "id": self.group_newest, "date": local(self.at + 1), "date_unixtime": (self.at + 1).to_string() });
        self.group.push(with(with(copy, &from), content));
    }

    fn comments(&mut self, language: Language, seed: Seed) {
        let root = self.group_newest;
        for n in 0..self.rng.random_range(1..4) {
            self.group_newest += 1;
            let answered = if n > 0 && self.rng.random_bool(0.5) { self.group_newest - 1 } else { root };
            let at = self.at + 60 * (n + 1);
            let text = text::reader(language, Tone::Question, seed.derive("comment", n));
            self.group.push(json!({
                "id": self.group_newest, "type": "message", "date": local(at), "date_unixtime": at.to_string(),
                "from": null, "from_id": format!("user{}", 100 + n), "reply_to_message_id": answered, "text": text,
            }));
        }
    }

    fn next_post(&self) -> i64 {
        i64::try_from(self.posts.len()).unwrap_or_default() + 2
    }
}

fn with(mut object: Value, more: &Value) -> Value {
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    object
}

/// The date as an exporter in UTC writes it.
fn local(at: i64) -> String {
    domain::time::Timestamp::from_secs(at).rfc3339().chars().take(19).collect()
}
