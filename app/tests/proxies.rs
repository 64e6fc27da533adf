//! `beseda proxy` as a person meets it, with proxies of this file and the simulator's Telegram behind them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use actors::clock::SystemClock;
use domain::disclosure::Label;
use domain::seed::Seed;
use domain::time::Timestamp;
use persistence::{DatabaseConfig, Durability, Store};
use simulator::{MtprotoDoor, Source, World, WorldPlan};
use tempfile::TempDir;
use testkit::{Scene, Sketch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A folder with a database in it that holds the project `Project`, and its accounts.
struct Place {
    folder: TempDir,
    scene: Scene,
}

impl Place {
    async fn with_accounts(accounts: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("beseda.db").display());
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 2 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        let scene = Scene::new(&store, &Sketch { accounts, ..Sketch::default() }).await.unwrap();
        store.close().await.unwrap();
        Self { folder, scene }
    }

    /// Runs `beseda proxy` with these words, and what it reads from its standard input.
    fn run(&self, words: &str, telegram: Option<SocketAddrV4>, input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
        let mut words = words.split_whitespace();
        command.arg("proxy").args(words.next()).args(["--project", "Project"]).args(words);
        command.current_dir(self.folder.path()).env_clear().env("BESEDA_VAULT_KEY", KEY);
        command.envs(telegram.map(|address| ("BESEDA_TELEGRAM_SERVERS", format!("2={address}"))));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn succeed(&self, words: &str) -> String {
        let output = self.run(words, None, "");
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fail(&self, words: &str) -> String {
        complaint(&self.run(words, None, ""))
    }

    fn import(&self, list: &str) -> Output {
        self.run("import -", None, list)
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("beseda.db")
    }
}

/// The one line that a failed command leaves.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

#[tokio::test]
async fn a_list_of_proxies_is_added_whole_or_not_at_all() {
    let place = Place::with_accounts(0).await;
    let bad = "a.example:1080\nb.example\n# ours\nhttp://ann:hunter2@c.example:0\na.example:1080\n";
    assert_eq!(
        complaint(&place.import(bad)),
        "beseda: nothing is added: line 2: use host:port, host:port:user:password or \
         scheme://user:password@host:port; line 4: the port is a whole number from 1 to 65535; \
         line 5: line 1 is the same proxy"
    );
    assert!(place.succeed("list").starts_with("no proxies yet"));
    let good =
        "\n# ours\na.example:1080\n[::1]:1080:ann:hunter2\nhttp://ann:hunter2@c.example:8080 # theirs\n";
    let told = place.import(good);
    assert!(String::from_utf8(told.stdout).unwrap().starts_with("3 proxies are added;"));
    let again = complaint(&place.import("d.example:1\nhttp://ann:other@c.example:8080"));
    assert_eq!(again, "beseda: nothing is added: line 2: the project has this proxy already");
    let listed = place.succeed("list");
    for name in ["socks5://a.example:1080", "socks5://ann@[::1]:1080", "http://ann@c.example:8080"] {
        assert!(listed.contains(name), "{listed}");
    }
    assert!(!listed.contains("d.example") && !listed.contains("hunter2"), "{listed}");
    let stored = std::fs::read(place.database()).unwrap();
    assert!(!stored.windows(7).any(|bytes| bytes == b"hunter2"), "a password stands in the database");
    let missing = place.fail("import nowhere.txt");
    assert!(missing.starts_with("beseda: the list nowhere.txt cannot be read: "), "{missing}");
}

#[tokio::test]
async fn a_password_is_refused_as_an_argument_and_asked_for_at_a_terminal_only() {
    let place = Place::with_accounts(0).await;
    let shown = place.fail("add socks5://ann:hunter2@a.example:1080");
    assert!(
        shown.contains("everybody on this machine sees an argument") && !shown.contains("hunter2"),
        "{shown}"
    );
    let asked = place.fail("add socks5://a.example:1080 --user ann");
    assert!(asked.contains("run it at a terminal"), "{asked}");
    place.succeed("add a.example:1080 --name first");
    assert!(place.succeed("list").contains("first"));
    assert!(place.fail("add a.example:1080").contains("the project has this proxy already"));
}

#[tokio::test]
async fn accounts_are_sent_through_proxies_three_at_most_and_none_loses_its_proxy_unasked() {
    let place = Place::with_accounts(4).await;
    place.succeed("add a.example:1080 --name first");
    let ids: Vec<_> = place.scene.accounts.iter().map(ToString::to_string).collect();
    for id in &ids[..3] {
        let told = place.succeed(&format!("assign {id} first"));
        assert_eq!(told, format!("account {id} goes through first when it connects the next time\n"));
    }
    assert!(
        place.fail(&format!("assign {} first", ids[3])).contains("at most 3 accounts go through one proxy")
    );
    assert!(place.fail(&format!("assign {}", ids[3])).contains("only a proxy that works is chosen"));
    assert!(place.fail("remove first").contains("3 accounts go through it; send them another way first"));
    for id in &ids[..3] {
        place.succeed(&format!("assign {id} --direct"));
    }
    place.succeed("remove first");
    assert!(place.fail("remove first").contains("there is no such proxy"));
    assert!(place.fail("assign 999 --direct").contains("there is no such account"));
}

/// An HTTP proxy on loopback that lets everybody pass.
async fn http_proxy() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let to = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
                let mut onwards = TcpStream::connect(to).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                // Whichever side closes first, the connection is over.
                let _ = copy_bidirectional(&mut client, &mut onwards).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_tells_of_each_proxy_whether_telegram_answers_behind_it() {
    let label = Label::new("From the channel's team").unwrap();
    let plan = WorldPlan { channels: 1, accounts: 1, ..WorldPlan::new(Seed(1), Timestamp::EPOCH, label) };
    let world = Arc::new(World::build(plan, Source::Generated));
    let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    let telegram = MtprotoDoor::open(world, Arc::new(SystemClock), anywhere, "the key of new logins".into())
        .await
        .unwrap();
    let nobody = TcpListener::bind(anywhere).await.unwrap().local_addr().unwrap();
    let place = Place::with_accounts(0).await;
    place.succeed(&format!("add http://{} --name good", http_proxy().await));
    place.succeed(&format!("add socks5://{nobody} --name gone"));

    let output = place.run("check", Some(telegram.address()), "");
    let table = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(complaint(&output), "beseda: 1 of 2 proxies do not lead to Telegram");
    let line =
        |name: &str| table.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
    assert!(line("good").contains(" up "), "{table}");
    assert!(line("gone").contains(" unknown ") && line("gone").contains("cannot be reached"), "{table}");
    let output = place.run("check good", Some(telegram.address()), "");
    assert!(output.status.success(), "{output:?}");
    let unknown = complaint(&place.run("check better", Some(telegram.address()), ""));
    assert!(unknown.contains("there is no proxy \"better\""), "{unknown}");
    assert!(place.succeed("list").contains("cannot be reached"));
}
