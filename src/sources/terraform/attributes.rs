//! The attributes that matter of a resource's values. The rest is skipped while it is read.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::sources::iac::Problem;

/// Values by the name of the attribute. There are few, so that a list is faster than a map, and much smaller.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    values: Vec<(&'static str, Value)>,
    /// Whether `tags` is what `tags_all` is, as nearly always: it is kept once.
    same_tags: bool,
}

impl Attributes {
    /// The value of an attribute; the last one, where it stands twice.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let name = if self.same_tags && name == TAGS { ALL_TAGS } else { name };
        self.values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Whether it has a value.
    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

const TAGS: &str = "tags";
/// The tags with those that the provider adds.
const ALL_TAGS: &str = "tags_all";

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
        let mut tags: [Option<&'de RawValue>; 2] = [None; 2];
        let [own, all] = &mut tags;
        while let Some(key) = map.next_key_seed(Name(self.0))? {
            match key {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(TAGS) => *own = Some(map.next_value()?),
                Some(ALL_TAGS) => *all = Some(map.next_value()?),
                Some(name) => found.values.push((name, map.next_value()?)),
            }
        }
        let [own, all] = tags.map(|tags| tags.map(RawValue::get));
        found.same_tags = own.is_some() && own == all;
        let own = own.filter(|_| !found.same_tags);
        for (name, text) in [(TAGS, own), (ALL_TAGS, all)] {
            if let Some(text) = text {
                found.values.push((name, serde_json::from_str(text).map_err(A::Error::custom)?));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_whether_they_are_kept_once_or_twice() {
        let read = |text: &str| {
            let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
            let found = of(Some(&raw), &["tags", "id", "tags_all"]);
            found.map(|found| {
                ["tags", "tags_all", "id"].map(|name| found.as_ref().unwrap().get(name).map(Value::to_string))
            })
        };
        let text = |text: &str| Some(text.to_owned());
        let (one, other) = (r#"{"a":"1"}"#, r#"{"a":"1","b":"2"}"#);
        for (given, own, all) in [
            (format!(r#"{{"tags":{one},"tags_all":{one}}}"#), text(one), text(one)),
            (format!(r#"{{"tags_all":{other},"id":null,"tags":{one}}}"#), text(one), text(other)),
            (format!(r#"{{"tags":{one}}}"#), text(one), None),
            (format!(r#"{{"tags_all":{one}}}"#), None, text(one)),
            (format!(r#"{{"tags":null,"tags_all":{one}}}"#), text("null"), text(one)),
        ] {
            let found = read(&given).unwrap();
            assert_eq!((&found[0], &found[1]), (&own, &all), "{given}");
        }
        assert!(read(r#"{"tags":{"a":1e999}}"#).is_err(), "what cannot be read is refused");
    }
}
