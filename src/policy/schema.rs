//! The JSON Schema of policies, for editors.
//!
//! Only plain keywords: editors explain `anyOf` badly, and TOML knows no null. Which parameters
//! belong to which check cannot be said that way, so `with` allows those of all checks here; the
//! loader is exact.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::shape::{Empty, Field, Shape, Type};
use super::{tables, testing};
use crate::checks::{CHECKS, CheckInfo};
use crate::model::kind::Kind;

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

/// The schema of a file of tests. The facts are those of `docs/schemas/inventory.schema.json`, with less that must
/// be there, and are not described again.
pub fn tests_schema() -> Value {
    let shapes = testing::tables::ALL.iter().skip(1);
    let definitions: Map<String, Value> = shapes.map(|shape| (key(shape), table(shape, CHECKS))).collect();
    let mut schema = table(&testing::tables::DOCUMENT, CHECKS);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".to_owned(), "tests of a lastgood policy".into());
        object.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

/// The name of a table in `$defs`.
fn key(shape: &Shape) -> String {
    shape.name.trim_matches(['[', ']']).replace('.', "-")
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
        Type::Condition => json!({"type": "string", "minLength": 1, "maxLength": crate::cel::LONGEST}),
        Type::Id => json!({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}),
        Type::Name => json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}),
        Type::Span => json!({"type": "string", "pattern": SPAN}),
        Type::Count => json!({"type": "integer", "minimum": 0}),
        // TOML's own, or a text: editors know a date-time only by its `format`.
        Type::Time => json!({"type": "string", "format": "date-time"}),
        Type::Raw => json!({"type": "object"}),
        Type::Flag => json!({"type": "boolean"}),
        // By this `format` editors know that a TOML date is meant and not a text; with a `pattern`
        // in its place, Tombi refuses dates.
        Type::Date => json!({"type": "string", "format": "date"}),
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
    let mut properties: BTreeMap<&'static str, (Value, Vec<String>)> = BTreeMap::new();
    for check in checks {
        for field in check.params.iter().map(Field::from) {
            let ty = kind(field.ty, checks);
            let (known, docs) = properties.entry(field.name).or_insert_with(|| (ty.clone(), Vec::new()));
            if *known != ty {
                *known = json!({});
            }
            docs.push(format!("{}: {}", check.id, field.docs));
        }
    }
    let describe = |(name, (mut property, docs)): (&str, (Value, Vec<String>))| {
        if let Some(object) = property.as_object_mut() {
            object.insert("description".to_owned(), docs.join("\n").into());
        }
        (name.to_owned(), property)
    };
    let properties: Map<String, Value> = properties.into_iter().map(describe).collect();
    json!({
        "type": "object", "description": "The parameters of the check.", "properties": properties,
        "additionalProperties": false,
    })
}

fn toml_to_json(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}
