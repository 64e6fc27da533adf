//! The stream of events as its readers hear it: in order, once, without holes, and nothing that is none of their business.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod desk;

use std::time::Duration;

use desk::Desk;
use domain::access::Scopes;
use domain::id::{ChannelId, EventId, MessageId, ProjectId};
use domain::time::Timestamp;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use persistence::maintenance::Retention;
use persistence::outbox::Actor;
use persistence::setup::NewChannel;
use persistence::watching::{RecordPosts, SeenPost};
use poem::http::{Method, StatusCode};
use serde_json::Value;

/// 2026-03-02T09:00:00Z.
const MORNING: Timestamp = Timestamp::from_secs(1_772_442_000);

/// Nobody waits longer for what must come at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// What stands between two empty lines of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heard {
    id: i64,
    kind: String,
    data: Value,
}

/// A client that reads a stream.
struct Listener {
    body: BoxStream<'static, String>,
    text: String,
}

impl Listener {
    async fn open(desk: &Desk, token: &str, query: &str, last: Option<i64>) -> Self {
        let mut request = desk.client.get(format!("/api/v1/events{query}"));
        request = request.header("authorization", format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = request.send().await.0;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.content_type(), Some("text/event-stream"));
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = response.into_body().into_bytes_stream();
        let body = body.map_ok(|part| String::from_utf8(part.to_vec()).unwrap()).map(Result::unwrap);
        let mut listener = Self { body: body.boxed(), text: String::new() };
        assert!(listener.block().await.unwrap().contains("retry: 2000"), "it greets first");
        listener
    }

    /// The next block of lines; `None` when the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            // Something comes, or the stream ends.
            let part = tokio::time::timeout(PATIENCE, self.body.next()).await;
            self.text += &part.unwrap()?;
        }
    }

    /// The next event; heartbeats are passed over.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            let block = self.block().await?;
            let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(data) = line("data: ") {
                let (id, kind) = (line("id: ").unwrap().parse().unwrap(), line("event: ").unwrap());
                return Some(Heard { id, kind, data: serde_json::from_str(&data).unwrap() });
            }
        }
    }

    async fn some(&mut self, count: usize) -> Vec<Heard> {
        let mut heard = Vec::with_capacity(count);
        for _ in 0..count {
            heard.push(self.next().await.unwrap());
        }
        heard
    }
}

/// A channel to see posts in.
async fn channel(desk: &Desk, project: ProjectId, peer: i64) -> ChannelId {
    let new = NewChannel {
        telegram_id: domain::id::PeerId(peer),
        username: None,
        title: "Bus news".into(),
        about: String::new(),
        discussion: None,
        newest: MessageId(0),
        members: None,
    };
    desk.store.create_channels(project, &[new], MORNING).await.unwrap()[0]
}

/// Records posts `numbers`, each of which tells `post.new`.
async fn post(desk: &Desk, channel: ChannelId, numbers: std::ops::RangeInclusive<i64>) {
    let post = |number: i64| SeenPost {
        message: MessageId(number),
        grouped: None,
        text: format!("post {number}"),
        media: Vec::new(),
        published_at: MORNING,
        edited_at: None,
        comments_open: false,
        views: 0,
        forwards: 0,
        reactions: 0,
    };
    let seen = RecordPosts { channel, posts: numbers.map(post).collect(), empty: Vec::new() };
    desk.store.record_posts(&[seen], MORNING).await.unwrap();
}

async fn ids(desk: &Desk) -> Vec<i64> {
    let events = desk.store.events_after(EventId(0), 100_000).await.unwrap();
    events.iter().map(|event| event.id.get()).collect()
}

#[tokio::test]
async fn what_happens_is_told_as_it_happens() {
    let desk = Desk::open().await;
    let channel = channel(&desk, desk.project, 2001).await;
    let mut listener = Listener::open(&desk, &desk.owner, "?type=post.new", None).await;
    post(&desk, channel, 1..=2).await;
    let heard = listener.some(2).await;
    let newest = desk.store.events_after(EventId(0), 1000).await.unwrap().pop().unwrap();
    assert!(heard[1].id <= newest.id.get() && heard[0].id < heard[1].id);
    assert_eq!(heard[0].kind, "post.new");
    assert_eq!(heard[0].data["type"], "post.new");
    assert_eq!(heard[0].data["timestamp"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(heard[0].data["data"]["project_id"], desk.project.get());
    assert_eq!(heard[0].data["data"]["channel_id"], channel.get());
}

#[tokio::test]
async fn who_comes_back_with_the_last_id_misses_nothing_and_hears_nothing_twice() {
    let desk = Desk::open().await;
    let channel = channel(&desk, desk.project, 2001).await;
    post(&desk, channel, 1..=700).await;
    let mut listener = Listener::open(&desk, &desk.owner, "", Some(0)).await;
    let (mut heard, before) = (listener.some(300).await, ids(&desk).await.len());
    // While it reads from the outbox, more happens; then it follows what is told live.
    post(&desk, channel, 701..=1400).await;
    let rest = ids(&desk).await.len() - heard.len();
    assert!(rest > before - heard.len());
    heard.extend(listener.some(rest).await);
    post(&desk, channel, 1401..=1410).await;
    let all = ids(&desk).await;
    heard.extend(listener.some(all.len() - heard.len()).await);
    assert_eq!(heard.iter().map(|event| event.id).collect::<Vec<_>>(), all);

    let middle = all[all.len() / 2];
    let mut again = Listener::open(&desk, &desk.owner, "", Some(middle)).await;
    let later = again.some(all.len() - all.len() / 2 - 1).await;
    assert_eq!(later.iter().map(|event| event.id).collect::<Vec<_>>(), all[all.len() / 2 + 1..]);
}

#[tokio::test]
async fn a_reader_who_stalls_holds_up_nobody_and_reads_on_where_it_was() {
    let desk = Desk::open().await;
    let channel = channel(&desk, desk.project, 2001).await;
    let mut stalled = Listener::open(&desk, &desk.owner, "?type=post.new", None).await;
    let mut quick = Listener::open(&desk, &desk.owner, "?type=post.new", None).await;
    let mut at = 0;
    // More than what is kept for whoever is slow.
    for _ in 0..12 {
        post(&desk, channel, at + 1..=at + 500).await;
        let heard = quick.some(500).await;
        assert!(heard.iter().all(|event| event.kind == "post.new"));
        at += 500;
    }
    let heard = stalled.some(6000).await;
    assert!(heard.iter().map(|event| event.id).is_sorted_by(|one, next| one < next), "each once, in order");
    post(&desk, channel, at + 1..=at + 1).await;
    assert_eq!(stalled.next().await, quick.next().await);
}

#[tokio::test]
async fn nobody_hears_what_they_may_not_see() {
    let desk = Desk::open().await;
    let (ours, theirs) =
        (channel(&desk, desk.project, 2001).await, channel(&desk, desk.other_project, 2002).await);
    let narrow = desk.token(desk.people.owner, Scopes::ALL, Some(desk.other_project)).await;
    let admin = desk.token(desk.people.admin, Scopes::ALL, None).await;
    let stranger = desk.token(desk.people.stranger, Scopes::ALL, None).await;
    let query = format!("?type=post.new&project={}", desk.project);
    let mut one = Listener::open(&desk, &desk.owner, &query, None).await;
    let mut other = Listener::open(&desk, &narrow, "?type=post.new", None).await;
    let mut both = Listener::open(&desk, &desk.owner, "?type=post.new&type=post.edited", None).await;
    let mut everything = Listener::open(&desk, &admin, "?type=post.new", None).await;
    let mut nothing = Listener::open(&desk, &stranger, "", None).await;
    post(&desk, ours, 1..=1).await;
    post(&desk, theirs, 1..=1).await;
    post(&desk, ours, 2..=2).await;
    let project = |heard: &Heard| heard.data["data"]["project_id"].as_i64().unwrap();
    let (mine, yours) = (desk.project.get(), desk.other_project.get());
    assert_eq!(one.some(2).await.iter().map(project).collect::<Vec<_>>(), [mine, mine]);
    assert_eq!(other.some(1).await.iter().map(project).collect::<Vec<_>>(), [yours]);
    assert_eq!(both.some(3).await.iter().map(project).collect::<Vec<_>>(), [mine, yours, mine]);
    assert_eq!(everything.some(3).await.iter().map(project).collect::<Vec<_>>(), [mine, yours, mine]);
    assert_eq!(nothing.body.next().now_or_never(), None, "what the others heard was told to it too");

    let query = format!("/api/v1/events?project={}", desk.project);
    for token in [&narrow, &stranger] {
        let answer = desk.ask_as(Some(token), Method::GET, &query, None).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["type"]),
            (404, &"urn:beseda:unknown-project".into())
        );
    }
    let wrong = ["?type=post.lost", "?project=first"];
    for query in wrong {
        let answer = desk.ask(&format!("/api/v1/events{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_opened_it() {
    let desk = Desk::open().await;
    let channel = channel(&desk, desk.project, 2001).await;
    let token = desk.token(desk.people.owner, Scopes::ALL, None).await;
    let mut listener = Listener::open(&desk, &token, "?type=post.new", None).await;
    post(&desk, channel, 1..=1).await;
    listener.some(1).await;
    let (owner, by) = (desk.people.owner, Actor::User(desk.people.owner));
    let tokens = desk.store.list_tokens(owner, None, None, 10).await.unwrap();
    desk.store.revoke_token(owner, None, tokens[0].id, by, MORNING).await.unwrap();
    post(&desk, channel, 2..=2).await;
    assert_eq!(listener.next().await, None, "it hears nothing more");
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_announced() {
    let desk = Desk::open().await;
    let channel = channel(&desk, desk.project, 2001).await;
    post(&desk, channel, 1..=10).await;
    // The tree adds events of its own, by the machine's time; all that are there are old enough.
    let after = Timestamp::from_secs(4_000_000_000);
    let gone = Retention { events: after, audit: MORNING, readers_text: MORNING };
    desk.store.prune(&gone, 1000).await.unwrap();
    let oldest = desk.store.oldest_event().await.unwrap().unwrap().get();
    let mut listener = Listener::open(&desk, &desk.owner, "", Some(1)).await;
    let heard = listener.some(2).await;
    assert_eq!((heard[0].kind.as_str(), &heard[0].data["oldest_id"]), ("gone", &oldest.into()));
    assert_eq!((heard[0].id, heard[1].id), (oldest - 1, oldest), "it goes on from there");

    let newest = desk.store.latest_event().await.unwrap().get();
    let mut mistaken = Listener::open(&desk, &desk.owner, "", Some(newest + 1000)).await;
    assert_eq!(mistaken.some(1).await[0].kind, "gone", "an id that was never given");
    post(&desk, channel, 11..=11).await;
    assert!(mistaken.some(1).await[0].id > newest);
    let request = desk.client.get("/api/v1/events").header("last-event-id", "yesterday");
    let request = request.header("authorization", format!("Bearer {}", desk.owner));
    assert_eq!(request.send().await.0.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_lives_and_how_far_it_is() {
    let desk = Desk::open().await;
    let mut listener = Listener::open(&desk, &desk.owner, "", None).await;
    let newest = desk.store.latest_event().await.unwrap();
    assert_eq!(listener.block().await.unwrap(), format!(": still here\nid: {newest}"));
}
