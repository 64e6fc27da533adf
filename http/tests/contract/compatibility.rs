//! What a change of the description means to clients that were generated from the one before.
//!
//! A client sends what it knew and reads what it knew. So nothing that it can ask may go or ask for more, and nothing that it
//! reads may go or become something else; an operation, a property or an optional parameter more harms nobody. Two
//! descriptions are compared by their operations: schemas count only where an operation leads to them, and for a request or
//! for an answer, each in its own direction.

use std::collections::BTreeSet;

use serde_json::Value;

/// Which way a schema's values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// From the client to us.
    In,
    /// From us to the client.
    Out,
}

/// Everything in `new` that breaks a client of `old`, in words.
pub(crate) fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, seen: BTreeSet::new(), found: Vec::new() };
    for (path, method, operation) in operations(old) {
        let name = format!("{} {path}", method.to_uppercase());
        let now = &new["paths"][path][method];
        if now.is_null() {
            comparison.found.push(format!("{name} is gone"));
        } else {
            comparison.operation(&name, operation, now);
        }
    }
    comparison.found
}

/// Whether the version of `new` admits that it breaks clients of `old`: before 1.0 the second number rises, later the first.
pub(crate) fn admits(old: &Value, new: &Value) -> bool {
    let numbers = |description: &Value| -> Option<(u64, u64)> {
        let mut parts = description["info"]["version"].as_str()?.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    match (numbers(old), numbers(new)) {
        (Some((0, before)), Some((0, now))) => now > before,
        (Some((before, _)), Some((now, _))) => now > before,
        (None, _) | (_, None) => false,
    }
}

fn operations(description: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// Pairs of references that were compared, so that schemas may lead back to themselves.
    seen: BTreeSet<(Way, String, String)>,
    found: Vec<String>,
}

impl<'a> Comparison<'a> {
    fn find(&mut self, what: String) {
        if !self.found.contains(&what) {
            self.found.push(what);
        }
    }

    fn operation(&mut self, name: &str, old: &'a Value, new: &'a Value) {
        if old["operationId"] != new["operationId"] {
            self.find(format!("{name} has another operationId"));
        }
        if old["x-required-scope"] != new["x-required-scope"] {
            self.find(format!("{name} demands another scope"));
        }
        self.parameters(name, old, new);
        self.body(name, &old["requestBody"], &new["requestBody"]);
        for (status, answer) in old["responses"].as_object().into_iter().flatten() {
            let now = &new["responses"][status];
            if now.is_null() && status.starts_with('2') {
                self.find(format!("{name} does not answer {status} any more"));
            }
            for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                let place = format!("the answer {status} of {name}");
                let then = &now["content"][kind];
                if !then.is_null() {
                    self.schema(Way::Out, &place, &content["schema"], &then["schema"]);
                } else if !now.is_null() {
                    self.find(format!("{place} is not {kind} any more"));
                }
            }
        }
    }

    fn parameters(&mut self, name: &str, old: &'a Value, new: &'a Value) {
        fn all(operation: &Value) -> impl Iterator<Item = &Value> {
            operation["parameters"].as_array().into_iter().flatten()
        }
        let same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        for before in all(old) {
            let place = format!("the parameter {} of {name}", before["name"]);
            match all(new).find(|now| same(before, now)) {
                None => self.find(format!("{place} is gone")),
                Some(now) => {
                    if now["required"] == true && before["required"] != true {
                        self.find(format!("{place} must be given now"));
                    }
                    self.schema(Way::In, &place, &before["schema"], &now["schema"]);
                }
            }
        }
        for now in all(new).filter(|now| now["required"] == true) {
            if !all(old).any(|before| same(before, now)) {
                self.find(format!("the parameter {} of {name} is new and must be given", now["name"]));
            }
        }
    }

    fn body(&mut self, name: &str, old: &'a Value, new: &'a Value) {
        if old.is_null() {
            if new["required"] == true {
                self.find(format!("{name} needs a body now"));
            }
            return;
        }
        for (kind, content) in old["content"].as_object().into_iter().flatten() {
            let now = &new["content"][kind];
            if now.is_null() {
                self.find(format!("{name} does not take {kind} any more"));
            } else {
                self.schema(Way::In, &format!("the body of {name}"), &content["schema"], &now["schema"]);
            }
        }
    }

    /// Compares two schemas where values go one way. A named one is called by its name wherever it is reached.
    fn schema(&mut self, way: Way, place: &str, old: &'a Value, new: &'a Value) {
        if let (Some(before), Some(now)) = (reference(old), reference(new)) {
            if !self.seen.insert((way, before.to_owned(), now.to_owned())) {
                return;
            }
            let place = before.rsplit('/').next().unwrap_or(before);
            return self.resolved(way, place, resolve(self.old, old), resolve(self.new, new));
        }
        self.resolved(way, place, resolve(self.old, old), resolve(self.new, new));
    }

    fn resolved(&mut self, way: Way, place: &str, old: &'a Value, new: &'a Value) {
        for word in ["type", "format"] {
            if old[word] != new[word] {
                self.find(format!("{place} has another {word}"));
            }
        }
        self.values(way, place, old, new);
        self.bounds(way, place, old, new);
        if !old["items"].is_null() {
            self.schema(way, place, &old["items"], &new["items"]);
        }
        self.properties(way, place, old, new);
    }

    /// A client may send every value it knew, and is told none that it does not know.
    fn values(&mut self, way: Way, place: &str, old: &Value, new: &Value) {
        let (Some(before), Some(now)) = (old["enum"].as_array(), new["enum"].as_array()) else { return };
        let (kept, known) = match way {
            Way::In => (now, before),
            Way::Out => (before, now),
        };
        for value in known.iter().filter(|value| !kept.contains(value)) {
            let what = if way == Way::In { "does not take" } else { "may be" };
            self.find(format!("{place} {what} {value} now"));
        }
    }

    /// What was within the bounds of a request stays so.
    fn bounds(&mut self, way: Way, place: &str, old: &Value, new: &Value) {
        if way == Way::Out {
            return;
        }
        let number = |schema: &Value, word: &str| schema[word].as_f64();
        for (word, narrower) in [
            ("maximum", f64::lt as fn(&f64, &f64) -> bool),
            ("maxLength", f64::lt),
            ("maxItems", f64::lt),
            ("minimum", f64::gt),
            ("minLength", f64::gt),
            ("minItems", f64::gt),
        ] {
            let narrow = match (number(old, word), number(new, word)) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(before), Some(now)) => narrower(&now, &before),
            };
            if narrow {
                self.find(format!("{place} has a narrower {word}"));
            }
        }
    }

    fn properties(&mut self, way: Way, place: &str, old: &'a Value, new: &'a Value) {
        let required = |schema: &Value, name: &str| {
            schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
        };
        for (name, before) in old["properties"].as_object().into_iter().flatten() {
            let at = format!("{place}.{name}");
            let now = &new["properties"][name];
            if now.is_null() {
                self.find(format!("{at} is gone"));
                continue;
            }
            match way {
                Way::In if required(new, name) && !required(old, name) => {
                    self.find(format!("{at} must be given now"));
                }
                Way::Out if required(old, name) && !required(new, name) => {
                    self.find(format!("{at} may be missing now"));
                }
                Way::In | Way::Out => {}
            }
            self.schema(way, &at, before, now);
        }
        for name in new["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            if way == Way::In && old["properties"][name].is_null() && required(new, name) {
                self.find(format!("{place}.{name} is new and must be given"));
            }
        }
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str())
}

fn resolve<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = reference(schema).and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| description.pointer(pointer)).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A description with one operation that takes and gives a `Thing`.
    fn description() -> Value {
        let thing = json!({ "$ref": "#/components/schemas/Thing" });
        json!({
            "info": { "version": "0.1.0" },
            "paths": { "/things": { "post": {
                "operationId": "createThing",
                "x-required-scope": "write",
                "parameters": [{ "name": "limit", "in": "query", "required": false,
                                 "schema": { "type": "integer", "maximum": 200 } }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": thing } } },
                "responses": {
                    "201": { "content": { "application/json": { "schema": thing } } },
                    "404": { "content": { "application/problem+json": { "schema": { "type": "object" } } } },
                },
            } } },
            "components": { "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": { "type": "string", "maxLength": 100 },
                        "kind": { "$ref": "#/components/schemas/Kind" },
                        "part": { "$ref": "#/components/schemas/Thing" },
                    },
                },
                "Kind": { "type": "string", "enum": ["small", "large"] },
            } },
        })
    }

    /// What breaks when the value at a pointer becomes another one.
    fn found(pointer: &str, value: Value) -> Vec<String> {
        let (old, mut new) = (description(), description());
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        let parent = new.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        drop(if value.is_null() { parent.remove(&key) } else { parent.insert(key, value) });
        breaks(&old, &new)
    }

    const OPERATION: &str = "/paths/~1things/post";
    const THING: &str = "/components/schemas/Thing";

    #[test]
    fn a_description_does_not_break_itself_nor_does_what_is_more() {
        assert_eq!(breaks(&description(), &description()), [""; 0]);
        assert_eq!(found("/paths/~1others", json!({ "get": { "operationId": "listOthers" } })), [""; 0]);
        assert_eq!(found(&format!("{THING}/properties/color"), json!({ "type": "string" })), [""; 0]);
        assert_eq!(found(&format!("{THING}/properties/name/maxLength"), json!(200)), [""; 0]);
        assert_eq!(found(&format!("{OPERATION}/responses/404"), Value::Null), [""; 0], "one problem less");
    }

    #[test]
    fn what_is_gone_breaks_clients() {
        assert_eq!(found("/paths/~1things", Value::Null), ["POST /things is gone"]);
        assert_eq!(found(&format!("{THING}/properties/name"), Value::Null), ["Thing.name is gone"]);
        let parameter = found(&format!("{OPERATION}/parameters"), json!([]));
        assert_eq!(parameter, ["the parameter \"limit\" of POST /things is gone"]);
        let answer = found(&format!("{OPERATION}/responses/201"), Value::Null);
        assert_eq!(answer, ["POST /things does not answer 201 any more"]);
    }

    #[test]
    fn what_becomes_something_else_breaks_clients() {
        assert_eq!(found(&format!("{OPERATION}/operationId"), json!("makeThing")).len(), 1);
        assert_eq!(found(&format!("{OPERATION}/x-required-scope"), json!("admin")).len(), 1);
        assert_eq!(
            found(&format!("{THING}/properties/name/type"), json!("integer")),
            ["Thing.name has another type"]
        );
    }

    #[test]
    fn what_asks_for_more_breaks_clients() {
        assert_eq!(
            found(&format!("{THING}/required"), json!(["name", "kind"])),
            ["Thing.kind must be given now"],
            "an answer that always has it harms nobody"
        );
        assert_eq!(
            found(&format!("{THING}/properties/name/maxLength"), json!(50)),
            ["Thing.name has a narrower maxLength"]
        );
        assert_eq!(
            found(&format!("{THING}/properties/name/minLength"), json!(1)),
            ["Thing.name has a narrower minLength"]
        );
        let parameter = json!([{ "name": "limit", "in": "query", "required": true,
                                 "schema": { "type": "integer", "maximum": 200 } }]);
        assert_eq!(found(&format!("{OPERATION}/parameters"), parameter).len(), 1);
    }

    #[test]
    fn an_answer_that_lacks_what_was_always_there_breaks_clients() {
        assert_eq!(found(&format!("{THING}/required"), json!([])), ["Thing.name may be missing now"]);
    }

    #[test]
    fn an_enum_breaks_clients_where_it_takes_less_or_tells_more() {
        let values = |values: Value| found("/components/schemas/Kind/enum", values);
        assert_eq!(values(json!(["small"])), ["Kind does not take \"large\" now"]);
        assert_eq!(values(json!(["small", "large", "huge"])), ["Kind may be \"huge\" now"]);
    }

    #[test]
    fn a_version_admits_a_break_by_its_second_number_and_from_one_on_by_its_first() {
        let version = |version: &str| json!({ "info": { "version": version } });
        let admitted = |old, new| admits(&version(old), &version(new));
        assert!(admitted("0.1.0", "0.2.0") && admitted("1.4.0", "2.0.0") && admitted("0.9.0", "1.0.0"));
        assert!(!admitted("0.1.0", "0.1.1") && !admitted("1.4.0", "1.5.0") && !admitted("0.1.0", "next"));
    }
}
