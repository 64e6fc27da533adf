//! What a person may give, right and wrong, and what they are told.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;

use super::settings::{SETTINGS, Setting};
use super::*;

fn from_file(text: &str) -> Result<Config, String> {
    let mut config = Config::default();
    source::apply_file(&mut config, Path::new("beseda.toml"), text)
        .map(|()| config)
        .map_err(|error| error.to_string())
}

fn from_variables(variables: &[(&str, &str)]) -> Result<Config, String> {
    let mut config = Config::default();
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    source::apply_environment(&mut config, variables).map(|()| config).map_err(|error| error.to_string())
}

#[test]
fn without_a_word_it_is_one_file_and_loopback() {
    let config = Config::default();
    assert_eq!(config.database.url.to_string(), "sqlite://beseda.db?mode=rwc");
    assert_eq!(config.database.durability, Durability::Power);
    assert!(config.http.listen.ip().is_loopback());
}

#[test]
fn every_setting_can_be_given_in_a_file() {
    let config = from_file(
        r#"
        [database]
        url = "postgres://beseda@db.example/beseda"
        durability = "process"
        max_connections = 20

        [http]
        listen = "[::1]:9000"

        [log]
        format = "json"
        filter = "warn,actors=debug"

        [node]
        name = "desk-2"

        [retention]
        days = 14
        readers_text_days = 7

        [telegram]
        api_id = 12
        api_hash = "0123456789abcdef0123456789abcdef"
        servers = "2=127.0.0.1:4430, 4=127.0.0.1:4431"
        login_key = "shared"

        [vault]
        key = "0101010101010101010101010101010101010101010101010101010101010101"
        key_file = "vault.key"
        "#,
    )
    .unwrap();
    assert_eq!(config.database.url.expose(), "postgres://beseda@db.example/beseda");
    assert_eq!(config.database.durability, Durability::Process);
    assert_eq!(config.database.max_connections, 20);
    assert_eq!(config.http.listen, "[::1]:9000".parse().unwrap());
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.filter, "warn,actors=debug");
    assert_eq!(config.node.name, "desk-2");
    assert_eq!((config.retention.days, config.retention.readers_text_days), (14, 7));
    let adapter = config.telegram.to_adapter().unwrap().unwrap();
    assert_eq!(adapter.api_id, 12);
    assert_eq!(adapter.servers.unwrap().iter().map(|server| server.dc).collect::<Vec<_>>(), [2, 4]);
    assert_eq!((config.vault.keys.len(), config.vault.key_file), (1, Some("vault.key".into())));
}

#[test]
fn every_setting_can_be_given_as_a_variable() {
    let key = "ab".repeat(32);
    let values = ["sqlite://x.db", "process", "3", "0.0.0.0:1", "https://desk.example"]
        .into_iter()
        .chain(["https://a.example,http://b.example:81", "9", "ann_of_desk", "json", "debug", "a", "1", "2"])
        .chain(["7", &key[..32], "desk_bot", "1=127.0.0.1:1", "shared", &key, "vault.key", "anywhere"])
        .collect::<Vec<_>>();
    let names: Vec<_> = SETTINGS.iter().map(Setting::variable).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), SETTINGS.len(), "two settings share a variable");
    assert_eq!(values.len(), SETTINGS.len(), "the test has a value for each");
    let pairs: Vec<_> = names.iter().map(String::as_str).zip(values).collect();
    let config = from_variables(&pairs).unwrap();
    assert_eq!(config.database.max_connections, 3);
    assert_eq!(config.http.listen, "0.0.0.0:1".parse().unwrap());
    assert_eq!(config.gateway().origins, ["https://a.example", "http://b.example:81"]);
}

#[test]
fn a_variable_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("given.toml");
    std::fs::write(&path, "[http]\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"\n").unwrap();
    let variables = [(OsString::from("BESEDA_HTTP_LISTEN"), OsString::from("127.0.0.1:2"))];
    let config = Config::load(Some(&path), variables).unwrap();
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn an_unknown_key_in_the_file_is_refused_with_its_line_and_the_known_ones() {
    let error = from_file("[http]\nlisten = \"127.0.0.1:1\"\nport = 80\n").unwrap_err();
    assert!(error.starts_with("beseda.toml:3: there is no setting http.port;"), "{error}");
    assert!(error.contains("http.listen"), "{error}");
    let error = from_file("\n[htp]\nlisten = \"127.0.0.1:1\"\n").unwrap_err();
    assert!(error.starts_with("beseda.toml:3: there is no setting htp.listen;"), "{error}");
    let error = from_file("listen = 1\n").unwrap_err();
    assert!(error.starts_with("beseda.toml:1: there is no setting listen;"), "{error}");
}

#[test]
fn an_unknown_variable_is_refused_by_name() {
    let error = from_variables(&[("BESEDA_HTP_LISTEN", "127.0.0.1:1")]).unwrap_err();
    assert!(error.starts_with("BESEDA_HTP_LISTEN: there is no such setting;"), "{error}");
    assert!(error.contains("BESEDA_HTTP_LISTEN"), "{error}");
    from_variables(&[("BESEDA_CONFIG", "x"), ("BESEDA_TEST_POSTGRES", "x"), ("HOME", "x")]).unwrap();
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_place_and_the_accepted_form() {
    for (text, line, key) in [
        ("[http]\nlisten = \"localhost\"", 2, "http.listen"),
        ("[http]\nlisten = 8080", 2, "http.listen"),
        ("[http]\nlisten = [\"127.0.0.1:1\"]", 2, "http.listen"),
        ("[http]\npublic_url = \"https://desk.example/\"", 2, "http.public_url"),
        ("[http]\norigins = \"*\"", 2, "http.origins"),
        ("[http]\nrequests_per_second = 0", 2, "http.requests_per_second"),
        ("[admin]\nusername = \"@ann\"", 2, "admin.username"),
        ("[database]\n\nmax_connections = 1", 3, "database.max_connections"),
        ("[database]\nmax_connections = -5", 2, "database.max_connections"),
        ("[database]\nmax_connections = 3.5", 2, "database.max_connections"),
        ("[database]\ndurability = \"some\"", 2, "database.durability"),
        ("[database]\nurl = \"mysql://localhost\"", 2, "database.url"),
        ("[log]\nformat = true", 2, "log.format"),
        ("[log]\nfilter = \"a=b=c\"", 2, "log.filter"),
        ("[log]\nfilter = \"\"", 2, "log.filter"),
        ("[node]\nname = \"\"", 2, "node.name"),
        ("[node]\nname = \"my desk\"", 2, "node.name"),
        ("[retention]\ndays = 0", 2, "retention.days"),
        ("[retention]\nreaders_text_days = \"a month\"", 2, "retention.readers_text_days"),
        ("[log.filter]\nlevel = \"info\"", 1, "log.filter"),
        ("[telegram]\napi_id = 0", 2, "telegram.api_id"),
        ("[telegram]\napi_hash = \"abc\"", 2, "telegram.api_hash"),
        ("[telegram]\nservers = \"127.0.0.1:1\"", 2, "telegram.servers"),
        ("[telegram]\nservers = \"9=127.0.0.1:1\"", 2, "telegram.servers"),
        ("[vault]\nkey = \"\"", 2, "vault.key"),
        ("[vault]\nkey = 12", 2, "vault.key"),
    ] {
        let error = from_file(text).unwrap_err();
        let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
        assert!(error.starts_with(&format!("beseda.toml:{line}: {key} ")), "{error}");
        assert!(error.ends_with(&format!("accepted: {}", setting.accepted)), "{error}");

        let error = from_variables(&[(&setting.variable(), "\u{1}")]).unwrap_err();
        assert!(error.starts_with(&format!("{}: {key} ", setting.variable())), "{error}");
    }
}

#[test]
fn a_refused_database_address_is_not_repeated() {
    let error = from_variables(&[("BESEDA_DATABASE_URL", "mysql://beseda:hunter2@localhost")]).unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn half_of_what_telegram_needs_is_refused_and_its_secrets_are_not_shown() {
    let hash = "ab".repeat(16);
    let id = ("BESEDA_TELEGRAM_API_ID", "7");
    let servers = ("BESEDA_TELEGRAM_SERVERS", "2=127.0.0.1:4430");
    let missing = |variables: &[(&str, &str)]| {
        let config = from_variables(variables).unwrap();
        config.telegram.to_adapter().map(|adapter| adapter.is_some()).map_err(|error| error.to_string())
    };
    assert_eq!(missing(&[]), Ok(false));
    assert!(missing(&[id]).unwrap_err().starts_with("telegram.api_hash is missing"));
    assert!(missing(&[servers]).unwrap_err().starts_with("telegram.api_id is missing"));
    let hashed = ("BESEDA_TELEGRAM_API_HASH", hash.as_str());
    assert_eq!(missing(&[id, hashed]), Ok(true));
    assert!(missing(&[id, hashed, servers]).unwrap_err().starts_with("telegram.login_key is missing"));
    let shown = format!("{:?}", from_variables(&[id, hashed]).unwrap());
    assert!(!shown.contains(&hash), "{shown}");
}

#[test]
fn keys_are_accepted_one_or_several_and_never_shown() {
    let (one, two) = ("01".repeat(32), "CD".repeat(32));
    let both = format!("{one}, {two}");
    let config = from_variables(&[("BESEDA_VAULT_KEY", &both)]).unwrap();
    assert_eq!(config.vault.all_keys().unwrap().len(), 2);
    let shown = format!("{config:?}").to_lowercase();
    assert!(!shown.contains(&one) && !shown.contains(&two.to_lowercase()), "{shown}");
    for wrong in [format!("{one}0"), format!("{one},"), format!("{one};{two}"), one.replace('1', "x")] {
        let error = from_variables(&[("BESEDA_VAULT_KEY", &wrong)]).unwrap_err();
        assert!(!error.contains(&wrong) && error.contains("accepted: 64 hexadecimal digits"), "{error}");
    }
}

fn key_file(folder: &Path, text: &str, mode: u32) -> Vault {
    let path = folder.join("vault.key");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    Vault { keys: Vec::new(), key_file: Some(path) }
}

#[test]
fn a_key_file_holds_a_key_a_line_for_its_owners_eyes_only() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    let text = format!("# the key since May\n{one}\n\n  {two}  \n");
    for mode in [0o600, 0o400] {
        assert_eq!(key_file(folder.path(), &text, mode).all_keys().unwrap().len(), 2, "{mode:o}");
        std::fs::remove_file(folder.path().join("vault.key")).unwrap();
    }
    for mode in [0o640, 0o604, 0o620, 0o666] {
        let error = key_file(folder.path(), &text, mode).all_keys().unwrap_err().to_string();
        assert!(error.contains("is not safe") && error.contains("chmod 600"), "{mode:o}: {error}");
    }
    let error = key_file(folder.path(), &format!("{one}\n{one}{two}\n"), 0o600).all_keys().unwrap_err();
    assert!(error.to_string().contains("vault.key:2: a key is 64 hexadecimal digits"), "{error}");
    assert!(!error.to_string().contains(&one), "{error}");
    let error = key_file(folder.path(), "# none yet\n", 0o600).all_keys().unwrap_err();
    assert!(error.to_string().starts_with("there is no key in "), "{error}");
    let folder = Vault { keys: Vec::new(), key_file: Some(folder.path().to_owned()) };
    assert!(folder.all_keys().unwrap_err().to_string().contains("is not safe"), "a folder is no key file");
}

#[test]
fn a_broken_file_is_refused_with_the_line_of_the_break() {
    let error = from_file("[http]\nlisten = \"127.0.0.1:1\n").unwrap_err();
    assert!(error.starts_with("beseda.toml:2: "), "{error}");
    let error = from_file("[http]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n").unwrap_err();
    assert!(error.starts_with("beseda.toml:3: "), "{error}");
}

#[test]
fn a_named_file_must_exist() {
    let error = Config::load(Some(Path::new("nowhere.toml")), []).unwrap_err();
    assert_eq!(error.to_string(), "the configuration file nowhere.toml cannot be read");
}

#[test]
fn both_readmes_list_every_setting_and_no_other() {
    let readmes = [include_str!("../../../README.md"), include_str!("../../../README.ru.md")];
    for readme in readmes {
        for setting in SETTINGS {
            let row = format!("| `{}` | `{}` |", setting.key, setting.variable());
            assert!(readme.contains(&row), "{row}");
        }
        let rows = readme.lines().filter(|line| line.contains("` | `BESEDA_")).count();
        assert_eq!(rows, SETTINGS.len());
    }
}
