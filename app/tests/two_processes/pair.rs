//! The two processes, `beseda simulator` and `beseda serve`: each can be killed and is started again at once, at the same
//! addresses, with the same record and the same database.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::WorldPlan;

use crate::LOGIN_KEY;

/// How much of a log is worth telling.
const LAST_LINES: usize = 30;

/// A process that is killed and started again.
pub(crate) struct Process {
    command: Command,
    child: Child,
    log: PathBuf,
}

impl Process {
    fn start(mut command: Command, log: PathBuf) -> Self {
        command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let mut started = Self { command, child, log };
        started.hear();
        started
    }

    /// Waits until it says where it listens: the last thing it does before it serves.
    fn hear(&mut self) {
        let said = BufReader::new(self.child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let listens = said.into_iter().any(|line| line.contains("http://"));
        assert!(listens, "it did not start: {}", self.told());
    }

    /// SIGKILL, and the same again.
    pub(crate) fn strike(&mut self) {
        self.assert_alive();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = self.command.spawn().unwrap();
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn stop(&mut self) {
        self.assert_alive();
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}: {}", self.told());
    }

    pub(crate) fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("it ended by itself ({status}): {}", self.told());
        }
    }

    /// The end of its log.
    pub(crate) fn told(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        format!("{}:\n{}", self.log.display(), lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"))
    }
}

/// A test that failed leaves nothing running.
impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Both of them.
pub(crate) struct Pair {
    pub(crate) simulator: Process,
    pub(crate) service: Process,
    control: SocketAddrV4,
    record: PathBuf,
}

impl Pair {
    /// Starts them. The database is filled by then, for a Telegram at `server`.
    pub(crate) fn start(folder: &Path, plan: &WorldPlan, server: SocketAddrV4, database: &str) -> Self {
        let (control, record) = (free(), record(folder));
        let mut simulator = beseda("simulator");
        simulator
            .args(["--channels", &plan.channels.to_string(), "--accounts", &plan.accounts.to_string()])
            .args(["--posts-per-day", &plan.posts_per_day.to_string(), "--label", plan.label.as_str()])
            .args([
                "--daily",
                &plan.limits.daily.to_string(),
                "--gap",
                &plan.limits.gap.as_secs().to_string(),
            ])
            .args(["--listen", &server.to_string(), "--control", &control.to_string(), "--record"])
            .arg(&record);
        let mut service = beseda("serve");
        service
            .env("BESEDA_DATABASE_URL", database)
            .env("BESEDA_DATABASE_DURABILITY", "process")
            .env("BESEDA_HTTP_LISTEN", "127.0.0.1:0")
            .env("BESEDA_TELEGRAM_API_ID", "1")
            .env("BESEDA_TELEGRAM_API_HASH", "0".repeat(32))
            .env("BESEDA_TELEGRAM_SERVERS", format!("2={server}"))
            .env("BESEDA_VAULT_KEY", "07".repeat(32));
        let simulator = Process::start(simulator, folder.join("simulator.log"));
        let service = Process::start(service, folder.join("service.log"));
        Self { simulator, service, control, record }
    }

    /// Kills the simulator and starts it again; it is there when this returns.
    pub(crate) fn strike_simulator(&mut self) {
        self.simulator.strike();
        self.simulator.hear();
    }

    /// How long the world's record is, in bytes.
    pub(crate) fn recorded(&self) -> u64 {
        std::fs::metadata(&self.record).map_or(0, |file| file.len())
    }

    /// Waits until the record is `bytes` long or `moment` has passed; both must be alive then.
    pub(crate) fn watch(&mut self, bytes: u64, moment: Duration) {
        let began = Instant::now();
        while self.recorded() < bytes && began.elapsed() < moment {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        self.simulator.assert_alive();
        self.service.assert_alive();
    }

    /// A channel publishes.
    pub(crate) fn publish(&self, channel: u32) {
        let command = json!({ "intervene": { "publish": { "channel": WorldPlan::channel_peer(channel) } } });
        let body = command.to_string();
        let mut stream = TcpStream::connect(self.control).unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.control);
        let about = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all([head, about, body].concat().as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(serde_json::from_str::<Value>(answer).unwrap(), json!({}), "{}", self.simulator.told());
    }
}

/// The world's record.
pub(crate) fn record(folder: &Path) -> PathBuf {
    folder.join("world.jsonl")
}

/// An address where nobody listens.
pub(crate) fn free() -> SocketAddrV4 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    SocketAddrV4::new([127, 0, 0, 1].into(), listener.local_addr().unwrap().port())
}

fn beseda(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
    command.arg(word).env_clear().env("BESEDA_TELEGRAM_LOGIN_KEY", LOGIN_KEY);
    command
}
