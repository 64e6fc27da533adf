//! The description of the API is complete, leads nowhere wrong, and changes only on purpose.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::collections::BTreeSet;

use serde_json::Value;

fn description() -> Value {
    serde_json::from_str(&beseda_http::openapi()).unwrap()
}

/// Every operation, by `METHOD path`.
fn operations(description: &Value) -> Vec<(String, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'_ Value)| -> Vec<String> {
        item.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect()
    };
    let names: Vec<String> = paths.iter().flat_map(of_path).collect();
    names
        .into_iter()
        .map(|name| {
            let (method, path) = name.split_once(' ').unwrap();
            let operation = &description["paths"][path][method];
            (name, operation)
        })
        .collect()
}

fn walk<'a>(value: &'a Value, seen: &mut impl FnMut(&'a str, &'a Value)) {
    if let Some(object) = value.as_object() {
        for (key, value) in object {
            seen(key, value);
            walk(value, seen);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        walk(item, seen);
    }
}

#[test]
fn the_description_changes_only_on_purpose() {
    insta::assert_snapshot!("openapi", beseda_http::openapi());
}

#[test]
fn every_reference_leads_to_a_schema() {
    let description = description();
    let mut references = BTreeSet::new();
    walk(&description, &mut |key, value| {
        if key == "$ref" {
            references.insert(value.as_str().unwrap().to_owned());
        }
    });
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_says_what_it_is_and_what_it_answers() {
    let description = description();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&description) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id), "{id} is there twice");
        for text in ["summary", "description"] {
            assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {text}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {} is not described", parameter["name"]);
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{name} {status}");
            let success = status.starts_with('2');
            let content = response["content"].as_object().unwrap();
            let kinds: Vec<_> = content.keys().map(|kind| kind.split(';').next().unwrap()).collect();
            let problem = kinds == ["application/problem+json"];
            assert!(problem || kinds == ["application/json"], "{name} {status}: {kinds:?}");
            assert!(!(problem && success), "{name} {status}");
            let schema = &content.values().next().unwrap()["schema"];
            assert!(schema["$ref"].is_string(), "{name} {status}: the schema has no name");
        }
    }
}

#[test]
fn every_parameter_of_a_path_is_described_and_every_described_one_is_there() {
    let description = description();
    for (name, operation) in operations(&description) {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let of_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let described: BTreeSet<_> = of_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let written: BTreeSet<_> =
            name.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(described, written, "{name}");
        assert!(!name.contains(':'), "{name} is in the router's spelling, not OpenAPI's");
    }
}

#[test]
fn every_answer_has_an_example() {
    let description = description();
    for (name, operation) in operations(&description) {
        for response in operation["responses"].as_object().unwrap().values() {
            for content in response["content"].as_object().unwrap().values() {
                let pointer = content["schema"]["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
                let schema = description.pointer(pointer).unwrap();
                assert!(schema["example"].is_object(), "{name}: {pointer} has no example");
            }
        }
    }
}
