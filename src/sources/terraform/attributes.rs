//! The attributes that matter of a resource's values. The rest is skipped while it is read.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::sources::iac::Problem;

/// Values by the name of the attribute. There are few, so that a list is faster than a map, and much smaller.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<(&'static str, Value)>);

impl Attributes {
    /// The value of an attribute; the last one, where it stands twice.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Whether it has a value.
    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// The wanted attributes of an object; `None` where it is null or absent.
///
/// # Errors
/// [`Problem::Form`] where it is something else than an object, or holds what cannot be read.
pub(super) fn of(raw: Option<&RawValue>, wanted: &'static [&'static str]) -> Result<Option<Attributes>, Problem> {
    let Some(text) = raw.map(RawValue::get) else { return Ok(None) };
    match text {
        "null" | "false" | "true" => return Ok(None),
        "{}" => return Ok(Some(Attributes::default())),
        _ if wanted.is_empty() => return Ok(Some(Attributes::default())),
        _ => {}
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = Wanted(wanted).deserialize(&mut parser);
    read.map(Some).map_err(|_| Problem::Form("the values of a resource are no object".to_owned()))
}

struct Wanted(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Attributes;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Attributes, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut found = Attributes::default();
        while let Some(key) = map.next_key_seed(Name(self.0))? {
            match key {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(name) => {
                    found.0.push((name, map.next_value()?));
                }
            }
        }
        Ok(found)
    }
}

/// Reads a key without keeping it.
struct Name(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static str>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().copied().find(|name| *name == text))
    }
}

/// Whether one attribute of any resource is unknown as a whole: asked only where a reference leads to it.
pub(super) fn is_unknown(raw: Option<&RawValue>, attribute: &str) -> bool {
    let Some(raw) = raw else { return false };
    struct One<'n>(&'n str);
    impl<'de> Visitor<'de> for One<'_> {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let mut found = false;
            while let Some(key) = map.next_key::<String>()? {
                if key == self.0 {
                    found = has_true(&map.next_value::<Value>()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
        fn visit_bool<E: serde::de::Error>(self, all: bool) -> Result<bool, E> {
            Ok(all)
        }
    }
    let mut parser = serde_json::Deserializer::from_str(raw.get());
    // What cannot be read is not known.
    parser.deserialize_any(One(attribute)).unwrap_or(true)
}

/// Whether a value of `after_unknown` or of a sensitivity says `true` anywhere.
pub(super) fn has_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Array(items) => items.iter().any(has_true),
        Value::Object(fields) => fields.values().any(has_true),
        _ => false,
    }
}

/// The value at a path below an attribute: names and indices.
pub(super) fn walk<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Object(fields) => fields.get(*step),
        _ => None,
    })
}

/// Whether `true` stands at a path or above it.
pub(super) fn marked(value: Option<&Value>, path: &[&str]) -> bool {
    let mut value = value;
    for step in path {
        match value {
            Some(Value::Bool(flag)) => return *flag,
            Some(Value::Array(items)) => value = step.parse::<usize>().ok().and_then(|index| items.get(index)),
            Some(Value::Object(fields)) => value = fields.get(*step),
            _ => return false,
        }
    }
    matches!(value, Some(Value::Bool(true)))
}
