//! What is wrong with a body, field by field: its value held against the described schema.
//!
//! The types that read a body stop at the first thing that they cannot take, and do not say where it stood. This looks only
//! once they refused, and finds all of it; what it cannot name, they still refuse.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

use crate::problem::FieldError;

/// The most findings that are told.
const MOST: usize = 20;

/// Everything about `value` that contradicts the schema of `T`, at most twenty things.
pub(super) fn findings<T: Type>(value: &Value) -> Vec<FieldError> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let mut check = Check { registry, found: Vec::new() };
    check.reference(&T::schema_ref(), value, "");
    check.found.truncate(MOST);
    check.found
}

struct Check {
    registry: Registry,
    found: Vec<FieldError>,
}

impl Check {
    fn find(&mut self, pointer: &str, detail: impl Into<String>) {
        self.found.push(FieldError::at(pointer, detail));
    }

    fn reference(&mut self, schema: &MetaSchemaRef, value: &Value, pointer: &str) {
        let known = match schema {
            MetaSchemaRef::Inline(schema) => Some((**schema).clone()),
            MetaSchemaRef::Reference(name) => self.registry.schemas.get(name).cloned(),
        };
        if let Some(schema) = known {
            self.schema(&schema, value, pointer);
        }
    }

    fn schema(&mut self, schema: &MetaSchema, value: &Value, pointer: &str) {
        for part in &schema.all_of {
            self.reference(part, value, pointer);
        }
        if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
            let known: Vec<_> = schema.enum_items.iter().map(ToString::to_string).collect();
            return self.find(pointer, format!("it is none of {}", known.join(", ")));
        }
        match (schema.ty, value) {
            ("string", Value::String(text)) => self.text(schema, text, pointer),
            ("integer" | "number", Value::Number(number)) => {
                if schema.ty == "integer" && !(number.is_i64() || number.is_u64()) {
                    self.find(pointer, "it is no whole number");
                }
                self.number(schema, number.as_f64().unwrap_or_default(), pointer);
            }
            ("array", Value::Array(items)) => self.items(schema, items, pointer),
            ("object", Value::Object(fields)) => self.fields(schema, fields, pointer),
            ("boolean", Value::Bool(_)) | ("", _) => {}
            (kind, _) => self.find(pointer, format!("it is no {kind}")),
        }
    }

    fn text(&mut self, schema: &MetaSchema, text: &str, pointer: &str) {
        let length = text.chars().count();
        if schema.min_length.is_some_and(|least| length < least) {
            self.find(
                pointer,
                format!("it is shorter than {} characters", schema.min_length.unwrap_or_default()),
            );
        }
        if schema.max_length.is_some_and(|most| length > most) {
            self.find(
                pointer,
                format!("it is longer than {} characters", schema.max_length.unwrap_or_default()),
            );
        }
    }

    fn number(&mut self, schema: &MetaSchema, number: f64, pointer: &str) {
        if let Some(least) = schema.minimum.filter(|least| number < *least) {
            self.find(pointer, format!("it is less than {least}"));
        }
        if let Some(most) = schema.maximum.filter(|most| number > *most) {
            self.find(pointer, format!("it is more than {most}"));
        }
    }

    fn items(&mut self, schema: &MetaSchema, items: &[Value], pointer: &str) {
        if let Some(least) = schema.min_items.filter(|least| items.len() < *least) {
            self.find(pointer, format!("there are fewer than {least}"));
        }
        if let Some(most) = schema.max_items.filter(|most| items.len() > *most) {
            self.find(pointer, format!("there are more than {most}"));
        }
        let Some(inner) = &schema.items else { return };
        for (at, item) in items.iter().enumerate() {
            if self.found.len() >= MOST {
                return;
            }
            self.reference(inner, item, &format!("{pointer}/{at}"));
        }
    }

    fn fields(&mut self, schema: &MetaSchema, fields: &serde_json::Map<String, Value>, pointer: &str) {
        // An object without properties is a map.
        if schema.properties.is_empty() {
            return;
        }
        for name in fields.keys().filter(|name| !schema.properties.iter().any(|(known, _)| known == name)) {
            self.find(&format!("{pointer}/{}", escaped(name)), "there is no such field");
        }
        for (name, inner) in &schema.properties {
            let at = format!("{pointer}/{}", escaped(name));
            match fields.get(*name) {
                None | Some(Value::Null) if schema.required.contains(name) => self.find(&at, "it is missing"),
                None | Some(Value::Null) => {}
                Some(value) => self.reference(inner, value, &at),
            }
        }
    }
}

/// A field's name within a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use poem_openapi::{Enum, Object};
    use serde_json::json;

    use super::*;

    #[derive(Enum)]
    #[oai(rename_all = "snake_case")]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Object)]
    #[oai(deny_unknown_fields)]
    struct Part {
        #[oai(validator(maximum(value = "5")))]
        count: u32,
    }

    #[derive(Object)]
    #[oai(deny_unknown_fields)]
    struct Whole {
        #[oai(validator(min_length = 2, max_length = 4))]
        name: String,
        colour: Option<Colour>,
        #[oai(validator(max_items = 2))]
        parts: Vec<Part>,
    }

    fn found(value: Value) -> Vec<(String, String)> {
        findings::<Whole>(&value).into_iter().map(|error| (error.pointer, error.detail)).collect()
    }

    #[test]
    fn everything_wrong_is_found_where_it_stands() {
        let body = json!({
            "name": "x", "colour": "green", "parts": [{ "count": 9 }, { "count": "1" }, {}], "a/b": 1,
        });
        let pointers: Vec<_> = found(body).into_iter().map(|(pointer, _)| pointer).collect();
        let all = [
            "#/a~1b",
            "#/name",
            "#/colour",
            "#/parts",
            "#/parts/0/count",
            "#/parts/1/count",
            "#/parts/2/count",
        ];
        assert_eq!(pointers, all);
        assert_eq!(found(json!([])), [("#".to_owned(), "it is no object".to_owned())]);
        let named = found(json!({ "name": 7, "colour": null, "parts": [] }));
        assert_eq!(named, [("#/name".to_owned(), "it is no string".to_owned())]);
    }

    #[test]
    fn what_is_right_is_not_complained_about() {
        assert_eq!(found(json!({ "name": "Жж👋", "colour": "red", "parts": [{ "count": 5 }] })), []);
        assert_eq!(findings::<Whole>(&json!({ "parts": vec![json!({}); 1000] })).len(), MOST);
    }
}
