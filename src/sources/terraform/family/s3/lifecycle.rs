//! Lifecycle rules, in the form of their own resource and in that of the block within the bucket.

use super::super::super::ask::Ask;
use super::super::super::view::{Got, View};
use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::resource::{LifecycleRule, Tags};
use crate::model::text::Text;

/// What decides how long versions are kept, and of which objects: none of it may be open.
const DECISIVE: &[&str] = &[
    "status",
    "enabled",
    "prefix",
    "filter.0.prefix",
    "filter.0.and.0.prefix",
    "filter.0.object_size_greater_than",
    "filter.0.object_size_less_than",
    "filter.0.and.0.object_size_greater_than",
    "filter.0.and.0.object_size_less_than",
    "filter.0.and.0.tags",
    "filter.0.tag.0.key",
    "filter.0.tag.0.value",
    "tags",
    "expiration.0.days",
    "expiration.0.date",
    "noncurrent_version_expiration.0.noncurrent_days",
    "noncurrent_version_expiration.0.newer_noncurrent_versions",
    "noncurrent_version_expiration.0.days",
];

/// The enabled rules under `path`.
pub(super) fn rules(ask: &Ask<'_, '_, '_>, path: &str) -> Fact<Vec<LifecycleRule>> {
    let view = ask.view;
    if let Got::Open(why) = view.got(path) {
        ask.open("lifecycle", path, &why);
        return Fact::Unread;
    }
    let mut rules = Vec::new();
    for index in 0..view.blocks(path) {
        let at = |name: &str| format!("{path}.{index}.{name}");
        for name in DECISIVE {
            let open = match view.got(&at(name)) {
                Got::Open(why) => Some(why),
                Got::Known(_) if name.ends_with("tags") => view.open_below(&at(name)),
                _ => None,
            };
            if let Some(why) = open {
                ask.open("lifecycle", &at(name), &why);
                return Fact::Unread;
            }
        }
        let date = at("expiration.0.date");
        if view.text(&date).is_some_and(|text| !text.is_empty() && text.parse::<Instant>().is_err()) {
            ask.open("lifecycle", &date, "is no date that is known here");
            return Fact::Unread;
        }
        let disabled = view.text(&at("status")) == Some("Disabled") || view.flag(&at("enabled")) == Some(false);
        if !disabled {
            rules.push(rule(view, &at));
        }
    }
    Fact::Known(rules)
}

fn rule(view: View<'_, '_>, at: &dyn Fn(&str) -> String) -> LifecycleRule {
    let number = |name: &str| view.number(&at(name)).filter(|number| *number > 0);
    let days = |name: &str| number(name).and_then(|days| u32::try_from(days).ok());
    let either = |a: &str, b: &str| number(a).or_else(|| number(b));
    let prefix = ["filter.0.and.0.prefix", "filter.0.prefix", "prefix"].iter().find_map(|name| view.text(&at(name)));
    LifecycleRule {
        id: Text::from(view.text(&at("id")).unwrap_or_default()),
        prefix: prefix.map(Text::from),
        tags: tags(view, at),
        larger_than: either("filter.0.object_size_greater_than", "filter.0.and.0.object_size_greater_than"),
        smaller_than: either("filter.0.object_size_less_than", "filter.0.and.0.object_size_less_than"),
        expire_days: days("expiration.0.days"),
        expire_on: view.text(&at("expiration.0.date")).and_then(|date| date.parse().ok()),
        noncurrent_days: days("noncurrent_version_expiration.0.noncurrent_days")
            .or_else(|| days("noncurrent_version_expiration.0.days")),
        newer_noncurrent_versions: days("noncurrent_version_expiration.0.newer_noncurrent_versions"),
    }
}

fn tags(view: View<'_, '_>, at: &dyn Fn(&str) -> String) -> Tags {
    let mut tags = Tags::new();
    for path in ["filter.0.and.0.tags", "tags"] {
        if let Got::Known(serde_json::Value::Object(fields)) = view.got(&at(path)) {
            let texts =
                fields.iter().filter_map(|(key, value)| Some((Text::from(key.as_str()), value.as_str()?.into())));
            tags.extend(texts);
        }
    }
    let one = |name: &str| view.text(&at(&format!("filter.0.tag.0.{name}")));
    if let (Some(key), Some(value)) = (one("key"), one("value")) {
        tags.insert(key.into(), value.into());
    }
    tags
}
