//! The vault's keys as an operator handles them: made, given, exchanged while a process is killed again and again, lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use domain::account::{Kind, Status};
use domain::id::AccountId;
use domain::seed::Seed;
use persistence::Store;
use persistence::setup::NewAccount;
use persistence::vault::{KeyId, Vault, VaultKey};
use secrecy::ExposeSecret as _;
use testkit::{Database, Scene, Sketch};

/// More than a rotation seals again in one go.
const ACCOUNTS: i64 = 3000;
const SEED: Seed = Seed(23);
const PATIENCE: Duration = Duration::from_secs(60);

fn beseda(database: &Database, folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
    command.args(arguments.split_whitespace()).current_dir(folder).env_clear();
    command.env("BESEDA_DATABASE_URL", &database.config().url).env("BESEDA_HTTP_LISTEN", "127.0.0.1:0");
    command
}

/// What a command printed that must have succeeded.
fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one line that a failed command left.
fn complaint(output: &Output, code: i32) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// The key with which the test kit seals, as it would stand in a variable.
fn first_key() -> String {
    "07".repeat(32)
}

fn session_of(number: i64) -> Vec<u8> {
    format!("the session of account {number}").into_bytes()
}

/// Accounts that are logged in, in a project of their own.
async fn log_in(store: &Store, accounts: i64) -> Vec<AccountId> {
    let scene = Scene::new(store, &Sketch { accounts: 0, ..Sketch::default() }).await.unwrap();
    let new = |number| NewAccount {
        kind: Kind::Person,
        telegram_id: None,
        username: None,
        display_name: format!("Account {number}"),
        session: Some(session_of(number).into()),
        status: Status::Active,
        label: scene.label.clone(),
        label_verified_at: None,
        limits: Sketch::default().limits,
    };
    let all: Vec<_> = (0..accounts).map(new).collect();
    store.create_accounts(scene.project, &all).await.unwrap()
}

async fn amount(store: &Store, key: KeyId) -> u64 {
    let values = store.sealing().await.unwrap().values;
    values.iter().find(|(id, _)| *id == key).map_or(0, |(_, amount)| *amount)
}

/// Kills the rotation once so many values more were sealed again; whether it came to its end before.
async fn kill_rotation(store: &Store, rotate: &mut Command, new: KeyId, more: u64) -> bool {
    let target = amount(store, new).await + more;
    let mut child = rotate.stdout(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return true;
        }
        if amount(store, new).await >= target {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        assert!(began.elapsed() < PATIENCE, "the rotation stands still below {target}");
    }
}

#[test]
fn a_new_key_goes_into_a_file_of_ones_own_and_over_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let beseda = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beseda"));
        command.args(arguments.split_whitespace()).current_dir(folder.path()).env_clear();
        command
    };
    let told = succeed(&mut beseda("vault new-key --out vault.key"));
    let path = folder.path().join("vault.key");
    let written = std::fs::read_to_string(&path).unwrap();
    let key: VaultKey = written.trim().parse().unwrap();
    assert!(told.contains(&key.id().to_string()) && !told.contains(written.trim()), "{told}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = beseda("vault new-key --out vault.key").output().unwrap();
    assert!(complaint(&again, 2).contains("vault.key cannot be written"), "{again:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    let printed = succeed(&mut beseda("vault new-key"));
    assert_ne!(printed.trim().parse::<VaultKey>().unwrap().id(), key.id());
}

testkit::on_every_database! {
    async fn a_missing_or_wrong_key_is_one_line_and_nothing_starts(database: &Database) {
        let folder = tempfile::tempdir().unwrap();
        log_in(database.store(), 1).await;
        let missing = beseda(database, folder.path(), "serve").output().unwrap();
        let error = complaint(&missing, 1);
        assert!(error.contains("secrets are sealed, and no key is given"), "{error}");

        let mut wrong = beseda(database, folder.path(), "serve");
        let error = complaint(&wrong.env("BESEDA_VAULT_KEY", "08".repeat(32)).output().unwrap(), 1);
        let needed = VaultKey::from_bytes([7; 32]).id().to_string();
        assert!(error.contains(&format!("the key {needed} is needed")), "{error}");

        std::fs::write(folder.path().join("open.key"), first_key()).unwrap();
        std::fs::set_permissions(folder.path().join("open.key"), Permissions::from_mode(0o644)).unwrap();
        let mut unsafe_file = beseda(database, folder.path(), "serve");
        let error = complaint(&unsafe_file.env("BESEDA_VAULT_KEY_FILE", "open.key").output().unwrap(), 2);
        assert!(error.contains("chmod 600"), "{error}");
        assert!(missing.stdout.is_empty(), "{missing:?}");
    }

    async fn a_rotation_killed_again_and_again_loses_nothing(database: &Database) {
        let folder = tempfile::tempdir().unwrap();
        let store = database.store();
        let accounts = log_in(store, ACCOUNTS).await;
        succeed(&mut beseda(database, folder.path(), "vault new-key --out new.key"));
        let new: VaultKey = std::fs::read_to_string(folder.path().join("new.key")).unwrap().trim().parse().unwrap();
        let rotate = || {
            let mut command = beseda(database, folder.path(), "vault rotate --to new.key");
            command.env("BESEDA_VAULT_KEY", first_key());
            command
        };
        let mut kills = 0;
        for attempt in 0.. {
            let more = SEED.derive("kill", attempt).fraction() * 700.0;
            if kill_rotation(store, &mut rotate(), new.id(), more as u64).await {
                break;
            }
            kills += 1;
            let old_alone = beseda(database, folder.path(), "serve").env("BESEDA_VAULT_KEY", first_key()).output();
            let error = complaint(&old_alone.unwrap(), 1);
            assert!(error.contains(&format!("the key {} is needed", new.id())), "{error}");
        }
        assert!(kills > 3, "it was killed {kills} times");
        assert_eq!(store.sealing().await.unwrap().values, [(new.id(), ACCOUNTS.unsigned_abs())]);
        assert!(succeed(&mut rotate()).starts_with("0 secrets"));

        let only_new = Vault::new(vec![new]);
        let reopened = Store::open(database.config()).await.unwrap().unlock(only_new).await.unwrap();
        for (number, account) in (0..).zip(accounts) {
            let session = reopened.account_to_run(account).await.unwrap().unwrap().session.opened().unwrap();
            assert_eq!(session.expose_secret(), session_of(number), "account {account}");
        }
    }

    async fn the_status_of_the_vault_names_keys_and_a_lost_one_is_forgotten_only_on_purpose(database: &Database) {
        let folder = tempfile::tempdir().unwrap();
        log_in(database.store(), 2).await;
        let needed = VaultKey::from_bytes([7; 32]).id().to_string();
        let told = succeed(&mut beseda(database, folder.path(), "vault status"));
        let row: Vec<_> = told.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(row, [needed.as_str(), "yes", "2", "no"], "{told}");
        let by_chance = beseda(database, folder.path(), "vault forget").output().unwrap();
        assert_eq!(by_chance.status.code(), Some(2), "{by_chance:?}");
        let told = succeed(&mut beseda(database, folder.path(), "vault forget --yes"));
        assert!(told.starts_with("2 secrets are gone"), "{told}");
        let told = succeed(&mut beseda(database, folder.path(), "vault status"));
        assert_eq!(told, "nothing was ever sealed here\n");
    }
}
