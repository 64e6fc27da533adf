//! Happenings from the seed: each channel, publication and reader has a stream of chance of its own.

use std::time::Duration;

use domain::id::{MessageId, PeerId};
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::{Character, Echo, Feed, Item, Joining, Publication, ReaderSays, Shape, rhythm};
use crate::text::{self, Language, Tone};

/// Languages by their share of channels in hundredths, with the zone their channels live in.
const LANGUAGES: [(u32, Language, &str); 6] = [
    (55, Language::Russian, "Europe/Moscow"),
    (20, Language::English, "America/New_York"),
    (7, Language::Spanish, "America/Argentina/Buenos_Aires"),
    (7, Language::Arabic, "Africa/Cairo"),
    (6, Language::Hebrew, "Asia/Jerusalem"),
    (5, Language::Chinese, "Asia/Shanghai"),
];

/// The waits that Telegram offers to groups in slow mode, in seconds.
const SLOW_MODES: [u64; 6] = [10, 30, 60, 300, 900, 3_600];

/// The readers of a channel who write.
const READERS: i64 = 200;
const READER_IDS: i64 = 5_000_000_000;

const EDITED: f64 = 0.06;
const DELETED: f64 = 0.02;
const QUESTIONS: f64 = 0.5;
const GREETINGS: f64 = 0.1;
const REMOVED_BY_READER: f64 = 0.02;
const REPLY_TO_US: f64 = 0.15;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

pub(super) fn zones() -> Vec<Zone> {
    LANGUAGES.iter().map(|(_, _, name)| name.parse().unwrap_or(Zone::UTC)).collect()
}

impl Feed {
    pub(super) fn channel(&self, channel: u32) -> Seed {
        self.seed.derive("channel", channel.into())
    }

    fn publication_seed(&self, channel: u32, nth: u32) -> Seed {
        self.channel(channel).derive("publication", nth.into())
    }

    pub(crate) fn character(&self, channel: u32) -> Character {
        let mut rng = self.channel(channel).derive("character", 0).rng();
        let mut pick = rng.random_range(0..100);
        let of_language = LANGUAGES.iter().position(|(share, ..)| {
            let here = pick < *share;
            pick = pick.saturating_sub(*share);
            here
        });
        let kind = of_language.unwrap_or(0);
        let slow_mode = chance(&mut rng, self.faults.slow_mode);
        let wait = SLOW_MODES[rng.random_range(0..SLOW_MODES.len())];
        let joining = match (
            chance(&mut rng, self.faults.join_required),
            chance(&mut rng, self.faults.join_approval),
        ) {
            (false, _) => Joining::Free,
            (true, false) => Joining::Required,
            (true, true) => Joining::Approved,
        };
        Character {
            language: LANGUAGES[kind].1,
            zone: self.zones.get(kind).copied().unwrap_or(Zone::UTC),
            slow_mode: slow_mode.then(|| Duration::from_secs(wait)),
            joining,
            has_administrator: rng.random_bool(0.5),
            is_private: self.export.as_ref().is_some_and(|export| export.is_private(channel)),
        }
    }

    pub(super) fn next_publication(&self, channel: u32, nth: u32, after: Timestamp) -> Option<Timestamp> {
        // Channels publish between a third and five thirds of the average.
        let own_rate =
            self.posts_per_day * (1.0 / 3.0 + 4.0 / 3.0 * self.channel(channel).derive("rate", 0).fraction());
        let seed = self.publication_seed(channel, nth).derive("at", 0);
        rhythm::next(after, self.character(channel).zone, own_rate, seed)
    }

    /// What the n-th publication consists of: mostly a text, sometimes media, an album, or a service message.
    pub(super) fn items(&self, channel: u32, nth: u32, newest: MessageId) -> Vec<Item> {
        let mut rng = self.publication_seed(channel, nth).derive("items", 0).rng();
        let id = newest.next();
        match rng.random_range(0..100) {
            0..70 => vec![Item { id, shape: Shape::Text, has_text: true }],
            70..82 => vec![Item { id, shape: media(&mut rng), has_text: true }],
            82..90 => vec![Item { id, shape: media(&mut rng), has_text: false }],
            90..98 => {
                let size = if rng.random_bool(0.1) { 10 } else { rng.random_range(2..=5) };
                let captioned = rng.random_bool(0.8);
                let item = |n| Item {
                    id: MessageId(id.get() + n),
                    shape: Shape::Photo,
                    has_text: captioned && n == 0,
                };
                (0..size).map(item).collect()
            }
            _ => vec![Item { id, shape: Shape::Service, has_text: false }],
        }
    }

    /// What becomes of a publication later. Recorded ones are never edited or deleted: the export has only what was left.
    pub(super) fn with_fate(&self, channel: u32, nth: u32, items: Vec<Item>) -> Publication {
        let mut rng = self.publication_seed(channel, nth).derive("fate", 0).rng();
        let (edited, deleted) = if self.export.is_some() { (0.0, 0.0) } else { (EDITED, DELETED) };
        Publication {
            items,
            comments_open: !chance(&mut rng, self.faults.comments_off),
            edited_after: within(&mut rng, edited, MINUTE..6 * HOUR),
            deleted_after: within(&mut rng, deleted, 5 * MINUTE..2 * DAY),
            closed_after: within(&mut rng, self.faults.comments_closed, MINUTE..6 * HOUR),
        }
    }

    /// Readers come one after another, each with the same chance of being followed by another, soon at first.
    pub(super) fn next_reader(
        &self,
        channel: u32,
        publication: u32,
        nth: u32,
        last: Timestamp,
    ) -> Option<Timestamp> {
        let seed = self.reader_seed(channel, publication, nth);
        let goes_on = self.readers_per_post / (1.0 + self.readers_per_post);
        let mut rng = seed.derive("at", 0).rng();
        let comes = chance(&mut rng, goes_on);
        let wait = Duration::from_secs(rng.random_range(20..=2 * HOUR) * u64::from(nth.min(4) + 1) / 2);
        comes.then(|| last + wait)
    }

    pub(super) fn invented_reader(&self, channel: u32, publication: u32, nth: u32) -> ReaderSays {
        let seed = self.reader_seed(channel, publication, nth);
        let mut rng = seed.derive("what", 0).rng();
        let tone = tone(&mut rng);
        let answers = (nth > 0 && rng.random_bool(0.3)).then(|| rng.random_range(0..nth));
        let removed_after = within(&mut rng, REMOVED_BY_READER, MINUTE..DAY);
        ReaderSays { answers, removed_after, ..self.says(channel, seed, tone) }
    }

    /// What moderators and readers do about the comment of ours with this id in the group.
    pub(crate) fn echo(&self, channel: u32, message: MessageId) -> Echo {
        let mut rng = self.channel(channel).derive("echo", message.get()).rng();
        Echo {
            removed_after: within(&mut rng, self.faults.comments_removed, 10 * MINUTE..3 * DAY),
            replied_after: within(&mut rng, REPLY_TO_US, MINUTE..2 * HOUR),
            appeal: if rng.random_bool(0.4) { rng.random_range(1..=12) } else { 0 },
        }
    }

    /// A reader's reply to the comment of ours with this id in the group.
    pub(crate) fn reply(&self, channel: u32, message: MessageId) -> ReaderSays {
        let seed = self.channel(channel).derive("reply", message.get());
        let tone = tone(&mut seed.derive("what", 0).rng());
        self.says(channel, seed, tone)
    }

    pub(super) fn says(&self, channel: u32, seed: Seed, tone: Tone) -> ReaderSays {
        let reader = seed.derive("author", 0).rng().random_range(0..READERS);
        ReaderSays {
            author: PeerId(READER_IDS + i64::from(channel) * READERS + reader),
            answers: None,
            text: text::reader(self.character(channel).language, tone, seed),
            removed_after: None,
        }
    }

    fn reader_seed(&self, channel: u32, publication: u32, nth: u32) -> Seed {
        self.publication_seed(channel, publication).derive("reader", nth.into())
    }
}

/// One draw; rates outside 0 to 1 count as never or always.
pub(crate) fn chance(rng: &mut Pcg64Mcg, rate: f64) -> bool {
    rng.random::<f64>() < rate
}

/// Some seconds of `span`, in a share `rate` of cases. Draws as often either way, so that a rate changes nothing else.
fn within(rng: &mut Pcg64Mcg, rate: f64, span: std::ops::Range<u64>) -> Option<Duration> {
    let happens = chance(rng, rate);
    let after = Duration::from_secs(rng.random_range(span));
    happens.then_some(after)
}

fn media(rng: &mut Pcg64Mcg) -> Shape {
    match rng.random_range(0..10) {
        0..7 => Shape::Photo,
        7..9 => Shape::Video,
        _ => Shape::Document,
    }
}

fn tone(rng: &mut Pcg64Mcg) -> Tone {
    match rng.random::<f64>() {
        draw if draw < QUESTIONS => Tone::Question,
        draw if draw < QUESTIONS + GREETINGS => Tone::Greeting,
        _ => Tone::Remark,
    }
}
