//! The house rules that a machine can check. ARCHITECTURE.md says why they are; this says when one is broken, and where.
//!
//! Every check collects all its findings before it fails, so one run shows the whole list. Sources are read as text: the
//! rules are about what a reader sees.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The libraries that are one crate's business, or two crates', tests included.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("sea-orm", &["migrations", "persistence"]),
    ("sea-orm-migration", &["migrations", "persistence"]),
    ("ractor", &["actors"]),
    ("poem", &["http"]),
    ("poem-openapi", &["http"]),
    ("clap", &["app"]),
    ("reqwest", &["http"]),
];

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 100;
const LONGEST_MAP: usize = 300;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A text of the repository, by its path from the root.
struct Source {
    path: String,
    text: String,
}

/// A line of a source, counted from 1.
#[derive(Clone, Copy)]
struct Line<'a> {
    path: &'a str,
    number: usize,
    text: &'a str,
}

impl Source {
    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let lines = self.text.lines().enumerate();
        lines.map(|(index, text)| Line { path: &self.path, number: index + 1, text })
    }

    /// The lines that only run in tests: a whole file below `tests`, or what follows `#[cfg(test)]`.
    fn test_lines(&self) -> impl Iterator<Item = Line<'_>> {
        let whole = self.path.contains("/tests/") || self.path.ends_with("/tests.rs");
        self.lines().skip_while(move |line| !whole && line.text.trim() != "#[cfg(test)]")
    }
}

/// Where one of `words` stands in `lines`.
fn mentions<'a>(words: &[String], lines: impl Iterator<Item = Line<'a>>) -> Vec<String> {
    lines
        .filter(|line| words.iter().any(|word| line.text.contains(word)))
        .map(|line| format!("{}:{}: {}", line.path, line.number, line.text.trim()))
        .collect()
}

/// Every file below the root whose name ends in one of `endings`, apart from what a build leaves behind.
fn sources(endings: &[&str]) -> Vec<Source> {
    let root = root();
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != ".git" {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "the repository's files are where they are looked for");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_module_says_what_it_owns() {
    let silent = sources(&[".rs"]).into_iter().filter(|source| !source.text.starts_with("//! "));
    assert_none("a module opens with a //! header", &silent.map(|source| source.path).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_stay_short() {
    let mut long = Vec::new();
    for source in sources(&[".rs"]) {
        let count = source.text.lines().count();
        if count > LONGEST_FILE {
            long.push(format!("{} has {count} lines", source.path));
        }
        // Formatted code closes a function with a brace in the column its signature began in.
        let mut open: Option<(usize, usize, &str)> = None;
        for Line { number, text: line, .. } in source.lines() {
            let indent = line.len() - line.trim_start().len();
            if let Some((begin, column, signature)) = open {
                if indent == column && line.ends_with(';') {
                    open = None; // a signature alone, of a trait
                } else if indent == column && line.trim() == "}" {
                    if number - begin >= LONGEST_FUNCTION {
                        long.push(format!(
                            "{}:{begin}: {} lines: {signature}",
                            source.path,
                            number - begin + 1
                        ));
                    }
                    open = None;
                }
            } else if line.contains("fn ")
                && !line.trim_start().starts_with("//")
                && !line.ends_with(['}', ';'])
            {
                open = Some((number, indent, line.trim()));
            }
        }
    }
    assert_none("at most 500 lines a file and 100 a function", &long);
}

#[test]
fn no_module_has_a_catch_all_name() {
    let named = |source: &Source| {
        let stem = Path::new(&source.path).with_extension("");
        stem.iter().any(|part| ["utils", "helpers", "common", "manager"].iter().any(|name| part == *name))
    };
    let catch_all = sources(&[".rs"]).into_iter().filter(named).map(|source| source.path);
    assert_none("a module is named after what it owns", &catch_all.collect::<Vec<_>>());
}

fn is_code(line: &Line<'_>) -> bool {
    !line.text.trim_start().starts_with("//")
}

#[test]
fn the_machines_clock_is_read_in_one_place() {
    let words = ["Utc", "Local", "SystemTime"].map(|clock| format!("{clock}::now"));
    let sources = sources(&[".rs"]);
    let elsewhere = sources.iter().filter(|source| source.path != "actors/src/clock.rs");
    let code = elsewhere.flat_map(Source::lines).filter(is_code);
    assert_none("only actors/src/clock.rs reads the machine's time", &mentions(&words, code));
}

#[test]
fn the_environment_is_read_in_one_place() {
    let words = ["var", "var_os", "vars", "vars_os"].map(|read| format!("env::{read}("));
    let sources = sources(&[".rs"]);
    let allowed = |path: &str| path.starts_with("app/src/") || path.starts_with("testkit/");
    let code = sources.iter().filter(|source| !allowed(&source.path)).flat_map(Source::lines).filter(is_code);
    assert_none("only app (and testkit) reads the environment", &mentions(&words, code));
}

#[test]
fn no_test_is_ignored_and_none_sleeps() {
    let words = [format!("#[{}", "ignore"), format!("::{}(", "sleep"), format!(" {}(", "sleep")];
    let sources = sources(&[".rs"]);
    let code = sources.iter().flat_map(Source::test_lines).filter(is_code);
    assert_none("tests wait for signals or move injected time", &mentions(&words, code));
}

#[test]
fn no_example_in_the_documentation_is_left_untried() {
    let words = ["ignore", "no_run"].map(|mark| format!("```{mark}"));
    let sources = sources(&[".rs"]);
    let untried = mentions(&words, sources.iter().flat_map(Source::lines));
    assert_none("an example runs, or is marked as text", &untried);
}

#[test]
fn nothing_names_the_folders_of_one_machine() {
    let words = ["home", "root", "work", "Users"].map(|folder| format!("/{folder}/"));
    let sources = sources(&[".rs", ".toml", ".md", ".sh", "Makefile", "run"]);
    let named = mentions(&words, sources.iter().flat_map(Source::lines));
    assert_none("paths are relative to the repository", &named);
}

/// The dependencies of each crate, by the name of its folder: the ordinary ones, and those of all kinds.
fn dependencies() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let folders = members.iter().map(|member| member.as_str().unwrap().to_owned());
    folders
        .map(|folder| {
            let manifest: toml::Table = read(&format!("{folder}/Cargo.toml")).parse().unwrap();
            let names = |section: &str| -> BTreeSet<String> {
                let table = manifest.get(section).and_then(toml::Value::as_table);
                table.into_iter().flatten().map(|(name, _)| name.clone()).collect()
            };
            let ordinary = names("dependencies");
            let all = &(&ordinary | &names("dev-dependencies")) | &names("build-dependencies");
            (folder, (ordinary, all))
        })
        .collect()
}

/// The table of crates in ARCHITECTURE.md: what each may know of the others, tests aside; `None` for everything.
fn arrows() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let map = read("ARCHITECTURE.md");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| [")?.split(" | ");
        let (folder, _) = cells.next()?.split_once(']')?;
        let known = match cells.nth(1)? {
            "everything" => None,
            "nothing" => Some(BTreeSet::new()),
            names => Some(names.split(", ").map(str::to_owned).collect()),
        };
        Some((folder.to_owned(), known))
    };
    map.lines().filter_map(row).collect()
}

#[test]
fn crates_know_each_other_only_along_the_arrows_of_the_map() {
    let arrows = arrows();
    let crates = dependencies();
    assert!(
        arrows.keys().eq(crates.keys()),
        "ARCHITECTURE.md has a row for every crate: {:?}",
        arrows.keys()
    );
    for (folder, (ordinary, _)) in crates {
        let known: BTreeSet<_> = ordinary.into_iter().filter(|name| arrows.contains_key(name)).collect();
        if let Some(drawn) = &arrows[&folder] {
            assert_eq!(&known, drawn, "{folder}/Cargo.toml, and what the map says of it");
        }
    }
}

#[test]
fn each_library_is_known_where_it_belongs() {
    let mut strays = Vec::new();
    for (folder, (_, all)) in dependencies() {
        for (library, homes) in KEPT_APART {
            if all.contains(*library) && !homes.contains(&folder.as_str()) {
                strays.push(format!("{folder} knows {library}"));
            }
        }
    }
    assert_none("these libraries have a home", &strays);
}

#[test]
fn the_map_is_short() {
    assert!(read("ARCHITECTURE.md").lines().count() < LONGEST_MAP, "ARCHITECTURE.md is a map, not a book");
}

/// In docs/semantics.md, a backquoted name with three underscores or more is a test's.
#[test]
fn every_test_that_the_semantics_name_exists() {
    let semantics = read("docs/semantics.md");
    let named: BTreeSet<_> =
        semantics.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 3).collect();
    assert!(!named.is_empty(), "docs/semantics.md names the tests that hold its promises");
    let code = sources(&[".rs"]);
    let exists = |name: &str| code.iter().any(|source| source.text.contains(&format!("fn {name}(")));
    let missing: Vec<_> = named.into_iter().filter(|name| !exists(name)).map(str::to_owned).collect();
    assert_none("the named tests exist", &missing);
}

#[test]
fn every_relative_link_in_the_documents_leads_somewhere() {
    let mut dead = Vec::new();
    for source in sources(&[".md"]) {
        let folder = root().join(&source.path).parent().unwrap().to_owned();
        for rest in source.text.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !folder.join(target).exists() {
                dead.push(format!("{}: {target}", source.path));
            }
        }
    }
    assert_none("links lead to files that exist", &dead);
}
