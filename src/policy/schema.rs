//! The JSON Schema of policies, for editors.
//!
//! Only plain keywords: editors explain `anyOf` badly, and TOML knows no null. Which parameters
//! belong to which check cannot be said that way, so `with` allows those of all checks here; the
//! loader is exact.

use serde_json::{Map, Value, json};

use super::shape::{Empty, Field, Shape, Type};
use super::tables;
use crate::checks::{CHECKS, CheckInfo};
use crate::model::kind::Kind;

const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const SPAN: &str = "^([0-9]+[wdhms])+$";

/// The schema of a policy file.
pub fn schema() -> Value {
    schema_with(CHECKS)
}

/// The schema of a policy file whose rules may use these checks.
pub fn schema_with(checks: &[&'static CheckInfo]) -> Value {
    let definitions = tables::ALL.iter().map(|shape| (key(shape), table(shape, checks)));
    let mut definitions: Map<String, Value> = definitions.collect();
    definitions.insert("with".to_owned(), with(checks));
    let mut schema = table(&tables::DOCUMENT, checks);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".to_owned(), "lastgood policy".into());
        object.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

/// The name of a table in `$defs`.
fn key(shape: &Shape) -> String {
    shape.name.trim_matches(['[', ']']).to_owned()
}

fn table(shape: &Shape, checks: &[&'static CheckInfo]) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|field| (field.name.to_owned(), property(field, checks))).collect();
    // What an extended policy says need not be repeated, so of a rule only the id is required here.
    let required = shape.fields.iter().filter(|field| field.required);
    let required: Vec<&str> = if std::ptr::eq(shape, &raw const tables::RULE) {
        vec!["id"]
    } else {
        required.map(|field| field.name).collect()
    };
    let mut object = json!({
        "type": "object", "description": shape.docs, "properties": properties, "additionalProperties": false,
    });
    if let (Some(object), false) = (object.as_object_mut(), required.is_empty()) {
        object.insert("required".to_owned(), required.into());
    }
    object
}

fn property(field: &Field, checks: &[&'static CheckInfo]) -> Value {
    let mut property = kind(field.ty, checks);
    if let Some(object) = property.as_object_mut() {
        object.insert("description".to_owned(), field.docs.into());
        if let Some(default) = field.default.and_then(toml_to_json) {
            object.insert("default".to_owned(), default);
        }
    }
    property
}

fn kind(ty: Type, checks: &[&'static CheckInfo]) -> Value {
    let text = || json!({"type": "string", "minLength": 1});
    let list = |items: Value, empty: Empty| match empty {
        Empty::Allowed => json!({"type": "array", "items": items}),
        Empty::Refused => json!({"type": "array", "items": items, "minItems": 1}),
    };
    match ty {
        Type::Line | Type::Prose | Type::Zone => text(),
        Type::Id => json!({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}),
        Type::Name => json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}),
        Type::Span => json!({"type": "string", "pattern": SPAN}),
        Type::Count => json!({"type": "integer", "minimum": 0}),
        Type::Flag => json!({"type": "boolean"}),
        // No `format`: tools disagree on whether a TOML date is a text, and all accept a pattern.
        Type::Date => json!({"type": "string", "pattern": DATE}),
        Type::Choice(words) => json!({"type": "string", "enum": words}),
        Type::Lines(empty) => list(text(), empty),
        Type::Choices(words, empty) => list(json!({"type": "string", "enum": words}), empty),
        // One or many cannot be said in plain keywords; the loader is exact.
        Type::LineOrLines => json!({"type": ["string", "array"], "items": text(), "minLength": 1, "minItems": 1}),
        Type::Kinds => {
            let words: Vec<&str> = std::iter::once("*").chain(Kind::ALL.iter().map(|kind| kind.id())).collect();
            list(json!({"type": "string", "enum": words}), Empty::Refused)
        }
        Type::Check => json!({"type": "string", "enum": checks.iter().map(|check| check.id).collect::<Vec<_>>()}),
        Type::With => json!({"$ref": "#/$defs/with"}),
        Type::Tags => json!({
            "type": "object", "minProperties": 1,
            "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1},
        }),
        Type::Table(shape) => json!({"$ref": format!("#/$defs/{}", key(shape))}),
        Type::Tables(shape) => json!({"type": "array", "items": {"$ref": format!("#/$defs/{}", key(shape))}}),
    }
}

/// The parameters of all checks together. Where two checks mean different things by a name, only
/// the name is checked.
fn with(checks: &[&'static CheckInfo]) -> Value {
    let mut properties: Map<String, Value> = Map::new();
    let params = checks.iter().flat_map(|check| check.params.iter().map(|param| (check.id, Field::from(param))));
    for (check, field) in params {
        let described = format!("{check}: {}", field.docs);
        let ty = kind(field.ty, checks);
        let Some(known) = properties.get_mut(field.name).and_then(Value::as_object_mut) else {
            let mut property = ty;
            property["description"] = described.into();
            properties.insert(field.name.to_owned(), property);
            continue;
        };
        let text = known.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = Value::from(format!("{text}\n{described}"));
        let same = ty.as_object().is_some_and(|ty| ty.iter().all(|(key, value)| known.get(key) == Some(value)));
        if !same {
            known.clear();
        }
        known.insert("description".to_owned(), description);
    }
    json!({
        "type": "object", "description": "The parameters of the check.", "properties": properties,
        "additionalProperties": false,
    })
}

fn toml_to_json(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}
