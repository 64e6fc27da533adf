//! The simulated Telegram as a process, and the binary as a person runs it beside.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddrV4, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;

use actors::clock::SystemClock;
use domain::id::AccountId;
use persistence::DatabaseConfig;
use serde_json::{Value, json};
use simulator::{Door, Source, World, WorldPlan};
use telegram::{Route, Telegram as _};

/// What both sides derive their keys from.
pub(crate) const LOGIN_KEY: &str = "a test's keys are no secret";

/// The simulated Telegram, and a database beside it.
pub(crate) struct Town {
    pub(crate) server: SocketAddrV4,
    control: SocketAddrV4,
    database: String,
    plan: WorldPlan,
    _simulator: Running,
}

/// A process that does not outlive its test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already when all went well.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Running {
    /// Starts a process, and yields what it says.
    fn start(mut command: Command) -> (Self, BufReader<ChildStdout>) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        (Self(child), said)
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn stop(mut self) {
        Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Town {
    /// A Telegram of this world.
    pub(crate) fn start(database: &DatabaseConfig, plan: &WorldPlan) -> Self {
        let mut command = beseda("simulator");
        command
            .args(["--channels", &plan.channels.to_string(), "--accounts", &plan.accounts.to_string()])
            .args(["--posts-per-day", "0", "--label", plan.label.as_str()])
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .env("BESEDA_TELEGRAM_LOGIN_KEY", LOGIN_KEY);
        let (simulator, said) = Running::start(command);
        let mut said = said.lines().map(Result::unwrap);
        let mut address = |before: &str| -> SocketAddrV4 {
            let line = said.next().unwrap();
            line.split_once(before).unwrap().1.split(',').next().unwrap().parse().unwrap()
        };
        let (server, control) = (address("Telegram is at "), address("its control is at http://"));
        Self { server, control, database: database.url.clone(), plan: plan.clone(), _simulator: simulator }
    }

    fn beseda(&self, arguments: &str) -> Command {
        let mut words = arguments.split_whitespace();
        let mut command = beseda(words.next().unwrap());
        command
            .args(words)
            .env("BESEDA_DATABASE_URL", &self.database)
            .env("BESEDA_HTTP_LISTEN", "127.0.0.1:0")
            .env("BESEDA_TELEGRAM_API_ID", "1")
            .env("BESEDA_TELEGRAM_API_HASH", "0".repeat(32))
            .env("BESEDA_TELEGRAM_SERVERS", format!("2={}", self.server))
            .env("BESEDA_TELEGRAM_LOGIN_KEY", LOGIN_KEY)
            .env("BESEDA_VAULT_KEY", "07".repeat(32));
        command
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn succeed(&self, arguments: &str) -> String {
        let output = self.beseda(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail, and returns the last line that it leaves: the complaint.
    pub(crate) fn refused(&self, arguments: &str) -> String {
        let Output { status, stdout, stderr } = self.beseda(arguments).output().unwrap();
        let told = String::from_utf8(stderr).unwrap();
        assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]), "{arguments}: {told}");
        let complaint = told.lines().last().unwrap_or_default().to_owned();
        assert!(complaint.starts_with("beseda: ") && !told.contains("panicked"), "{told}");
        complaint
    }

    /// The service, once it serves.
    pub(crate) fn serve(&self) -> Running {
        let (service, said) = Running::start(self.beseda("serve"));
        let serves = said.lines().map_while(Result::ok).any(|line| line.contains("http://"));
        assert!(serves, "it did not start");
        service
    }

    /// Something happens in the world.
    pub(crate) fn control(&self, command: &Value) {
        let body = command.to_string();
        let mut stream = TcpStream::connect(self.control).unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.control);
        let about = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all([head, about, body].concat().as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(serde_json::from_str::<Value>(answer).unwrap(), json!({}));
    }

    /// Of the channels from `first` on, one that an account administers and one that nobody here does.
    pub(crate) async fn channels_that_are_administered_and_not(&self, first: u32) -> (u32, u32) {
        let world = Arc::new(World::build(self.plan.clone(), Source::Generated));
        let door = Door::new(world.clone(), Arc::new(SystemClock));
        let (mut administered, mut strange) = (None, None);
        for channel in first..self.plan.channels {
            let speaker = self.plan.speakers_of(channel).next().unwrap();
            let session = world.session(speaker).unwrap();
            let connection = door.connect(AccountId(1), &session, &Route::Direct).await.unwrap();
            let rights = connection.rights(WorldPlan::channel_peer(channel)).await.unwrap();
            let place = if rights.administrator { &mut administered } else { &mut strange };
            place.get_or_insert(channel);
        }
        (administered.unwrap(), strange.unwrap())
    }
}

fn beseda(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
    command.arg(word).env_clear();
    command
}
