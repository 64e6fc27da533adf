//! The contract with everybody who generated a client: the description is complete, it is the one that is committed, and it
//! breaks nobody unless its version says so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod compatibility;
mod lint;

use std::path::{Path, PathBuf};

use serde_json::Value;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn generated() -> Value {
    serde_json::from_str(&beseda_http::openapi()).unwrap()
}

#[test]
fn the_committed_description_is_the_generated_one() {
    let text = beseda_http::openapi() + "\n";
    let committed = std::fs::read_to_string(file("openapi.json")).unwrap();
    let differs =
        committed.lines().zip(text.lines()).position(|(committed, generated)| committed != generated);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(text.lines().count())) + 1;
    assert!(
        committed == text,
        "http/openapi.json differs from line {line} on: `make openapi` writes it anew; look at the change"
    );
}

#[test]
fn nothing_breaks_a_client_of_the_last_version_unless_the_version_says_so() {
    let (last, now) = (read("tests/contract/last.json"), generated());
    let breaks = compatibility::breaks(&last, &now);
    assert!(
        breaks.is_empty() || compatibility::admits(&last, &now),
        "clients of version {} break: {breaks:#?}",
        last["info"]["version"]
    );
}

#[test]
fn the_description_has_all_that_a_good_client_is_made_of() {
    let findings = lint::findings(&generated());
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_lint_finds_what_is_wrong() {
    let mut description = generated();
    let operation = &mut description["paths"]["/api/v1/me"]["patch"];
    operation["summary"] = "Change.".into();
    operation["x-required-scope"] = "everything".into();
    operation["responses"].as_object_mut().unwrap().remove("403");
    let schemas = description["components"]["schemas"].as_object_mut().unwrap();
    schemas["Me"]["properties"]["id"] = serde_json::json!({});
    schemas["MePatch"].as_object_mut().unwrap().remove("example");
    schemas.remove("Locale");
    let findings = lint::findings(&description).join("\n");
    for part in [
        "no summary of one line",
        "demands no scope that there is",
        "may answer 403",
        "the schema Me, id, is not described",
        "the schema Me, id, is of no type",
        "the body of PATCH /api/v1/me has no example",
        "Locale\" leads nowhere",
    ] {
        assert!(findings.contains(part), "{part} is not among:\n{findings}");
    }
}
