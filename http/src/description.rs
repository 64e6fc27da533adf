//! The description of the API: OpenAPI 3, as the code says it, completed by what holds for every operation.
//!
//! The schemas, parameters and answers come from the routes. What no route says itself is written here, by rules: the two
//! ways in and the scope each operation demands, the idempotency key of whatever is posted, and of the shared problems only
//! those that the operation can answer with.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The header that makes a repeated request harmless.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Completes the description that was made from the routes.
pub(crate) fn complete(raw: &str) -> String {
    let Ok(mut whole) = serde_json::from_str::<Value>(raw) else { return raw.to_owned() };
    for (_, item) in object(&mut whole["paths"]) {
        for (method, operation) in object(item) {
            demand(operation);
            if method == "post" && guarded(operation) {
                offer_idempotency(operation);
            }
            prune(method, operation);
        }
    }
    close(&mut whole);
    // What was read as JSON is written as JSON.
    serde_json::to_string_pretty(&whole).unwrap_or_else(|_| raw.to_owned())
}

fn object(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().map(Map::iter_mut).into_iter().flatten()
}

/// Says of whatever is only sent to us that nothing else may stand in it: unknown fields are refused.
fn close(whole: &mut Value) {
    let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (_, item) in whole["paths"].as_object().into_iter().flatten() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            reach(whole, &operation["requestBody"], &mut sent);
            reach(whole, &operation["responses"], &mut answered);
        }
    }
    let names: Vec<_> = sent.difference(&answered).cloned().collect();
    for name in names {
        let schema = &mut whole["components"]["schemas"][&name];
        if schema["properties"].is_object() {
            schema["additionalProperties"] = false.into();
        }
    }
}

/// Collects the names of all schemas that a value leads to.
fn reach(whole: &Value, value: &Value, names: &mut BTreeSet<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let name =
            inner.as_str().filter(|_| key == "$ref").and_then(|reference| reference.rsplit('/').next());
        match name {
            Some(name) if names.insert(name.to_owned()) => {
                reach(whole, &whole["components"]["schemas"][name], names);
            }
            Some(_) => {}
            None => reach(whole, inner, names),
        }
    }
    for item in value.as_array().into_iter().flatten() {
        reach(whole, item, names);
    }
}

fn guarded(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|ways| !ways.is_empty())
}

/// Names the scope that an operation demands, and the ways to show that one has it. One without a scope is open.
fn demand(operation: &mut Value) {
    let scope = operation["security"][0].as_object().and_then(|scheme| scheme.keys().next().cloned());
    match scope {
        Some(scope) => {
            operation["security"] = json!([{ "token": [] }, { "session": [] }]);
            operation["x-required-scope"] = scope.into();
        }
        None => operation["security"] = json!([]),
    }
}

fn offer_idempotency(operation: &mut Value) {
    let header = json!({
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "required": false,
        "description": "Any text of your own, at most 200 characters: a repetition with the same one within 24 hours does \
                        nothing again and gets the first answer.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
        "example": "add-channel-tram-news-1",
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(header),
        None => operation["parameters"] = json!([header]),
    }
}

/// Takes away the problems that an operation cannot answer with.
fn prune(method: &str, operation: &mut Value) {
    let guarded = guarded(operation);
    let parameter = |place: &str, name: &str| {
        let all = operation["parameters"].as_array().into_iter().flatten();
        all.into_iter().any(|one| one["in"] == place && (name.is_empty() || one["name"] == name))
    };
    let body = operation["requestBody"].is_object();
    let versioned = parameter("header", "If-Match");
    let by_path = parameter("path", "");
    let possible = |status: &str| match status {
        "401" | "403" | "429" => guarded,
        "404" => by_path || body,
        "409" => method != "get",
        "412" | "428" => versioned,
        "413" | "415" => body,
        "422" => body || (method == "post" && guarded),
        _ => true,
    };
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.retain(|status, _| possible(status));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(method: &str, operation: Value) -> Value {
        let raw = json!({ "paths": { "/x": { method: operation } } }).to_string();
        let whole: Value = serde_json::from_str(&complete(&raw)).unwrap();
        whole["paths"]["/x"][method].clone()
    }

    fn every_status() -> Value {
        let statuses = [200, 400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503];
        statuses.iter().map(|status| (status.to_string(), json!({}))).collect::<Map<_, _>>().into()
    }

    fn statuses(operation: &Value) -> Vec<u16> {
        operation["responses"].as_object().unwrap().keys().map(|status| status.parse().unwrap()).collect()
    }

    #[test]
    fn a_demanded_scope_is_named_beside_the_ways_in() {
        let operation = completed("get", json!({ "security": [{ "write": [] }], "responses": {} }));
        assert_eq!(operation["x-required-scope"], "write");
        assert_eq!(operation["security"], json!([{ "token": [] }, { "session": [] }]));
    }

    #[test]
    fn an_operation_answers_with_what_it_can_go_wrong_with() {
        let open = completed("get", json!({ "responses": every_status() }));
        assert_eq!(statuses(&open), [200, 400, 500, 503]);
        let post = json!({ "security": [{ "write": [] }], "requestBody": {}, "responses": every_status() });
        assert_eq!(
            statuses(&completed("post", post)),
            [200, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]
        );
        let edit = json!({
            "security": [{ "write": [] }],
            "requestBody": {},
            "parameters": [{ "in": "header", "name": "If-Match" }],
            "responses": every_status(),
        });
        assert!(statuses(&completed("patch", edit)).contains(&428));
    }

    #[test]
    fn what_is_only_sent_to_us_is_closed() {
        let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let raw = json!({
            "paths": { "/x": { "put": { "requestBody": of("Wish"), "responses": { "200": of("Both") } } } },
            "components": { "schemas": {
                "Wish": { "properties": { "part": of("Part"), "both": of("Both") } },
                "Part": { "properties": { "again": of("Wish") } },
                "Both": { "properties": {} },
            } },
        });
        let whole: Value = serde_json::from_str(&complete(&raw.to_string())).unwrap();
        let closed = |name: &str| whole["components"]["schemas"][name]["additionalProperties"] == false;
        assert_eq!(["Wish", "Part", "Both"].map(closed), [true, true, false]);
    }

    #[test]
    fn whatever_is_posted_takes_an_idempotency_key() {
        let post = completed("post", json!({ "security": [{ "write": [] }], "responses": {} }));
        assert_eq!(post["parameters"][0]["name"], IDEMPOTENCY_KEY);
        let get = completed("get", json!({ "security": [{ "read": [] }], "responses": {} }));
        assert!(get["parameters"].is_null());
    }
}
