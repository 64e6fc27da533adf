//! Thousands of readers of the stream of events, some of whom stall: how late the others hear what happens, and what that
//! takes of memory.
//!
//! `cargo bench -p beseda --bench streams -- [readers] [stalled] [events] [a second]` serves a gateway on SQLite in this
//! process, connects all readers to it over loopback, and records posts at that pace. Late is an event by the time from
//! before its commit to when a reader has its last byte. A reader that stalls has a small receive buffer and reads nothing
//! after the greeting; the gateway closes it when a write got nowhere for a minute. Memory is that of both ends together.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

#[allow(dead_code, reason = "this bench fills its database itself")]
mod town;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actors::clock::SystemClock;
use actors::{NoCourier, Ports, Records, Settings, System};
use domain::access::Scopes;
use domain::time::Clock as _;
use http::{Gateway, Listener};
use persistence::access::NewToken;
use persistence::outbox::Actor;
use persistence::{DatabaseConfig, Durability, Store};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use telegram::Unreached;
use testkit::{Scene, Sketch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use writing::TemplateWriter;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Every event must be everywhere within this, in seconds.
const BOUND: f64 = 1.0;

/// Connections that are opened at the same time.
const AT_ONCE: usize = 100;

/// The receive buffer of who stalls.
const SMALL: u32 = 4096;

/// Who has not heard everything so long after the last event never will.
const PATIENCE: Duration = Duration::from_secs(60);

struct Plan {
    readers: usize,
    stalled: usize,
    events: usize,
    a_second: usize,
}

#[tokio::main]
async fn main() {
    let words = town::words();
    let number = |at: usize, default| words.get(at).map_or(default, |word| word.parse().unwrap());
    let plan = Plan {
        readers: number(0, 5000),
        stalled: number(1, 200),
        events: number(2, 300),
        a_second: number(3, 5),
    };
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("streams.db").display());
    let config = DatabaseConfig { url, durability: Durability::Power, max_connections: 10 };
    let store = Store::connect(&config).await.unwrap();
    store.migrate().await.unwrap();
    measure(&store, &plan).await;
}

async fn measure(store: &Store, plan: &Plan) {
    let now = SystemClock.now();
    let scene = Scene::new(store, &Sketch { now, ..Sketch::default() }).await.unwrap();
    let new = NewToken {
        user: scene.user,
        project: None,
        name: "bench".to_owned(),
        scopes: Scopes::ALL,
        expires_at: None,
    };
    let (_, token) = store.create_token(&new, Actor::System, now).await.unwrap();
    let address = serve(store).await;
    let before = town::rss_bytes();

    // When each event was about to be committed, in their order.
    let told: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let mut readers = JoinSet::new();
    let mut stalled = Vec::new();
    let began = Instant::now();
    let mut connected = 0;
    while connected < plan.readers {
        let batch = AT_ONCE.min(plan.readers - connected);
        let opening =
            (connected..connected + batch).map(|index| open(address, token.expose(), index < plan.stalled));
        for stream in futures::future::join_all(opening).await {
            if stalled.len() < plan.stalled {
                stalled.push(stream);
            } else {
                readers.spawn(read(stream, told.clone(), plan.events));
            }
        }
        connected += batch;
    }
    let (opened, open) = (began.elapsed(), town::rss_bytes());

    for event in 0..plan.events {
        let at = began + opened + Duration::from_secs_f64(event as f64 / plan.a_second as f64);
        tokio::time::sleep_until(at.into()).await;
        told.lock().unwrap().push(Instant::now());
        let post =
            scene.post(0, event as i64 + 1, "What happens is told to all who listen.", SystemClock.now());
        store.record_posts(&[post], SystemClock.now()).await.unwrap();
    }
    let mut late: Vec<f64> = Vec::new();
    let all = tokio::time::timeout(PATIENCE, async {
        while let Some(heard) = readers.join_next().await {
            late.extend(heard.unwrap().iter().map(Duration::as_secs_f64));
        }
    });
    all.await.unwrap(); // every reader heard everything
    late.sort_by(f64::total_cmp);
    report(plan, opened, [before, open, town::rss_bytes()], &late);
}

/// A gateway in front of a running tree.
async fn serve(store: &Store) -> SocketAddr {
    let ports = Ports {
        records: Records::of(store.clone()),
        telegram: Arc::new(Unreached),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock: Arc::new(SystemClock),
        probe: None,
    };
    let system = System::start(ports, Settings::default()).await.unwrap();
    // All of them come with one token, within seconds.
    let unbounded = http::Settings { requests_per_second: NonZeroU32::MAX, ..http::Settings::default() };
    let gateway = Gateway::new(store.clone(), system).with_settings(unbounded);
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.address();
    tokio::spawn(listener.serve(gateway, std::future::pending()));
    address
}

/// Opens a stream and waits for its greeting.
async fn open(address: SocketAddr, token: &str, stalls: bool) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if stalls {
        socket.set_recv_buffer_size(SMALL).unwrap();
    }
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!(
        "GET /api/v1/events?type=post.new HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut greeting = Vec::new();
    while !greeting.windows(6).any(|part| part == b"retry:") {
        let mut part = [0; 1024];
        let count = stream.read(&mut part).await.unwrap();
        greeting.extend_from_slice(&part[..count]);
        assert!(count > 0, "no stream: {}", String::from_utf8_lossy(&greeting));
    }
    stream
}

/// Reads until everything was heard: how late each event was, and that none was missing or came twice.
async fn read(mut stream: TcpStream, told: Arc<Mutex<Vec<Instant>>>, events: usize) -> Vec<Duration> {
    let (mut late, mut text, mut last) = (Vec::with_capacity(events), String::new(), 0);
    let mut part = vec![0; 4096];
    while late.len() < events {
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the stream ended after {} events", late.len());
        text += std::str::from_utf8(&part[..count]).unwrap();
        let now = Instant::now();
        while let Some((block, rest)) = text.split_once("\n\n") {
            if block.contains("event: post.new") {
                let id =
                    block.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse::<i64>().unwrap();
                assert!(id > last, "{id} came after {last}");
                last = id;
                late.push(now - told.lock().unwrap()[late.len()]);
            }
            text = rest.to_owned();
        }
    }
    late
}

fn report(plan: &Plan, opened: Duration, [before, open, after]: [u64; 3], late: &[f64]) {
    let share = |part: f64| late[((late.len() - 1) as f64 * part) as usize];
    let mib = |bytes: u64| (bytes as f64 / 1024.0 / 102.4).round() / 10.0;
    let rounded = |seconds: f64| (seconds * 10_000.0).round() / 10_000.0;
    let a_reader = open.saturating_sub(before) as f64 / 1024.0 / plan.readers as f64;
    let (median, p99, worst) = (rounded(share(0.5)), rounded(share(0.99)), rounded(share(1.0)));
    println!(
        "{} readers, {} of them stalled, opened in {:.1} s",
        plan.readers,
        plan.stalled,
        opened.as_secs_f64()
    );
    println!("{} events, {} a second: {} times heard", plan.events, plan.a_second, late.len());
    println!("late: median {median} s, 99 % {p99} s, worst {worst} s (bound {BOUND} s)");
    println!(
        "memory of both ends: {a_reader:.1} KiB a reader; {} MiB when open, {} MiB after",
        mib(open),
        mib(after)
    );
    let result = json!({
        "readers": plan.readers, "stalled": plan.stalled, "events": plan.events, "per_second": plan.a_second,
        "median_s": median, "p99_s": p99, "worst_s": worst, "kib_per_reader": a_reader.round(),
        "mib_open": mib(open), "mib_after": mib(after),
    });
    println!("{}", json!({ "streams": result }));
    assert!(worst <= BOUND, "an event came {worst} s late");
}
