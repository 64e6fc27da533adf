//! What a description must have so that a generated client is a good one. Each rule collects all that it finds.

use std::collections::BTreeSet;

use serde_json::Value;

/// What is read with the right to write: the address of an endpoint may hold a secret.
const WITHHELD: [&str; 3] = ["listWebhooks", "getWebhook", "listDeliveries"];

/// An operation of a description.
pub(crate) struct Operation<'a> {
    /// `GET /path`.
    name: String,
    path: &'a str,
    method: &'a str,
    it: &'a Value,
}

/// Everything that is wrong with a description, in words.
pub(crate) fn findings(description: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let operations = operations(description);
    for operation in &operations {
        found.extend(named(operation));
        found.extend(guarded(operation));
        found.extend(parameters(operation));
        found.extend(answers(description, operation));
        found.extend(body(description, operation));
    }
    found.extend(twice(&operations));
    for (name, schema) in description["components"]["schemas"].as_object().into_iter().flatten() {
        found.extend(schema_findings(name, schema, &format!("the schema {name}")));
        if text(schema, "description").is_empty() && schema["title"].is_null() && schema["enum"].is_null() {
            found.push(format!("the schema {name} is not described"));
        }
    }
    references(description, description, &mut found);
    found
}

pub(crate) fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, it)| Operation {
                name: format!("{} {path}", method.to_uppercase()),
                path,
                method,
                it,
            })
        })
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Ids are camelCase, a summary is one line without a full stop, and there is more to read than that.
fn named(operation: &Operation<'_>) -> Vec<String> {
    let (mut found, it) = (Vec::new(), operation.it);
    let id = text(it, "operationId");
    let camel = id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|symbol| symbol.is_ascii_alphanumeric())
        && id.chars().any(|symbol| symbol.is_ascii_uppercase());
    if !camel {
        found.push(format!("{} has no operationId of a verb and a noun, but {id:?}", operation.name));
    }
    let summary = text(it, "summary");
    if summary.is_empty() || summary.ends_with('.') || summary.len() > 80 || summary.contains('\n') {
        found.push(format!("{} has no summary of one line without a full stop", operation.name));
    }
    if !text(it, "description").ends_with(['.', ':']) {
        found.push(format!("{} is not described in sentences", operation.name));
    }
    if it["tags"].as_array().is_none_or(|tags| tags.len() != 1) {
        found.push(format!("{} belongs to no part, or to several", operation.name));
    }
    found
}

fn guarded(operation: &Operation<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let ways = operation.it["security"].as_array();
    let scope = text(operation.it, "x-required-scope");
    match ways {
        None => found.push(format!("{} does not say whether it is open", operation.name)),
        Some(ways) if ways.is_empty() => {
            if !scope.is_empty() {
                found.push(format!("{} is open and demands a scope", operation.name));
            }
        }
        Some(_) => {
            if !["read", "approve", "write", "admin"].contains(&scope) {
                found.push(format!("{} demands no scope that there is", operation.name));
            }
            let withheld = WITHHELD.contains(&text(operation.it, "operationId"));
            if operation.method == "get" && scope != "read" && scope != "admin" && !withheld {
                found.push(format!("{} only reads and demands {scope}", operation.name));
            }
        }
    }
    found
}

fn parameters(operation: &Operation<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let all: Vec<_> = operation.it["parameters"].as_array().into_iter().flatten().collect();
    for parameter in &all {
        let name = text(parameter, "name");
        if text(parameter, "description").is_empty() {
            found.push(format!("{}: the parameter {name} is not described", operation.name));
        }
        let place = format!("{}: the parameter {name}", operation.name);
        found.extend(schema_findings("", &parameter["schema"], &place));
    }
    let described: BTreeSet<_> =
        all.iter().filter(|one| one["in"] == "path").map(|one| text(one, "name")).collect();
    let written: BTreeSet<_> =
        operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    if described != written || operation.path.contains(':') {
        found.push(format!("{} describes {described:?} of its path", operation.name));
    }
    found
}

/// Every answer is described, of a named schema with an example, and every operation says what goes wrong.
fn answers(description: &Value, operation: &Operation<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let answers: Vec<_> = operation.it["responses"].as_object().into_iter().flatten().collect();
    let has = |wanted: &str| answers.iter().any(|(status, _)| *status == wanted);
    let guarded = operation.it["security"].as_array().is_some_and(|ways| !ways.is_empty());
    let needed: &[&str] = if guarded { &["400", "401", "403", "429", "500", "503"] } else { &["503"] };
    for status in needed.iter().filter(|status| !has(status)) {
        found.push(format!("{} does not say that it may answer {status}", operation.name));
    }
    if !answers.iter().any(|(status, _)| status.starts_with('2')) {
        found.push(format!("{} never succeeds", operation.name));
    }
    for (status, answer) in answers {
        let place = format!("the answer {status} of {}", operation.name);
        if text(answer, "description").is_empty() {
            found.push(format!("{place} is not described"));
        }
        for (kind, content) in answer["content"].as_object().into_iter().flatten() {
            let kind = kind.split(';').next().unwrap_or_default();
            if (kind == "application/problem+json")
                != (status.starts_with(['4', '5']) && guarded_kind(status, kind))
            {
                found.push(format!("{place} is {kind}"));
            }
            if kind.ends_with("json") {
                found.extend(example(description, &place, &content["schema"]));
            }
        }
    }
    found
}

/// `/health` tells in its own words what is wrong; everything else in problems.
fn guarded_kind(status: &str, kind: &str) -> bool {
    status != "503" || kind != "application/json"
}

fn body(description: &Value, operation: &Operation<'_>) -> Vec<String> {
    let contents = operation.it["requestBody"]["content"].as_object().into_iter().flatten();
    let mut found = Vec::new();
    for (kind, content) in contents {
        if !kind.starts_with("application/json") {
            continue;
        }
        let place = format!("the body of {}", operation.name);
        found.extend(example(description, &place, &content["schema"]));
        let schema = resolve(description, &content["schema"]);
        if schema["properties"].is_object() && schema["additionalProperties"] != false {
            found.push(format!("{place} takes fields that are not described"));
        }
    }
    found
}

fn resolve<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| description.pointer(pointer)).unwrap_or(&Value::Null)
}

fn example(description: &Value, place: &str, schema: &Value) -> Vec<String> {
    if schema["$ref"].is_null() {
        return vec![format!("{place} is of a schema without a name")];
    }
    let example = &resolve(description, schema)["example"];
    if example.is_null() { vec![format!("{place} has no example")] } else { Vec::new() }
}

/// Within a schema: every property is described, nothing is untyped, no object or enum stands there without a name.
fn schema_findings(name: &str, schema: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let nested = name.is_empty();
    let known = ["$ref", "type", "allOf", "oneOf", "anyOf"].iter().any(|word| !schema[*word].is_null());
    if !known {
        found.push(format!("{place} is of no type"));
    }
    if nested && (schema["properties"].is_object() || schema["enum"].is_array()) {
        found.push(format!("{place} is an object or an enum without a name"));
    }
    if schema["type"] == "object"
        && schema["properties"].is_null()
        && schema["additionalProperties"].is_null()
    {
        found.push(format!("{place} is an object of anything"));
    }
    for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{place}, {property},");
        if text(inner, "description").is_empty() && inner["allOf"].is_null() && inner["$ref"].is_null() {
            found.push(format!("{at} is not described"));
        }
        found.extend(schema_findings("", inner, &at));
    }
    if !schema["items"].is_null() {
        found.extend(schema_findings("", &schema["items"], &format!("an item of {place}")));
    }
    found
}

fn twice(operations: &[Operation<'_>]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let again = operations.iter().filter(|one| !seen.insert(text(one.it, "operationId")));
    again.map(|one| format!("the operationId of {} is another one's", one.name)).collect()
}

/// Every reference leads somewhere.
fn references(description: &Value, value: &Value, found: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        match inner.as_str().filter(|_| key == "$ref") {
            Some(_) if resolve(description, value).is_null() => found.push(format!("{inner} leads nowhere")),
            Some(_) => {}
            None => references(description, inner, found),
        }
    }
    for item in value.as_array().into_iter().flatten() {
        references(description, item, found);
    }
}
