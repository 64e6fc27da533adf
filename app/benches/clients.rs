//! A thousand real clients in one process, with their actors: what each takes of memory, and how they come back when the
//! server goes away and returns.
//!
//! `cargo bench -p beseda --bench clients -- [accounts] [seconds]...` starts `beseda simulator` as a process of its own, with as many
//! channels as accounts, and the tree in this one, on SQLite, with the adapter that speaks to Telegram. Five times the server
//! then drops every connection, refuses new ones for so many seconds, and returns. Measured is what this process grows
//! by from the open database without a client: connections, actors, the database's caches, and what the allocator keeps of
//! earlier connections. The server counts who comes; what it refuses it does not see, so the tries are counted here.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

mod town;

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actors::clock::SystemClock;
use actors::{NoCourier, Ports, Records, Settings, Status, System};
use async_trait::async_trait;
use domain::id::AccountId;
use domain::seed::Seed;
use domain::time::Clock as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use simulator::{Source, World, WorldPlan};
use telegram::grammers::{self, Grammers, GrammersSession, KeyPurpose, Patience, Server, shared_key};
use telegram::{Connection, Route, Session, Telegram, TelegramError, Unreached};
use writing::TemplateWriter;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What both sides derive their keys from.
const LOGIN_KEY: &str = "a benchmark's keys are no secret";

/// The data centre that the simulator stands for.
const DC: i32 = 2;

/// How long the server stays away, in seconds: from what a restart takes to where no wait between two tries grows any more.
const OUTAGES: [u64; 5] = [2, 4, 8, 16, 32];

/// How much memory a client may take with its actors, in KiB.
const CLIENT_BOUND: f64 = 150.0;

/// How long it may take until all are back, in seconds.
const RETURN_BOUND: f64 = 30.0;

/// How many connections the server may have to accept within a second.
const STORM_BOUND: u64 = 100;

/// Who is not back after so long is not coming.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let words = town::words();
    let number = |at: usize, default| words.get(at).map_or(default, |word| word.parse().unwrap());
    match words.first().map(String::as_str) {
        Some(town::FILL) => fill(&words[1], number(2, 0)).await,
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("clients.db").display());
            let clients = number(0, 1000);
            let outages = match words.get(1..) {
                Some(given @ [_, ..]) => given.iter().map(|seconds| seconds.parse().unwrap()).collect(),
                _ => OUTAGES.to_vec(),
            };
            town::have_filled(&url, &[clients.to_string()]);
            let simulated = Simulated::start(clients, folder.path());
            measure(&url, clients, &outages, &simulated).await.print();
        }
    }
}

/// Fills the database with what `beseda simulator` has when it is asked for as many channels as accounts.
async fn fill(url: &str, accounts: u32) {
    let plan = WorldPlan::new(Seed(1), SystemClock.now(), town::label());
    let world = World::build(WorldPlan { accounts, channels: accounts, ..plan }, Source::Generated);
    let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    let session = |index| {
        let key = shared_key(&LOGIN_KEY.into(), KeyPurpose::Account { index, logins: 0 });
        GrammersSession::for_key(DC, anywhere, key, Some(WorldPlan::account_peer(index)), false)
    };
    town::fill(url, &world, |account| Some(session(account))).await;
}

/// The simulated Telegram. It ends with this.
struct Simulated {
    process: Child,
    address: SocketAddrV4,
    control: SocketAddrV4,
}

impl Simulated {
    fn start(accounts: u32, folder: &Path) -> Self {
        let size = accounts.to_string();
        let mut process = Command::new(env!("CARGO_BIN_EXE_beseda"))
            .args(["simulator", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .args(["--accounts", &size, "--channels", &size, "--label", town::label().as_str()])
            .env("BESEDA_TELEGRAM_LOGIN_KEY", LOGIN_KEY)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut after = |words: &str| {
            let line = told.next().unwrap().unwrap();
            let (_, rest) = line.split_once(words).unwrap();
            rest.split(',').next().unwrap().parse().unwrap()
        };
        let (address, control) = (after("Telegram is at "), after("its control is at http://"));
        Self { process, address, control }
    }

    fn tell(&self, command: &Value) {
        let answer = self.ask("POST", &command.to_string());
        assert_eq!(answer, json!({}), "{command}");
    }

    fn count(&self, of: &str) -> u64 {
        self.ask("GET", "")["counts"][of].as_u64().unwrap()
    }

    fn ask(&self, method: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(self.control).unwrap();
        let length = body.len();
        let head = format!("{method} / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.control);
        let about = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all([&head, &about, body].concat().as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The adapter, with a count of those who try and of those who come in.
struct Counted {
    grammers: Grammers,
    tries: Arc<Mutex<Tries>>,
}

#[derive(Default)]
struct Tries {
    ended: Vec<Instant>,
    connected: HashSet<AccountId>,
}

impl Tries {
    /// The most tries that ended within a second.
    fn busiest_second(&self) -> usize {
        let within = |from: usize| {
            let end = self.ended[from] + Duration::from_secs(1);
            self.ended.partition_point(|at| *at < end) - from
        };
        (0..self.ended.len()).map(within).max().unwrap_or(0)
    }
}

#[async_trait]
impl Telegram for Counted {
    async fn connect(
        &self,
        account: AccountId,
        session: &Session,
        route: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        let connection = self.grammers.connect(account, session, route).await;
        let mut tries = self.tries.lock().unwrap();
        tries.ended.push(Instant::now());
        if connection.is_ok() {
            tries.connected.insert(account);
        }
        connection
    }
}

/// Starts the tree, takes the server away again and again, and looks how everybody comes back.
async fn measure(url: &str, clients: u32, outages: &[u64], simulated: &Simulated) -> Measured {
    // As the binary does: a system may let a process begin with fewer descriptors than there are clients.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let store = town::open(url).await;
    let tries = Arc::new(Mutex::new(Tries::default()));
    let settings = grammers::Settings {
        api_id: 1,
        api_hash: "none is needed on loopback".into(),
        servers: Some(vec![Server { dc: DC, address: simulated.address, login_key: LOGIN_KEY.into() }]),
        patience: Patience::default(),
    };
    let records = Records::of(store.clone());
    let grammers = Grammers::new(settings, Arc::new(records.clone()));
    let ports = Ports {
        records,
        telegram: Arc::new(Counted { grammers, tries: tries.clone() }),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock: Arc::new(SystemClock),
        probe: None,
    };
    let rss_before = town::rss_bytes();
    let begun = Instant::now();
    let system = System::start(ports, Settings::default()).await.unwrap();
    let mut rounds = vec![Round::after(0, begun, &system, clients, &tries, simulated).await];
    for &outage in outages {
        simulated.tell(&json!({ "faults": { "refuses": true } }));
        simulated.tell(&json!("hang_up"));
        while simulated.count("open") > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        *tries.lock().unwrap() = Tries::default();
        tokio::time::sleep(Duration::from_secs(outage)).await;
        simulated.tell(&json!({ "faults": {} }));
        rounds.push(Round::after(outage, Instant::now(), &system, clients, &tries, simulated).await);
    }
    let tree = system.tree().await;
    let troubled = tree.walk().find(|node| node.status != Status::Running || node.last_error.is_some());
    assert!(troubled.is_none(), "{troubled:?}");
    system.stop().await.unwrap();
    store.close().await.unwrap();
    Measured { clients, rss_before, rounds, busiest_second: simulated.count("busiest_second") }
}

/// One return of everybody.
struct Round {
    /// How long the server had been away, in seconds.
    outage: u64,
    /// From its return until everybody was connected.
    back: Duration,
    /// How often they tried since it went, and how often within one second.
    tries: usize,
    busiest_second: usize,
    rss: u64,
}

impl Round {
    /// Waits until everybody is connected, and all that follows from it is done.
    async fn after(
        outage: u64,
        returned: Instant,
        system: &System,
        clients: u32,
        tries: &Mutex<Tries>,
        simulated: &Simulated,
    ) -> Self {
        let connected = || tries.lock().unwrap().connected.len();
        while connected() < clients as usize {
            assert!(returned.elapsed() < PATIENCE, "{} of {clients} came back", connected());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let back = returned.elapsed();
        system.quiet().await;
        assert_eq!(simulated.count("open"), u64::from(clients), "everybody has one connection");
        let rss = town::rss_bytes();
        let tries = tries.lock().unwrap();
        Self { outage, back, tries: tries.ended.len(), busiest_second: tries.busiest_second(), rss }
    }
}

struct Measured {
    clients: u32,
    rss_before: u64,
    rounds: Vec<Round>,
    /// As the server counted them: the most connections that it accepted within a second.
    busiest_second: u64,
}

impl Measured {
    fn per_client(&self, rss: u64) -> f64 {
        rss.saturating_sub(self.rss_before) as f64 / f64::from(self.clients)
    }

    /// Prints the table, then the JSON as the last line.
    fn print(&self) {
        println!(
            "{} clients, their server away {} times; {} MiB without a client\n",
            self.clients,
            self.rounds.len() - 1,
            self.rss_before >> 20
        );
        println!(
            "{:>10}{:>12}{:>10}{:>16}{:>20}",
            "away", "all back", "tries", "at most a s", "memory a client"
        );
        for round in &self.rounds {
            let (back, kib) = (round.back.as_secs_f64(), self.per_client(round.rss) / 1024.0);
            let (outage, tries, busiest) = (round.outage, round.tries, round.busiest_second);
            println!("{outage:>8} s{back:>10.1} s{tries:>10}{busiest:>16}{kib:>16.1} KiB");
        }
        let seconds: Vec<f64> = self.rounds.iter().map(|round| round.back.as_secs_f64()).collect();
        let bytes: Vec<f64> = self.rounds.iter().map(|round| self.per_client(round.rss).round()).collect();
        let most = bytes.iter().copied().fold(0.0, f64::max);
        let longest = seconds.iter().copied().fold(0.0, f64::max);
        println!("\nreturn    {longest:.1} s at most (at most {RETURN_BOUND})");
        println!("memory    {:.1} KiB a client at most (at most {CLIENT_BOUND})", most / 1024.0);
        println!("storm     {} connections in one second (at most {STORM_BOUND})\n", self.busiest_second);
        let object = json!({ "clients": {
            "clients": self.clients,
            "away_s": self.rounds[1..].iter().map(|round| round.outage).collect::<Vec<_>>(),
            "start_s": rounded(seconds[0]),
            "back_s": seconds[1..].iter().copied().map(rounded).collect::<Vec<_>>(),
            "rss_per_client_bytes": bytes,
            "rss_before": self.rss_before,
            "accepted_in_busiest_second": self.busiest_second,
            "tried_in_busiest_second": self.rounds.iter().map(|round| round.busiest_second).max(),
        } });
        println!("{object}");
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
