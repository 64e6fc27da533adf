//! The binary as a person meets it: what it prints where, and with which code it ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tempfile::TempDir;

/// A folder of one's own to run the binary in, with nothing in its environment.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn beseda(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
        command.args(arguments.split_whitespace()).current_dir(self.path()).env_clear();
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.beseda(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns what it printed.
    fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The one line that a failed command leaves, after checking that it is one and that nothing panicked.
fn complaint(output: &Output, code: i32) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("beseda: ") && !text.contains("panicked"), "{text}");
    text
}

#[test]
fn the_help_names_every_command_and_the_way_in() {
    let help = Place::new().succeed("--help");
    for word in ["demo", "serve", "migrate", "status", "openapi", "completions", "beseda demo", "Exit codes"]
    {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let place = Place::new();
    for arguments in
        ["", "dance", "demo --speed 0", "demo --channels 0", "demo --faults rare", "migrate --now"]
    {
        assert_eq!(place.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_wrong_configuration_ends_with_2_and_one_line_before_anything_starts() {
    let place = Place::new();
    std::fs::write(place.path().join("beseda.toml"), "[http]\nport = 1\n").unwrap();
    let error = complaint(&place.run("migrate"), 2);
    assert!(error.contains("beseda.toml:2: there is no setting http.port"), "{error}");
    assert!(!place.path().join("beseda.db").exists());

    let place = Place::new();
    let output = place.beseda("migrate").env("BESEDA_HTTP_LISTEN", "8080").output().unwrap();
    let error = complaint(&output, 2);
    assert!(
        error.contains("BESEDA_HTTP_LISTEN") && error.contains("accepted: an address and a port"),
        "{error}"
    );
    complaint(&place.run("migrate --config nowhere.toml"), 2);
}

#[test]
fn the_description_and_the_completions_are_printed_whatever_is_configured() {
    let place = Place::new();
    std::fs::write(place.path().join("beseda.toml"), "[http]\nport = 1\n").unwrap();
    let description: serde_json::Value = serde_json::from_str(&place.succeed("openapi")).unwrap();
    assert!(description["paths"]["/health"].is_object());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.succeed(&format!("completions {shell}")).contains("migrate"), "{shell}");
    }
}

#[test]
fn output_that_cannot_be_written_is_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Place::new().beseda("openapi").stdout(full).output().unwrap();
    let error = complaint(&output, 1);
    assert!(error.contains("standard output cannot be written"), "{error}");
}

#[test]
fn a_database_is_migrated_once_and_then_up_to_date() {
    let place = Place::new();
    let error = complaint(&place.run("migrate --check"), 1);
    assert!(error.contains("run `beseda migrate`"), "{error}");
    assert!(place.succeed("migrate").contains("applied "));
    assert_eq!(place.succeed("migrate"), "sqlite://beseda.db?mode=rwc is up to date\n");
    assert_eq!(place.succeed("migrate --check"), "sqlite://beseda.db?mode=rwc is up to date\n");
    assert!(place.succeed("status").contains("no jobs wait, run or have failed"));
}

#[test]
fn what_needs_a_migrated_database_says_how_to_get_one() {
    let place = Place::new();
    for command in ["serve", "status"] {
        let error = complaint(&place.run(command), 1);
        assert!(error.contains("run `beseda migrate`"), "{error}");
    }
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    // Bound and never listened on again: the port refuses connections as long as nobody else takes it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://beseda:hunter2@127.0.0.1:{port}/beseda");
    let place = Place::new();
    let output = place.beseda("status").env("BESEDA_DATABASE_URL", &url).output().unwrap();
    let error = complaint(&output, 1);
    assert!(error.contains("cannot be reached") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_database_that_takes_no_writes_is_told_in_one_line() {
    let place = Place::new();
    complaint(&place.run("migrate --check"), 1); // leaves an empty database behind
    let output =
        place.beseda("migrate").env("BESEDA_DATABASE_URL", "sqlite://beseda.db?mode=ro").output().unwrap();
    let error = complaint(&output, 1);
    assert!(error.contains("read-only"), "{error}");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    place.succeed("migrate");
    let insert =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_12_31_from_the_future', 0)";
    let file = SqliteConnectOptions::new().filename(place.path().join("beseda.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { file.connect().await.unwrap().execute(insert).await.map(|_| ()) }).unwrap();
    for command in ["serve", "status", "migrate", "migrate --check"] {
        let error = complaint(&place.run(command), 1);
        assert!(error.contains("newer version") && error.contains("m2999_12_31_from_the_future"), "{error}");
    }
}

#[test]
fn a_port_in_use_is_told_in_one_line() {
    let place = Place::new();
    place.succeed("migrate");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = place.beseda("serve").env("BESEDA_HTTP_LISTEN", &address).output().unwrap();
    let error = complaint(&output, 1);
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already when all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_service_answers_until_it_is_told_to_stop_and_then_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let place = Place::new();
        place.succeed("migrate");
        let mut command = place.beseda("serve");
        command.env("BESEDA_HTTP_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut service = Running(command.spawn().unwrap());

        let mut line = String::new();
        BufReader::new(service.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(',').next())
            .unwrap_or_else(|| panic!("{line}"));
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(b"GET /health HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        let killed = Command::new("kill").args([signal, &service.0.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let code = service.0.wait().unwrap().code();
        let mut log = String::new();
        service.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(code, Some(0), "{signal}: {log}");
    }
}

#[test]
fn a_process_holds_more_connections_than_systems_let_it_begin_with() {
    let place = Place::new();
    let mut process = Command::new("/bin/sh")
        .args(["-c", r#"ulimit -Sn 40 && exec "$0" "$@""#, env!("CARGO_BIN_EXE_beseda")])
        .args(["simulator", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
        .current_dir(place.path())
        .env_clear()
        .env("BESEDA_TELEGRAM_LOGIN_KEY", "shared")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut address = |before: &str| {
        let line = told.next().unwrap();
        line.split_once(before).unwrap().1.split(',').next().unwrap().to_owned()
    };
    let (telegram, control) = (address("Telegram is at "), address("its control is at http://"));
    let held: Vec<_> = (0..100).map(|_| TcpStream::connect(&telegram).unwrap()).collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut stream = TcpStream::connect(&control).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        if answer.contains(&format!("\"open\":{}", held.len())) {
            break;
        }
        assert!(Instant::now() < deadline, "{answer}");
    }
    process.kill().unwrap();
    process.wait().unwrap();
}
