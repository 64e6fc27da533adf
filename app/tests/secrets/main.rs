//! Secrets stay secret: a whole installation runs with secrets that can be recognised, and all that comes out of it is
//! searched for them: logs at the finest level, panics, answers of the API, output of commands, the database.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod installation;
mod listening;
mod needle;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use actors::clock::SystemClock;
use domain::access::Scopes;
use domain::time::Clock as _;
use http::{Gateway, Listener};
use installation::{API_HASH, Installation, LOGIN_KEY};
use needle::{Needle, search};
use persistence::access::{Credential, NewToken};
use persistence::outbox::Actor;
use persistence::{Dialect, Store};
use simulator::MtprotoDoor;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use testkit::{Database, until};

testkit::on_every_database! {
    async fn no_secret_shows_in_anything_that_a_run_leaves_behind(database: &Database) {
        listening::listen();
        let installation = Installation::set_up(database).await;
        installation.furnish(database).await;
        installation.strike();
        let struck = until(
            "the account's actor to come back from its panic",
            async || testkit::tokio::task::yield_now().await,
            async || format!("{:?}", installation.system.tree().await),
            |tree| tree.contains("restarts: 1"),
        );
        let needles = &installation.needles;
        search(needles, "the tree", struck.await.as_bytes());

        let gateway = Gateway::new(database.store().clone(), installation.system.clone());
        let token = admin(database.store()).await;
        for (route, answer) in answers(gateway, &token).await {
            search(needles, &route, &answer);
        }
        let Installation { door, system, needles, .. } = installation;
        system.stop().await.unwrap();
        let heard = listening::heard();
        assert!(String::from_utf8_lossy(&heard).contains("struck down"), "panics are heard");
        search(&needles, "the log", &heard);

        serve(database, &door, &needles).await;
        commands(database, &door, &needles);
        for (place, content) in stored(database).await {
            search(&needles, &place, &content);
        }
    }
}

/// A token of an administrator, who may see everything.
async fn admin(store: &Store) -> Credential {
    let now = SystemClock.now();
    let user = store.appoint_admin("keeper", now).await.unwrap();
    let token = NewToken { user, project: None, name: "all".into(), scopes: Scopes::ALL, expires_at: None };
    store.create_token(&token, Actor::System, now).await.unwrap().1
}

/// What every route of the API that needs no body answers, with numbers that mostly exist put into its path.
async fn answers(gateway: Gateway, token: &Credential) -> Vec<(String, Vec<u8>)> {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.address();
    let (closing, closed) = testkit::tokio::sync::oneshot::channel::<()>();
    let serving = testkit::tokio::spawn(listener.serve(gateway, async move { drop(closed.await) }));
    let description: serde_json::Value = serde_json::from_str(&http::openapi()).unwrap();
    let paths = description["paths"].as_object().unwrap().iter();
    let routes: Vec<_> =
        paths.filter(|(_, methods)| methods["get"].is_object()).map(|(path, _)| path.clone()).collect();
    let mut answers = Vec::new();
    for route in routes {
        let path: Vec<_> =
            route.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        let path = path.join("/");
        let token = token.clone();
        let answer = testkit::tokio::task::spawn_blocking(move || get(address, &path, &token)).await.unwrap();
        let known = [&b"HTTP/1.1 200"[..], b"HTTP/1.1 404"].iter().any(|status| answer.starts_with(status));
        assert!(known, "{route}: {}", String::from_utf8_lossy(&answer));
        answers.push((format!("the answer of {route}"), answer));
    }
    assert!(answers.len() > 3, "the API has routes");
    drop(closing);
    serving.await.unwrap().unwrap();
    answers
}

/// A stream of events never ends: when it has been silent for so long, it has told what there was.
const SILENCE: Duration = Duration::from_secs(2);

const STREAM: &[u8] = b"text/event-stream";

fn get(address: SocketAddr, path: &str, token: &Credential) -> Vec<u8> {
    let mut connection = TcpStream::connect(address).unwrap();
    let token = token.expose();
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer {token}\r\nLast-Event-ID: 0\r\n");
    write!(connection, "{head}Connection: close\r\n\r\n").unwrap();
    connection.set_read_timeout(Some(SILENCE)).unwrap();
    let mut answer = Vec::new();
    let read = connection.read_to_end(&mut answer);
    let streams = answer.windows(STREAM.len()).any(|part| part == STREAM);
    assert!(read.is_ok() || streams, "{path}: {read:?}");
    answer
}

/// The binary with everything that is secret in its environment, and the finest log.
fn beseda(database: &Database, door: &MtprotoDoor, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
    command.args(arguments.split_whitespace()).env_clear();
    command
        .env("BESEDA_DATABASE_URL", &database.config().url)
        .env("BESEDA_VAULT_KEY", "07".repeat(32))
        .env("BESEDA_TELEGRAM_API_ID", "1")
        .env("BESEDA_TELEGRAM_API_HASH", API_HASH)
        .env("BESEDA_TELEGRAM_LOGIN_KEY", LOGIN_KEY)
        .env("BESEDA_TELEGRAM_SERVERS", format!("2={}", door.address()))
        .env("BESEDA_HTTP_LISTEN", "127.0.0.1:0")
        .env("BESEDA_LOG_FILTER", "trace");
    command
}

/// Runs the service until its account is connected, and searches what it said.
async fn serve(database: &Database, door: &MtprotoDoor, needles: &[Needle]) {
    let mut command = beseda(database, door, "serve");
    let mut service = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = service.stderr.take().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).unwrap();
        said
    });
    let mut first = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut first).unwrap();
    until(
        "the service's account to be connected",
        async || testkit::tokio::task::yield_now().await,
        async || (door.counts().open, service.try_wait().unwrap()),
        |(open, ended)| *open > 0 || ended.is_some(),
    )
    .await;
    // A service that ended by itself cannot be told; what it said follows below.
    Command::new("kill").arg(service.id().to_string()).stderr(Stdio::null()).status().unwrap();
    let ended = service.wait().unwrap();
    let said = said.join().unwrap();
    assert!(ended.success(), "{ended}: {}", String::from_utf8_lossy(&said));
    assert!(said.len() > 1000, "the finest log says something");
    search(needles, "the service's log", &said);
    search(needles, "the service's output", first.as_bytes());
}

/// Runs the commands that show something, and one that fails, and searches what they printed.
fn commands(database: &Database, door: &MtprotoDoor, needles: &[Needle]) {
    for arguments in [
        "status",
        "vault status",
        "migrate",
        "migrate --check",
        "proxy list --project Project",
        "account list --project Project",
        "channel list --project Project",
    ] {
        let output = beseda(database, door, arguments).output().unwrap();
        search(needles, arguments, &[output.stdout, output.stderr].concat());
        assert!(output.status.success(), "{arguments}");
    }
    let mut broken = beseda(database, door, "serve");
    let output = broken.env("BESEDA_VAULT_KEY", format!("{}, x", "07".repeat(32))).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    search(needles, "a refused configuration", &[output.stdout, output.stderr].concat());
}

/// All that the database holds: the bytes of SQLite's files, the rows of PostgreSQL's tables.
async fn stored(database: &Database) -> Vec<(String, Vec<u8>)> {
    let url = &database.config().url;
    if database.store().dialect() == Dialect::Sqlite {
        let file = PathBuf::from(url.trim_start_matches("sqlite://").split('?').next().unwrap());
        let files = std::fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        return files.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    }
    let mut connection = PgConnection::connect(url).await.unwrap();
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let mut stored = Vec::new();
    for table in sqlx::query(tables).fetch_all(&mut connection).await.unwrap() {
        let table: String = table.get(0);
        let every = AssertSqlSafe(format!("SELECT row_to_json(t)::text FROM {table} t"));
        let rows = sqlx::query(every).fetch_all(&mut connection).await.unwrap();
        let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        stored.push((format!("the table {table}"), rows.join("\n").into_bytes()));
    }
    assert!(stored.len() > 20, "the schema has tables");
    stored
}

#[test]
fn whatever_holds_a_secret_does_not_print_it() {
    use domain::proxy::{Credentials, ProxyAddress, Scheme};
    use persistence::vault::{Vault, VaultKey};
    use persistence::{PeerAccess, PeerKind, PeerRow};

    let secret = "a-recognisable-secret-of-32-byte";
    let bytes: [u8; 32] = secret.as_bytes().try_into().unwrap();
    let needles = [Needle::new("secret", &bytes), Needle::new("access hash", b"3141592653589793")];
    let credentials = Credentials { username: "desk".to_owned(), password: secret.into() };
    let address = ProxyAddress {
        scheme: Scheme::Http,
        host: "proxy.example".to_owned(),
        port: 8080,
        credentials: Some(credentials),
    };
    let key = VaultKey::from_bytes(bytes);
    let access = PeerAccess::Hash(3_141_592_653_589_793);
    let peer = PeerRow { kind: PeerKind::User, id: domain::id::PeerId(1), access, username: None };
    let server = telegram::grammers::Server {
        dc: 2,
        address: std::net::SocketAddrV4::new([127, 0, 0, 1].into(), 1),
        login_key: secret.into(),
    };
    let known = telegram::Access::Hash(3_141_592_653_589_793);
    let shown = [
        format!("{:?}", telegram::Session::new(bytes.to_vec())),
        format!("{:?}", telegram::Route::Through(address.clone())),
        format!("{address:?} {address}"),
        format!("{key:?} {:?} {:?}", key.digits(), Vault::new(vec![key.clone()])),
        format!("{peer:?} {known:?}"),
        format!("{server:?}"),
        format!("{:?}", actors::Method::Phone(secret.into())),
    ];
    for text in shown {
        search(&needles, &text, text.as_bytes());
    }
}
