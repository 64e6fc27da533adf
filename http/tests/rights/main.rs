//! Who gets nowhere: every operation refuses whoever shows nothing, shows too little, or comes from another project.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

#[path = "../desk/mod.rs"]
mod desk;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use desk::{Answer, Desk};
use domain::access::{Scope, Scopes};
use poem::http::Method;
use serde_json::Value;
use table::{Of, Row, TABLE};

/// An operation as the description has it.
struct Operation {
    method: Method,
    path: String,
    /// The scope it says that it demands.
    scope: Option<String>,
    /// The example of the body it takes.
    body: Option<Value>,
    /// Its parameters in the query that must be there, with an example each.
    query: Vec<(String, String)>,
}

fn operations() -> BTreeMap<String, Operation> {
    let description: Value = serde_json::from_str(&beseda_http::openapi()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let known = Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                scope: operation["x-required-scope"].as_str().map(str::to_owned),
                body: body(&description, operation),
                query: query(operation),
            };
            operations.insert(operation["operationId"].as_str().unwrap().to_owned(), known);
        }
    }
    operations
}

fn body(description: &Value, operation: &Value) -> Option<Value> {
    let reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()?;
    let schema = description.pointer(reference.strip_prefix('#').unwrap()).unwrap();
    assert!(schema["example"].is_object(), "{reference} has no example");
    Some(schema["example"].clone())
}

fn query(operation: &Value) -> Vec<(String, String)> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let required = all.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let example = |parameter: &Value| {
        let example = &parameter["schema"]["example"];
        assert!(!example.is_null(), "{} has no example", parameter["name"]);
        example.as_str().map_or_else(|| example.to_string(), str::to_owned)
    };
    required.map(|one| (one["name"].as_str().unwrap().to_owned(), example(one))).collect()
}

impl Operation {
    /// Asks for it in a desk's first project; everything else that the path names has number 1.
    async fn ask(&self, desk: &Desk, token: Option<&str>) -> Answer {
        let part = |part: &str| match part {
            "{project_id}" => desk.project.to_string(),
            part if part.starts_with('{') => "1".to_owned(),
            part => part.to_owned(),
        };
        let mut question = self.path.split('/').map(part).collect::<Vec<_>>().join("/");
        for (at, (name, value)) in self.query.iter().enumerate() {
            question += &format!("{}{name}={value}", if at == 0 { '?' } else { '&' });
        }
        desk.ask_as(token, self.method.clone(), &question, self.body.as_ref()).await
    }
}

/// Operations and their rows, but for those of `Of::Everybody`.
fn guarded() -> Vec<(&'static Row, Operation)> {
    let mut operations = operations();
    let guarded = TABLE.iter().filter(|row| row.of != Of::Everybody);
    guarded.map(|row| (row, operations.remove(row.operation).unwrap())).collect()
}

fn refused(row: &Row, who: &str, answer: &Answer, expected: &[(u16, &str)]) {
    let got = (answer.status.as_u16(), answer.body["type"].as_str().unwrap_or_default());
    let fits = expected.iter().any(|(status, kind)| got == (*status, &format!("urn:beseda:{kind}")));
    assert!(fits, "{} let {who} come as far as {got:?}: {}", row.operation, answer.body);
}

#[test]
fn every_operation_has_its_row_and_says_the_same_scope() {
    let operations = operations();
    let described: BTreeSet<_> = operations.keys().map(String::as_str).collect();
    let listed: BTreeSet<_> = TABLE.iter().map(|row| row.operation).collect();
    assert_eq!(described, listed);
    assert_eq!(listed.len(), TABLE.len(), "an operation stands there twice");
    for row in TABLE {
        let scope = (row.of != Of::Everybody).then(|| row.scope.as_str().to_owned());
        assert_eq!(operations[row.operation].scope, scope, "{}", row.operation);
    }
}

/// How many operations a stranger can ask for, twice each, before it is too much.
const STRANGERS_PATIENCE: usize = 40;

#[tokio::test]
async fn nobody_comes_in_without_a_token_or_with_one_that_was_never_given_out() {
    // Strangers may not ask for everything in a row: a few operations at a desk.
    let operations = guarded();
    for some in operations.chunks(STRANGERS_PATIENCE) {
        let desk = Desk::open().await;
        for (row, operation) in some {
            let answer = operation.ask(&desk, None).await;
            refused(row, "nobody", &answer, &[(401, "unauthorized")]);
            assert!(answer.headers.contains_key("www-authenticate"), "{}", row.operation);
            let answer = operation.ask(&desk, Some("bsd_made-up")).await;
            refused(row, "a stranger with a token of their own making", &answer, &[(401, "unauthorized")]);
        }
    }
}

#[tokio::test]
async fn a_token_of_any_scope_that_does_not_include_the_demanded_one_is_refused() {
    let desk = Desk::open().await;
    for (row, operation) in guarded() {
        for scope in Scope::ALL {
            let scopes = Scopes::of([scope]);
            if scopes.include(row.scope) {
                continue;
            }
            let user = if row.of == Of::Installation { desk.people.admin } else { desk.people.owner };
            let token = desk.token(user, scopes, None).await;
            let answer = operation.ask(&desk, Some(&token)).await;
            refused(row, scope.as_str(), &answer, &[(403, "forbidden")]);
        }
    }
}

#[tokio::test]
async fn what_belongs_to_another_project_does_not_exist() {
    let desk = Desk::open().await;
    let elsewhere = desk.token(desk.people.owner, Scopes::ALL, Some(desk.other_project)).await;
    let stranger = desk.token(desk.people.stranger, Scopes::ALL, None).await;
    for (row, operation) in guarded() {
        let expected: &[(u16, &str)] = match row.of {
            Of::Project => &[(404, "unknown-project")],
            Of::Installation => &[(403, "forbidden")],
            Of::Oneself | Of::Everybody => continue,
        };
        refused(row, "a token of another project", &operation.ask(&desk, Some(&elsewhere)).await, expected);
        refused(row, "who belongs to no project", &operation.ask(&desk, Some(&stranger)).await, expected);
    }
}

#[tokio::test]
async fn a_member_whose_role_does_not_go_as_far_is_refused() {
    let desk = Desk::open().await;
    for (row, operation) in guarded().into_iter().filter(|(row, _)| row.of == Of::Project) {
        let lesser = match row.scope {
            Scope::Read => continue,
            Scope::Approve => desk.people.viewer,
            Scope::Write => desk.people.reviewer,
            Scope::Admin => desk.people.editor,
        };
        let token = desk.token(lesser, Scopes::ALL, None).await;
        refused(
            row,
            "a member of too low a role",
            &operation.ask(&desk, Some(&token)).await,
            &[(403, "forbidden")],
        );
    }
}

#[tokio::test]
async fn whoever_may_is_let_in_and_nothing_that_they_ask_is_our_fault() {
    let desk = Desk::open().await;
    let admin = desk.token(desk.people.admin, Scopes::ALL, None).await;
    let mut operations = operations();
    let mut all: Vec<_> = TABLE.iter().map(|row| (row, operations.remove(row.operation).unwrap())).collect();
    // What reads goes first, what takes away last.
    all.sort_by_key(|(_, operation)| (operation.method == Method::DELETE, operation.method != Method::GET));
    for (row, operation) in all {
        let answer = operation.ask(&desk, Some(&admin)).await;
        let status = answer.status.as_u16();
        let well = status < 500 && ![400, 401, 403, 405].contains(&status);
        let unavailable = answer.body["type"] == "urn:beseda:unavailable";
        assert!(well || unavailable, "{} answers {status}: {}", row.operation, answer.body);
    }
}
